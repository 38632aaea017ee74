/** A simulated connection as the host's code sees it: the `Connection` of the ports over a `TcpEndpoint`. */
import { RigError } from '../../../rig/errors.js';
import type { Connection } from '../../../rig/ports.js';
import type { TcpEndpoint } from './tcp-endpoint.js';

/** Calls of `write` and `end` that wait for room at a time. */
const WAITING_WRITES_LIMIT = 1_024;

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: RigError): void;
}

interface WaitingWrite extends Waiter<void> {
  rest: Uint8Array;
  /** `end` was called: FIN follows. */
  readonly last: boolean;
}

export class VirtualConnection implements Connection {
  readonly remote: string;
  private readonly endpoint: TcpEndpoint;
  /** Received and not read; the endpoint's receive window bounds it. */
  private readonly unread: Uint8Array[] = [];
  private readonly waitingWrites: WaitingWrite[] = [];
  private waitingRead: Waiter<Uint8Array | undefined> | undefined;
  private peerHasClosed = false;
  private endWasCalled = false;
  private destroyed = false;
  /** Why the connection is no more. */
  private gone: RigError | undefined;

  constructor(remote: string, endpoint: TcpEndpoint) {
    this.remote = remote;
    this.endpoint = endpoint;
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.waitingRead !== undefined) {
      return Promise.reject(
        new RigError('USAGE', `Two reads at a time on the connection of ${this.remote}.`),
      );
    }
    if (this.unread.length > 0 && !this.destroyed) return Promise.resolve(this.takeUnread());
    if (this.peerHasClosed && !this.destroyed) return Promise.resolve(undefined);
    if (this.gone !== undefined) return Promise.reject(this.gone);
    return new Promise((resolve, reject) => {
      this.waitingRead = { resolve, reject };
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.enqueue(bytes, false);
  }

  end(): Promise<void> {
    const queued = this.enqueue(new Uint8Array(0), true);
    this.endWasCalled = true;
    return queued;
  }

  destroy(): void {
    this.destroyed = true;
    if (this.gone !== undefined) return;
    this.endpoint.abort();
    this.unread.length = 0;
    this.fail(new RigError('CLOSED', `The connection of ${this.remote} was destroyed by this side.`));
  }

  /** The endpoint received bytes. */
  noteData(bytes: Uint8Array): void {
    this.unread.push(bytes);
    const reader = this.waitingRead;
    if (reader === undefined) return;
    this.waitingRead = undefined;
    reader.resolve(this.takeUnread());
  }

  /** The peer's FIN came. */
  notePeerClosed(): void {
    this.peerHasClosed = true;
    const reader = this.waitingRead;
    this.waitingRead = undefined;
    reader?.resolve(undefined);
  }

  /** The endpoint has room again. */
  noteRoom(): void {
    for (;;) {
      const head = this.waitingWrites[0];
      if (head === undefined) return;
      const fitting = head.rest.subarray(0, this.endpoint.freeBytes);
      if (fitting.length > 0) this.endpoint.write(fitting);
      head.rest = head.rest.subarray(fitting.length);
      if (head.rest.length > 0) return;
      if (head.last) this.endpoint.finish();
      this.waitingWrites.shift();
      head.resolve();
    }
  }

  /** The endpoint is no more. What it received before can still be read. */
  noteGone(why: string): void {
    this.fail(new RigError('CLOSED', `The connection of ${this.remote} is gone: ${why}.`));
  }

  private enqueue(bytes: Uint8Array, last: boolean): Promise<void> {
    if (this.gone !== undefined) return Promise.reject(this.gone);
    if (this.endWasCalled) {
      return Promise.reject(new RigError('CLOSED', `This side has ended the connection of ${this.remote}.`));
    }
    if (this.waitingWrites.length >= WAITING_WRITES_LIMIT) {
      const message = `${WAITING_WRITES_LIMIT} writes wait for ${this.remote}, which does not read.`;
      return Promise.reject(new RigError('FULL', message));
    }
    return new Promise((resolve, reject) => {
      this.waitingWrites.push({ rest: bytes.slice(), last, resolve, reject });
      this.noteRoom();
    });
  }

  private takeUnread(): Uint8Array {
    const [first] = this.unread;
    const bytes = this.unread.length === 1 && first !== undefined ? first : Buffer.concat(this.unread);
    this.unread.length = 0;
    this.endpoint.consumed(bytes.length);
    return bytes;
  }

  private fail(error: RigError): void {
    this.gone = error;
    const reader = this.waitingRead;
    this.waitingRead = undefined;
    reader?.reject(error);
    for (const writer of this.waitingWrites.splice(0)) writer.reject(error);
  }
}
