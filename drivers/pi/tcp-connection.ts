/** A `Connection` over a socket of `node:net`, read on demand so that TCP's own back-pressure reaches the peer. */
import type { Socket } from 'node:net';
import { messageOf, RigError } from '../../rig/errors.js';
import type { Connection } from '../../rig/ports.js';

interface Waiter {
  resolve(): void;
  reject(error: RigError): void;
}

/** Calls of `write` and `end` that wait for room at a time. */
const WAITING_WRITES_LIMIT = 1_024;

export class TcpConnection implements Connection {
  readonly remote: string;
  private readonly socket: Socket;
  private readonly waitingWrites = new Set<Waiter>();
  private wakeReader: (() => void) | undefined;
  private peerHasClosed = false;
  private endWasCalled = false;
  /** Why the connection is no more. */
  private gone: RigError | undefined;
  private fault: Error | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    this.remote = `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
    socket.setNoDelay(true);
    socket.on('readable', () => this.wake());
    socket.on('end', () => {
      this.peerHasClosed = true;
      this.wake();
    });
    socket.on('drain', () => this.releaseWriters());
    socket.on('error', (error) => {
      this.fault = error;
    });
    socket.on('close', () => this.noteClosed());
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.wakeReader !== undefined) {
      throw new RigError('USAGE', `Two reads at a time on the connection of ${this.remote}.`);
    }
    for (;;) {
      if (this.gone !== undefined && !this.peerHasClosed) throw this.gone;
      const chunk: unknown = this.socket.destroyed ? null : this.socket.read();
      if (chunk instanceof Uint8Array) return chunk;
      if (this.peerHasClosed) return undefined;
      await new Promise<void>((resolve) => {
        this.wakeReader = resolve;
      });
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    const refusal = this.refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    if (this.waitingWrites.size >= WAITING_WRITES_LIMIT) {
      const message = `${WAITING_WRITES_LIMIT} writes wait for ${this.remote}, which does not read.`;
      return Promise.reject(new RigError('FULL', message));
    }
    if (this.socket.write(bytes)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.waitingWrites.add({ resolve, reject });
    });
  }

  end(): Promise<void> {
    const refusal = this.refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    this.endWasCalled = true;
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject };
      this.waitingWrites.add(waiter);
      this.socket.end(() => {
        this.waitingWrites.delete(waiter);
        if (this.gone === undefined) resolve();
      });
    });
  }

  destroy(): void {
    if (this.gone === undefined) {
      this.fail(new RigError('CLOSED', `The connection of ${this.remote} was destroyed by this side.`));
    }
    this.peerHasClosed = false;
    this.socket.resetAndDestroy();
  }

  private refusal(): RigError | undefined {
    if (this.gone !== undefined) return this.gone;
    if (!this.endWasCalled) return undefined;
    return new RigError('CLOSED', `This side has ended the connection of ${this.remote}.`);
  }

  private noteClosed(): void {
    if (this.gone !== undefined) return;
    const why = this.fault === undefined ? 'it is closed' : messageOf(this.fault);
    this.fail(new RigError('CLOSED', `The connection of ${this.remote} is gone: ${why}.`));
  }

  private fail(error: RigError): void {
    this.gone = error;
    this.wake();
    for (const waiter of this.waitingWrites) waiter.reject(error);
    this.waitingWrites.clear();
  }

  private wake(): void {
    const wake = this.wakeReader;
    this.wakeReader = undefined;
    wake?.();
  }

  private releaseWriters(): void {
    for (const waiter of this.waitingWrites) waiter.resolve();
    this.waitingWrites.clear();
  }
}
