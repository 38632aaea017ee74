/** The host's end of the board's UART. Its receiver is ideal: it follows the baud rate and says which it was. */
import { RigError } from '../../rig/errors.js';
import {
  CONSOLE_WRITE_LIMIT,
  type ConsoleChunk,
  type ConsoleNotice,
  type UartConsole,
} from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import { us } from '../../rig/time/units.js';

/** Sent at a time; the next follows when these are through. */
const CHUNK_BYTES = 64;
const BAUD = 115_200;
/** Start bit, eight bits, stop bit. */
const BITS_PER_BYTE = 10;

/** Sends bytes to the device at a baud rate. */
export type TypeBytes = (bytes: Uint8Array, baud: number) => void;

export class VirtualConsole implements UartConsole {
  /** What the host sends at. */
  baud: number;
  private readonly listeners = new Set<(chunk: ConsoleChunk) => void>();
  private readonly clock: Clock;
  private readonly type: TypeBytes;
  /** Settles when all that was written before is through. */
  private lineFree: Promise<void> = Promise.resolve();
  private waitingBytes = 0;

  constructor(clock: Clock, type: TypeBytes, baud = BAUD) {
    this.clock = clock;
    this.type = type;
    this.baud = baud;
  }

  onChunk(listener: (chunk: ConsoleChunk) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Nothing is ever missed. */
  onNotice(_listener: (notice: ConsoleNotice) => void): () => void {
    return () => undefined;
  }

  /** The receiver follows the device's rate without being told. */
  async expectRom(): Promise<void> {}

  /** Resolves when the bytes have passed over the line, which takes as long as its speed says. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.waitingBytes + bytes.length > CONSOLE_WRITE_LIMIT) {
      throw new RigError('FULL', `The console has ${this.waitingBytes} bytes to send already.`);
    }
    this.waitingBytes += bytes.length;
    const copy = bytes.slice();
    const sent = this.lineFree.then(() => this.send(copy));
    this.lineFree = sent;
    await sent;
  }

  /** The device printed. */
  printed(chunk: ConsoleChunk): void {
    for (const listener of this.listeners) listener(chunk);
  }

  private async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const chunk = bytes.subarray(at, at + CHUNK_BYTES);
      const { baud } = this;
      this.type(chunk, baud);
      const lineUs = us(Math.ceil((chunk.length * BITS_PER_BYTE * 1_000_000) / baud));
      await this.clock.sleep('console line', lineUs);
      this.waitingBytes -= chunk.length;
    }
  }
}
