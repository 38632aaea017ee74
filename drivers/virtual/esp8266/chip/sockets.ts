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

/** lwIP on this port: TCP_MSS. */
const SEGMENT_BYTES = 536;
/** lwIP on this port: TCP_SND_BUF is two segments. */
const SEND_BUFFER_BYTES = 2 * SEGMENT_BYTES;
/** lwIP on this port: five TCP connections (MEMP_NUM_TCP_PCB). */
const SOCKET_LIMIT = 5;

export const socketEvent = { readable: 1, writable: 4, error: 8, hangUp: 16 } as const;

interface Socket {
  state: 'new' | 'connecting' | 'connected' | 'failed';
  readonly received: Uint8Array[];
  /** Bytes read by the program that the network does not know of yet. */
  consumed: number;
  freeToSend: number;
  peerClosed: boolean;
  error: number;
}

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
    if (this.open.size >= SOCKET_LIMIT) return -errno.ENOMEM;
    const id = this.nextId;
    this.nextId += 1;
    this.open.set(id, {
      state: 'new',
      received: [],
      consumed: 0,
      freeToSend: SEND_BUFFER_BYTES,
      peerClosed: false,
      error: 0,
    });
    return id;
  }

  /** Starts to connect. Returns 0 or a negative errno. */
  connect(id: number, address: string, port: number): number {
    const socket = this.open.get(id);
    if (socket === undefined) return -errno.EBADF;
    if (socket.state === 'connected') return -errno.EISCONN;
    if (socket.state !== 'new') return -errno.EALREADY;
    socket.state = 'connecting';
    this.tellHost(deviceRecord.socketConnect, id, port, new TextEncoder().encode(address));
    return 0;
  }

  /** Which of the events in `mask` are there; errors and hang-up always show. */
  poll(id: number, mask: number): number {
    this.cpu.work(costs.socketCallUs);
    const events = this.events(id) & (mask | socketEvent.error | socketEvent.hangUp);
    if (events === 0) this.cpu.observed();
    return events;
  }

  /** Blocks until one of the events in `mask` is there. Returns 0 after `timeoutMs`; a negative one never ends. */
  wait(id: number, mask: number, timeoutMs: number): number {
    this.cpu.work(costs.socketCallUs);
    const deadlineUs = timeoutMs < 0 ? Number.POSITIVE_INFINITY : this.cpu.now() + timeoutMs * 1_000;
    const wanted = mask | socketEvent.error | socketEvent.hangUp;
    while ((this.events(id) & wanted) === 0 && this.cpu.now() < deadlineUs) {
      if (this.cpu.stopped || this.cpu.interrupted) break;
      this.cpu.waitForEvent(deadlineUs);
    }
    return this.events(id) & wanted;
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
    this.tellHost(deviceRecord.socketClose, id, 0);
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
        socket.state = 'failed';
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

  private events(id: number): number {
    const socket = this.open.get(id);
    if (socket === undefined) return socketEvent.error;
    let events = 0;
    if (socket.received.length > 0 || socket.peerClosed) events |= socketEvent.readable;
    if (socket.state === 'connected' && socket.freeToSend > 0) events |= socketEvent.writable;
    if (socket.error !== 0) events |= socketEvent.error;
    if (socket.peerClosed) events |= socketEvent.hangUp;
    return events;
  }

  private tellHost(kind: number, id: number, b: number, bytes?: Uint8Array): void {
    this.cpu.work(costs.socketCallUs);
    this.cpu.progress();
    const now = this.cpu.now();
    this.cpu.post(kind, now, now + RADIO_LOOKAHEAD_US, id, b, bytes);
  }
}

/** Moves bytes from the front of `chunks` into `target`; returns how many. */
function takeBytes(chunks: Uint8Array[], target: Uint8Array): number {
  let filled = 0;
  while (filled < target.length) {
    const chunk = chunks[0];
    if (chunk === undefined) break;
    const part = chunk.subarray(0, target.length - filled);
    target.set(part, filled);
    filled += part.length;
    if (part.length === chunk.length) chunks.shift();
    else chunks[0] = chunk.subarray(part.length);
  }
  return filled;
}
