/** The device's TCP/IP stack: `DeviceSockets` over the simulated air. */
import { RigError } from '../../../rig/errors.js';
import type { Clock } from '../../../rig/time/clock.js';
import type { DeviceSocketEvent, DeviceSockets } from './device-sockets.js';
import type { InboundTaker } from './inbound.js';
import type { Radio } from './radio.js';
import { resetSegment, type Segment } from './segment.js';
import { type EndReason, TcpEndpoint } from './tcp-endpoint.js';
import { DEVICE_TCP } from './tcp-profile.js';
import type { Route, VirtualNetwork } from './virtual-network.js';

/** lwIP's TCP_LOCAL_PORT_RANGE_START and _END. */
const FIRST_LOCAL_PORT = 49_152;
const LOCAL_PORTS = 65_536 - FIRST_LOCAL_PORT;

export interface DeviceStackOptions {
  readonly clock: Clock;
  readonly network: VirtualNetwork;
  readonly radio: Radio;
  /** The device's address, for the names of its connections. */
  readonly address: string;
  readonly listener: (event: DeviceSocketEvent) => void;
}

/** Sockets of connections that came in are numbered from here: the device numbers its own from 1. */
const FIRST_CHILD = 1_000_000;

export class DeviceStack implements DeviceSockets, InboundTaker {
  private readonly options: DeviceStackOptions;
  /** By the application's socket number. */
  private readonly sockets = new Map<number, TcpEndpoint>();
  /** By connection number; those that the application has closed and that are not finished, too. */
  private readonly endpoints = new Map<number, TcpEndpoint>();
  /** Ports on which the application listens, with its sockets. */
  private readonly listening = new Map<number, number>();
  /** Counts `vanish`: an event of before must not reach the firmware that runs after. */
  private life = 0;

  constructor(options: DeviceStackOptions) {
    this.options = options;
  }

  connect(socket: number, address: string, port: number): void {
    if (this.sockets.has(socket)) {
      throw new RigError(
        'BENCH',
        `The device's socket ${socket} is in use; close it before it connects again.`,
      );
    }
    if (!this.options.radio.interfaceUp) {
      this.failUnreachable(socket);
      return;
    }
    const endpoint = this.createEndpoint(socket, address, port);
    this.sockets.set(socket, endpoint);
    this.endpoints.set(endpoint.connection, endpoint);
    endpoint.start();
  }

  listen(socket: number, port: number): void {
    this.listening.set(port, socket);
  }

  /** A segment of a connection that the host opened, or wants to open. */
  arrive(segment: Segment, port: number, remote: string, answer: (segment: Segment) => void): void {
    const known = this.endpoints.get(segment.connection);
    const listener = this.listening.get(port);
    if (known !== undefined) known.receive(segment);
    else if (segment.syn && listener !== undefined)
      this.takeCall(listener, segment.connection, remote, answer);
    else if (!segment.rst) answer(resetSegment(segment.connection));
  }

  send(socket: number, bytes: Uint8Array): void {
    this.sockets.get(socket)?.write(bytes);
  }

  consumed(socket: number, lengthBytes: number): void {
    this.sockets.get(socket)?.consumed(lengthBytes);
  }

  close(socket: number): void {
    for (const [port, listener] of this.listening) if (listener === socket) this.listening.delete(port);
    const endpoint = this.sockets.get(socket);
    this.sockets.delete(socket);
    endpoint?.finish();
  }

  abort(socket: number): void {
    const endpoint = this.sockets.get(socket);
    if (endpoint === undefined) return;
    this.sockets.delete(socket);
    this.endpoints.delete(endpoint.connection);
    endpoint.abort();
  }

  vanish(): void {
    this.life += 1;
    for (const endpoint of this.endpoints.values()) endpoint.vanish();
    this.endpoints.clear();
    this.sockets.clear();
    this.listening.clear();
  }

  private takeCall(
    listener: number,
    connection: number,
    remote: string,
    transmit: (segment: Segment) => void,
  ): void {
    const child = FIRST_CHILD + connection;
    const endpoint: TcpEndpoint = new TcpEndpoint(this.options.clock, connection, 'passive', DEVICE_TCP, {
      ...this.handlers(() => endpoint, child),
      transmit,
      connected: () => {
        this.tell(endpoint, child, { kind: 'incoming', socket: listener, child, remote });
      },
    });
    this.sockets.set(child, endpoint);
    this.endpoints.set(connection, endpoint);
    endpoint.start();
  }

  private failUnreachable(socket: number): void {
    const { clock, listener } = this.options;
    const life = this.life;
    clock.at('no route to host', clock.now(), () => {
      if (life === this.life) listener({ kind: 'failed', socket, error: 'unreachable' });
    });
  }

  private createEndpoint(socket: number, address: string, port: number): TcpEndpoint {
    const { clock, network, radio } = this.options;
    const connection = network.nextConnection();
    const route: Route = {
      address,
      port,
      remote: `${this.options.address}:${FIRST_LOCAL_PORT + (connection % LOCAL_PORTS)}`,
      radio,
      deliver: (segment) => this.receive(segment, route),
    };
    const endpoint: TcpEndpoint = new TcpEndpoint(clock, connection, 'active', DEVICE_TCP, {
      ...this.handlers(() => endpoint, socket),
      transmit: (segment) => this.transmit(segment, route),
      connected: () => this.tell(endpoint, socket, { kind: 'connected', socket }),
    });
    return endpoint;
  }

  /** What becomes of an endpoint, told of the application's socket. */
  private handlers(endpoint: () => TcpEndpoint, socket: number) {
    return {
      data: (bytes: Uint8Array) => {
        // What arrives after the application closed is discarded, and its space is free at once.
        if (!this.tell(endpoint(), socket, { kind: 'data', socket, bytes }))
          endpoint().consumed(bytes.length);
      },
      acked: (lengthBytes: number) => this.tell(endpoint(), socket, { kind: 'acked', socket, lengthBytes }),
      peerClosed: () => this.tell(endpoint(), socket, { kind: 'peerClosed', socket }),
      ended: (reason: EndReason) => this.noteEnd(endpoint(), socket, reason),
    };
  }

  private receive(segment: Segment, route: Route): void {
    const endpoint = this.endpoints.get(segment.connection);
    if (endpoint !== undefined) endpoint.receive(segment);
    else if (!segment.rst) this.transmit(resetSegment(segment.connection), route);
  }

  private transmit(segment: Segment, route: Route): void {
    this.options.radio.carry('toHost', () => this.options.network.receive(segment, route));
  }

  /** Tells the application, if the socket still is this endpoint's. */
  private tell(endpoint: TcpEndpoint, socket: number, event: DeviceSocketEvent): boolean {
    if (this.sockets.get(socket) !== endpoint) return false;
    this.options.listener(event);
    return true;
  }

  private noteEnd(endpoint: TcpEndpoint, socket: number, reason: EndReason): void {
    this.endpoints.delete(endpoint.connection);
    if (this.sockets.get(socket) !== endpoint) return;
    this.sockets.delete(socket);
    const { listener } = this.options;
    if (!endpoint.wasOpen) {
      listener({ kind: 'failed', socket, error: reason === 'refused' ? 'refused' : 'timedOut' });
    } else if (reason !== 'closed') {
      listener({ kind: 'reset', socket, byPeer: reason === 'reset' });
    }
  }
}
