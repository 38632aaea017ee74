/**
 * The host's side of the simulated network: ports that listen, and the connections that devices open to them.
 * The host hangs on the access point by cable; only the air loses anything.
 */
import { RigError } from '../../../rig/errors.js';
import type { Connection, Listener, Network } from '../../../rig/ports.js';
import type { Clock } from '../../../rig/time/clock.js';
import type { Radio } from './radio.js';
import { resetSegment, type Segment } from './segment.js';
import { type EndReason, TcpEndpoint } from './tcp-endpoint.js';
import { HOST_TCP } from './tcp-profile.js';
import { VirtualConnection } from './virtual-connection.js';

export const DEFAULT_HOST_ADDRESS = '192.168.4.1';

/** Ports that the system gives out when 0 is asked for (RFC 6335). */
const FIRST_EPHEMERAL_PORT = 49_152;

/** Where the segments of one connection come from and go to. */
export interface Route {
  readonly address: string;
  readonly port: number;
  /** The device's end, `address:port`. */
  readonly remote: string;
  readonly radio: Radio;
  /** A segment reaches the device. */
  deliver(segment: Segment): void;
}

type Accept = (connection: Connection) => void;

/** Where a device connects to. */
export interface Destination {
  readonly address: string;
  readonly port: number;
}

/** What takes the connections that a device opens to somewhere; undefined where they are refused. */
export type Gateway = (to: Destination) => Accept | undefined;

export class VirtualNetwork implements Network {
  readonly hostAddress: string;
  private readonly clock: Clock;
  private readonly accepting = new Map<number, Accept>();
  private readonly endpoints = new Map<number, TcpEndpoint>();
  private readonly gateway: Gateway | undefined;
  private connections = 0;

  /** `gateway` takes the connections that go to nothing that listens here. */
  constructor(options: { readonly clock: Clock; readonly hostAddress?: string; readonly gateway?: Gateway }) {
    this.clock = options.clock;
    this.gateway = options.gateway;
    this.hostAddress = options.hostAddress ?? DEFAULT_HOST_ADDRESS;
  }

  /** Accepts connections on `port`, or on a free one when it is 0. Rejects with `BENCH` when it is taken. */
  listen(port: number, accept: Accept): Promise<Listener> {
    const bound = port === 0 ? this.freePort() : port;
    if (this.accepting.has(bound)) {
      const message = `Port ${bound} of the virtual host is taken: something listens on it already.`;
      return Promise.reject(new RigError('BENCH', message));
    }
    this.accepting.set(bound, accept);
    return Promise.resolve({
      port: bound,
      close: () => {
        if (this.accepting.get(bound) === accept) this.accepting.delete(bound);
        return Promise.resolve();
      },
    });
  }

  /** A number for a device's new connection. */
  nextConnection(): number {
    this.connections += 1;
    return this.connections;
  }

  /** A segment from the device has reached the cable. One for another address than the host's gets no answer. */
  receive(segment: Segment, route: Route): void {
    if (route.address !== this.hostAddress && this.gateway === undefined) return;
    const endpoint = this.endpoints.get(segment.connection);
    if (endpoint !== undefined) {
      endpoint.receive(segment);
      return;
    }
    if (segment.rst) return;
    const accept = this.takerOf(route);
    if (segment.syn && accept !== undefined) this.open(segment.connection, route, accept);
    else this.transmit(resetSegment(segment.connection), route);
  }

  private takerOf({ address, port }: Route): Accept | undefined {
    const listening = address === this.hostAddress ? this.accepting.get(port) : undefined;
    return listening ?? this.gateway?.({ address, port });
  }

  private open(number: number, route: Route, accept: Accept): void {
    let connection: VirtualConnection | undefined;
    const endpoint: TcpEndpoint = new TcpEndpoint(this.clock, number, 'passive', HOST_TCP, {
      transmit: (segment) => {
        if (segment.rst) this.endpoints.delete(number);
        this.transmit(segment, route);
      },
      connected: () => {
        connection = new VirtualConnection(route.remote, endpoint);
        accept(connection);
      },
      data: (bytes) => connection?.noteData(bytes),
      acked: () => connection?.noteRoom(),
      peerClosed: () => connection?.notePeerClosed(),
      ended: (reason) => {
        this.endpoints.delete(number);
        connection?.noteGone(describeEnd(reason));
      },
    });
    this.endpoints.set(number, endpoint);
    endpoint.start();
  }

  private transmit(segment: Segment, route: Route): void {
    route.radio.carry('toDevice', () => route.deliver(segment));
  }

  private freePort(): number {
    let port = FIRST_EPHEMERAL_PORT;
    while (this.accepting.has(port)) port += 1;
    return port;
  }
}

function describeEnd(reason: EndReason): string {
  switch (reason) {
    case 'closed':
      return 'both sides have closed it';
    case 'reset':
    case 'refused':
      return 'the device reset it';
    case 'timedOut':
      return 'the device answered no retransmission';
  }
}
