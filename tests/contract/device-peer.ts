/** The device's side of a connection on the simulated network, as firmware would use it: socket number 1. */
import type { DeviceSocketEvent } from '../../drivers/virtual/network/device-sockets.js';
import { DeviceStack, type DeviceStackOptions } from '../../drivers/virtual/network/device-stack.js';
import { DEVICE_TCP } from '../../drivers/virtual/network/tcp-profile.js';
import { type Deferred, deferred } from './deferred.js';
import type { Peer, PeerEnd } from './network-suite.js';

const SOCKET = 1;

export class DevicePeer implements Peer {
  readonly stack: DeviceStack;
  readonly events: DeviceSocketEvent[] = [];
  private readonly connecting: Deferred<void> = deferred();
  private readonly ending: Deferred<PeerEnd> = deferred();
  private readonly chunks: Uint8Array[] = [];
  private length = 0;
  private unreadBytes = 0;
  private paused = false;
  private freeBytes = DEVICE_TCP.sendBufferBytes;
  private unsent: Uint8Array[] = [];
  private readonly waiting: { lengthBytes: number; resolve: () => void }[] = [];
  private sent: Deferred<void> | undefined;

  constructor(options: Omit<DeviceStackOptions, 'listener'>) {
    this.stack = new DeviceStack({ ...options, listener: (event) => this.take(event) });
  }

  /** Resolves when connected; rejects with the kind of failure. */
  connect(address: string, port: number): Promise<void> {
    this.stack.connect(SOCKET, address, port);
    return this.connecting.promise;
  }

  get over(): Promise<PeerEnd> {
    return this.ending.promise;
  }

  get receivedBytes(): number {
    return this.length;
  }

  get receivedSoFar(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.chunks));
  }

  write(bytes: Uint8Array): Promise<void> {
    this.unsent.push(bytes);
    this.sent ??= deferred();
    const { promise } = this.sent;
    this.pump();
    return promise;
  }

  async received(lengthBytes: number): Promise<Uint8Array> {
    if (this.length < lengthBytes) {
      await new Promise<void>((resolve) => this.waiting.push({ lengthBytes, resolve }));
    }
    return this.receivedSoFar;
  }

  pauseReading(): void {
    this.paused = true;
  }

  resumeReading(): void {
    this.paused = false;
    this.stack.consumed(SOCKET, this.unreadBytes);
    this.unreadBytes = 0;
  }

  end(): void {
    this.stack.close(SOCKET);
  }

  reset(): void {
    this.stack.abort(SOCKET);
  }

  private take(event: DeviceSocketEvent): void {
    if (event.kind !== 'data') this.events.push(event);
    switch (event.kind) {
      case 'connected':
        this.connecting.resolve();
        return;
      case 'failed':
        this.connecting.reject(new Error(event.error));
        return;
      case 'data':
        this.takeData(event.bytes);
        return;
      case 'acked':
        this.freeBytes += event.lengthBytes;
        this.pump();
        return;
      case 'peerClosed':
        this.ending.resolve('ended');
        return;
      case 'reset':
        this.ending.resolve('reset');
    }
  }

  private takeData(bytes: Uint8Array): void {
    this.chunks.push(bytes);
    this.length += bytes.length;
    if (this.paused) this.unreadBytes += bytes.length;
    else this.stack.consumed(SOCKET, bytes.length);
    for (const waiter of [...this.waiting]) {
      if (this.length < waiter.lengthBytes) continue;
      this.waiting.splice(this.waiting.indexOf(waiter), 1);
      waiter.resolve();
    }
  }

  private pump(): void {
    for (;;) {
      const head = this.unsent[0];
      if (head === undefined) break;
      const fitting = head.subarray(0, this.freeBytes);
      if (fitting.length === 0 && head.length > 0) return;
      this.freeBytes -= fitting.length;
      this.stack.send(SOCKET, fitting);
      if (fitting.length === head.length) this.unsent.shift();
      else this.unsent[0] = head.subarray(fitting.length);
    }
    this.sent?.resolve();
    this.sent = undefined;
  }
}
