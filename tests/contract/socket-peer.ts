/** The device's side of the contract suite on a real socket. */
import { createConnection, type Socket } from 'node:net';
import { deferred } from './deferred.js';
import type { Peer, PeerEnd } from './network-suite.js';

export class SocketPeer implements Peer {
  readonly over: Promise<PeerEnd>;
  private readonly socket: Socket;
  private readonly chunks: Uint8Array[] = [];
  private length = 0;
  private wake: (() => void) | undefined;

  static connect(address: string, port: number): Promise<SocketPeer> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ host: address, port, allowHalfOpen: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new SocketPeer(socket)));
    });
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.chunks.push(chunk);
      this.length += chunk.length;
      this.wake?.();
    });
    const { promise, resolve } = deferred<PeerEnd>();
    this.over = promise;
    socket.on('error', () => resolve('reset'));
    socket.on('end', () => resolve('ended'));
  }

  get receivedBytes(): number {
    return this.length;
  }

  /** Everything received so far. */
  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  async received(lengthBytes: number): Promise<Uint8Array> {
    while (this.length < lengthBytes) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return new Uint8Array(Buffer.concat(this.chunks));
  }

  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
  }

  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** For clean-up. */
  destroy(): void {
    this.socket.destroy();
  }
}
