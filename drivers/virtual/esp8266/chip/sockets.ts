/**
 * TCP sockets on the device's side: what lwIP keeps in the chip's RAM. The segments travel on the host's side,
 * in the simulated network.
 */
import { type BoardRecord, deviceRecord, hostRecord } from '../lockstep/records.js';
import { costs } from './costs.js';
import type { Cpu } from './cpu.js';
import { errno } from './errno.js';
import { RADIO_LOOKAHEAD_US } from './lookahead.js';
import { ReceiveQueue } from './receive-queue.js';
import {
  awaitedEvents,
  newSocket,
  ramOf,
  SEGMENT_BYTES,
  type Socket,
  shownEvents,
  takeBytes,
} from './socket.js';

/** lwIP on this port: five TCP connections (MEMP_NUM_TCP_PCB). */
const SOCKET_LIMIT = 5;

/** lwIP's TCP_LOCAL_PORT_RANGE_START. */
const FIRST_LOCAL_PORT = 49_152;

export class Sockets {
  private readonly open = new Map<number, Socket>();
  private nextId = 1;
  private readonly cpu: Cpu;
  /** Shared by all sockets. It outlives them, and the interpreter. */
  readonly queue: ReceiveQueue;

  /** `printAt`: the UART, which the vendor's WiFi stack prints on by itself. */
  constructor(cpu: Cpu, printAt: (baud: number, text: string) => void = () => undefined) {
    this.cpu = cpu;
    this.queue = new ReceiveQueue({
      now: () => cpu.now(),
      print: printAt,
      onBlocked: () => cpu.post(deviceRecord.radioBlocked, cpu.now(), cpu.now() + RADIO_LOOKAHEAD_US, 0, 0),
    });
  }

  accept(record: BoardRecord): boolean {
    if (record.kind === hostRecord.socketIncoming) {
      this.takeCall(record);
      return true;
    }
    const isSocketRecord =
      record.kind >= hostRecord.socketConnected && record.kind <= hostRecord.socketPeerClosed;
    if (!isSocketRecord) return false;
    const socket = this.open.get(record.a);
    if (socket !== undefined) this.apply(record, socket);
    return true;
  }

  /** A new socket's number, or a negative errno. */
  create(): number {
    this.cpu.work(costs.socketCallUs);
    if (this.inUse >= SOCKET_LIMIT) return -errno.ENOMEM;
    const id = this.nextId;
    this.nextId += 1;
    this.open.set(id, newSocket());
    return id;
  }

  /** Starts to connect. Returns 0 or a negative errno. */
  connect(id: number, address: string, port: number): number {
    const socket = this.open.get(id);
    if (socket === undefined) return -errno.EBADF;
    if (socket.state === 'connected') return -errno.EISCONN;
    if (socket.state !== 'new') return -errno.EALREADY;
    socket.state = 'connecting';
    socket.error = 0;
    this.tellHost(deviceRecord.socketConnect, id, port, new TextEncoder().encode(address));
    return 0;
  }

  /** Returns 0 or a negative errno. Without a port, lwIP chooses one. */
  bind(id: number, port: number): number {
    const socket = this.open.get(id);
    if (socket === undefined) return -errno.EBADF;
    if (socket.state !== 'new' || socket.port !== 0) return -errno.EINVAL;
    if (port !== 0 && this.isTaken(port)) return -errno.EADDRINUSE;
    socket.port = port === 0 ? this.freePort() : port;
    return 0;
  }

  /** Waits for connections from now on, at most `backlog` of them at a time. Returns 0 or a negative errno. */
  listen(id: number, backlog: number): number {
    const socket = this.open.get(id);
    if (socket === undefined) return -errno.EBADF;
    if (socket.state !== 'new') return -errno.EINVAL;
    if (socket.port === 0) socket.port = this.freePort();
    socket.state = 'listening';
    socket.backlog = Math.max(1, backlog);
    this.tellHost(deviceRecord.socketListen, id, socket.port);
    return 0;
  }

  /** The number of a connection that came in, or a negative errno. */
  acceptCall(id: number): number {
    this.cpu.work(costs.socketCallUs);
    const socket = this.open.get(id);
    if (socket === undefined) return -errno.EBADF;
    if (socket.state !== 'listening') return -errno.EINVAL;
    const child = socket.waiting.shift();
    if (child !== undefined) return child;
    this.cpu.observed();
    return -errno.EAGAIN;
  }

  /** Who called, `address:port`. */
  remoteOf(id: number): string {
    return this.open.get(id)?.remote ?? '';
  }

  /** Which of the events in `mask` are there; errors, hang-up and that the socket is none always show. */
  poll(id: number, mask: number): number {
    this.cpu.work(costs.socketCallUs);
    const events = shownEvents(this.open.get(id), mask);
    if (events === 0) this.cpu.observed();
    return events;
  }

  /** Blocks until one of the events in `mask` is there. Returns 0 after `timeoutMs`; a negative one never ends. */
  wait(id: number, mask: number, timeoutMs: number): number {
    this.cpu.work(costs.socketCallUs);
    const deadlineUs = timeoutMs < 0 ? Number.POSITIVE_INFINITY : this.cpu.now() + timeoutMs * 1_000;
    while (awaitedEvents(this.open.get(id), mask) === 0 && this.cpu.now() < deadlineUs) {
      if (this.cpu.stopped || this.cpu.interrupted) break;
      this.cpu.waitForEvent(deadlineUs);
    }
    return awaitedEvents(this.open.get(id), mask);
  }

  /** Takes the pending error; 0 when there is none. */
  takeError(id: number): number {
    const socket = this.open.get(id);
    if (socket === undefined) return errno.EBADF;
    const error = socket.error;
    socket.error = 0;
    return error;
  }

  /** Returns the bytes read, 0 at the end of the stream, or a negative errno. */
  receive(id: number, target: Uint8Array): number {
    this.cpu.work(costs.socketCallUs);
    const socket = this.open.get(id);
    if (socket === undefined) return -errno.EBADF;
    const before = socket.received.length;
    const count = takeBytes(socket.received, target);
    this.queue.release(before - socket.received.length);
    if (count > 0) {
      this.consume(id, socket, count);
      return count;
    }
    if (socket.error !== 0) return -this.takeError(id);
    if (socket.peerClosed) return 0;
    if (socket.state === 'new') return -errno.ENOTCONN;
    if (socket.state === 'failed') return -errno.EBADF;
    this.cpu.observed();
    return -errno.EAGAIN;
  }

  /** Returns the bytes taken over, which may be fewer than given, or a negative errno. */
  send(id: number, bytes: Uint8Array): number {
    this.cpu.work(costs.socketCallUs);
    const socket = this.open.get(id);
    if (socket === undefined) return -errno.EBADF;
    if (socket.error !== 0) return -this.takeError(id);
    if (socket.state === 'failed') return -errno.EBADF;
    if (socket.state !== 'connected') return -errno.ENOTCONN;
    const count = Math.min(bytes.length, socket.freeToSend);
    if (count === 0) {
      this.cpu.observed();
      return -errno.EAGAIN;
    }
    socket.freeToSend -= count;
    this.tellHost(deviceRecord.socketSend, id, 0, bytes.slice(0, count));
    return count;
  }

  close(id: number): void {
    const socket = this.open.get(id);
    if (socket === undefined) return;
    this.dropReceived(socket);
    this.open.delete(id);
    // lwIP aborts what nobody has accepted.
    for (const child of socket.waiting.splice(0)) this.abort(child);
    this.tellHost(deviceRecord.socketClose, id, 0);
  }

  /** RAM that the sockets keep, be they still of use or only forgotten: each itself, what was not read, what was not acknowledged. */
  get ramBytes(): number {
    let bytes = 0;
    for (const socket of this.open.values()) bytes += ramOf(socket);
    return bytes;
  }

  /** The program is gone, and its finalisers have closed its sockets, as at a soft reset. */
  closeAll(): void {
    for (const id of [...this.open.keys()]) this.close(id);
  }

  /** lwIP opens the window again; told in pieces, because firmware reads lines byte by byte. */
  private consume(id: number, socket: Socket, count: number): void {
    socket.consumed += count;
    this.cpu.progress();
    if (socket.consumed < SEGMENT_BYTES && socket.received.length > 0) return;
    this.tellHost(deviceRecord.socketConsumed, id, socket.consumed);
    socket.consumed = 0;
  }

  /** A connection came in: it waits for `accept`, or is turned away where nobody listens (any more) or there is no room. */
  private takeCall({ a: listener, b: child, bytes }: BoardRecord): void {
    const socket = this.open.get(listener);
    const hasRoom = socket !== undefined && socket.waiting.length < socket.backlog;
    this.open.set(child, { ...newSocket(), state: 'connected', remote: new TextDecoder().decode(bytes) });
    if (hasRoom && this.inUse <= SOCKET_LIMIT) socket.waiting.push(child);
    else this.abort(child);
  }

  private abort(id: number): void {
    const socket = this.open.get(id);
    if (socket !== undefined) this.dropReceived(socket);
    this.open.delete(id);
    const now = this.cpu.now();
    this.cpu.post(deviceRecord.socketAbort, now, now + RADIO_LOOKAHEAD_US, id, 0);
  }

  /** Sockets that count: lwIP has places of their own for those that listen. */
  private get inUse(): number {
    let count = 0;
    for (const { state } of this.open.values()) if (state !== 'listening') count += 1;
    return count;
  }

  private isTaken(port: number): boolean {
    for (const socket of this.open.values()) if (socket.port === port) return true;
    return false;
  }

  private freePort(): number {
    let port = FIRST_LOCAL_PORT;
    while (this.isTaken(port)) port += 1;
    return port;
  }

  /** What nobody will read any more leaves the queue. */
  private dropReceived(socket: Socket): void {
    this.queue.release(socket.received.length);
    socket.received.length = 0;
  }

  private apply(record: BoardRecord, socket: Socket): void {
    switch (record.kind) {
      case hostRecord.socketConnected:
        socket.state = 'connected';
        break;
      case hostRecord.socketFailed:
        // Where there is no way to the peer, lwIP does not begin to connect.
        socket.state = record.b === errno.EHOSTUNREACH ? 'new' : 'failed';
        socket.error = record.b;
        // As MicroPython's socket does when lwIP tells it of an error: what was not read is gone.
        this.dropReceived(socket);
        break;
      case hostRecord.socketData:
        if (this.queue.take()) socket.received.push(record.bytes);
        break;
      case hostRecord.socketAcked:
        socket.freeToSend += record.b;
        break;
      case hostRecord.socketPeerClosed:
        socket.peerClosed = true;
        break;
    }
  }

  private tellHost(kind: number, id: number, b: number, bytes?: Uint8Array): void {
    this.cpu.work(costs.socketCallUs);
    this.cpu.progress();
    const now = this.cpu.now();
    this.cpu.post(kind, now, now + RADIO_LOOKAHEAD_US, id, b, bytes);
  }
}
