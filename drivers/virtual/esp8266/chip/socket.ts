/** One TCP socket as lwIP keeps it, and which events it shows to a program that polls it. */
import { errno } from './errno.js';

/** lwIP on this port: TCP_MSS. */
export const SEGMENT_BYTES = 536;
/** lwIP on this port: TCP_SND_BUF is two segments. */
const SEND_BUFFER_BYTES = 2 * SEGMENT_BYTES;
/** lwIP's `struct tcp_pcb`, with what the allocator adds: some fifty words. */
const CONNECTION_BYTES = 200;

/** MP_STREAM_POLL_… of py/stream.h. */
export const socketEvent = { readable: 1, writable: 4, error: 8, hangUp: 16, invalid: 32 } as const;

/** Those that show unasked: the socket is of no use. */
const UNASKED = socketEvent.error | socketEvent.hangUp | socketEvent.invalid;

export interface Socket {
  state: 'new' | 'connecting' | 'connected' | 'failed' | 'listening';
  readonly received: Uint8Array[];
  /** Bytes read by the program that the network does not know of yet. */
  consumed: number;
  freeToSend: number;
  peerClosed: boolean;
  error: number;
  /** Bound to this port; 0 for none. */
  port: number;
  /** Who is at the other end of a connection that came in, `address:port`. */
  remote: string;
  /** Connections that came in and wait for `accept`, at most `backlog`. */
  readonly waiting: number[];
  backlog: number;
}

export const newSocket = (): Socket => ({
  state: 'new',
  received: [],
  consumed: 0,
  freeToSend: SEND_BUFFER_BYTES,
  peerClosed: false,
  error: 0,
  port: 0,
  remote: '',
  waiting: [],
  backlog: 0,
});

/** The events that show, as lwip_socket_ioctl() has them (extmod/modlwip.c): those in `mask`, and those that show unasked. */
export const shownEvents = (socket: Socket | undefined, mask: number): number =>
  eventsOf(socket) & (mask | UNASKED);

/** What ends a wait. For room to send it goes on after the peer has closed its side, as in lwip_tcp_send(). */
export function awaitedEvents(socket: Socket | undefined, mask: number): number {
  if (mask === socketEvent.writable && socket?.state === 'connected' && socket.peerClosed)
    return socket.freeToSend > 0 ? socketEvent.writable : 0;
  return shownEvents(socket, mask);
}

function eventsOf(socket: Socket | undefined): number {
  if (socket === undefined) return socketEvent.invalid;
  const { state, received, waiting, peerClosed, error, freeToSend } = socket;
  if (state === 'new') return socketEvent.hangUp;
  if (state === 'failed') {
    if (error === errno.ECONNRESET) return socketEvent.writable | socketEvent.hangUp;
    return error === 0 ? socketEvent.invalid : socketEvent.error;
  }
  // Where the peer has closed, a read gives the end of the stream, and a write may give an error.
  if (peerClosed) return socketEvent.readable | socketEvent.writable;
  let events = 0;
  if (received.length > 0 || waiting.length > 0) events |= socketEvent.readable;
  if (state === 'connected' && freeToSend > 0) events |= socketEvent.writable;
  return events;
}

/** RAM that it keeps: itself, what was not read, what was not acknowledged. */
export function ramOf({ received, freeToSend }: Socket): number {
  const unread = received.reduce((sum, chunk) => sum + chunk.length, 0);
  return CONNECTION_BYTES + unread + SEND_BUFFER_BYTES - freeToSend;
}

/** Moves bytes from the front of `chunks` into `target`; returns how many. */
export function takeBytes(chunks: Uint8Array[], target: Uint8Array): number {
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
