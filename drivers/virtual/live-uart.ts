/** The UART of a live board as a byte pipe: what a serial adapter with its modem lines is to a program. */
import { RigError } from '../../rig/errors.js';
import type { ConsoleChunk } from '../../rig/ports.js';
import type { VirtualConsole } from './console.js';

/** Bytes are readable when both ends agree within this share (UART: half a bit in ten). */
const BAUD_TOLERANCE = 0.05;
const DEFAULT_BAUD = 115_200;

/** Modem lines as programs set them: asserted is true. */
export interface ModemLines {
  readonly dtr: boolean;
  readonly rts: boolean;
}

export interface LiveUartOptions {
  readonly console: VirtualConsole;
  /** Does something on the board's clock. */
  enter<T>(name: string, work: () => T | Promise<T>): Promise<T>;
  /** Holds the board's reset pin, or its GPIO0, low. */
  hold(pin: 'reset' | 'gpio0', isHeld: boolean): void;
}

export class LiveUart {
  readonly name = 'virtual board';
  private readonly options: LiveUartOptions;
  private readonly byteListeners = new Set<(bytes: Uint8Array) => void>();
  private readonly lostListeners = new Set<(error: RigError) => void>();
  private baud = DEFAULT_BAUD;

  constructor(options: LiveUartOptions) {
    this.options = options;
    options.console.onChunk((chunk) => this.arrived(chunk));
  }

  /** Calls `listener` with what the board sends. Returns a function that stops that. */
  onBytes(listener: (bytes: Uint8Array) => void): () => void {
    this.byteListeners.add(listener);
    return () => this.byteListeners.delete(listener);
  }

  /** Calls `listener` when there is no board any more. Returns a function that stops that. */
  onLost(listener: (error: RigError) => void): () => void {
    this.lostListeners.add(listener);
    return () => this.lostListeners.delete(listener);
  }

  /** Resolves when the bytes have passed over the line. Rejects with `CLOSED` when the board is closed. */
  write(bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice();
    return this.options.enter('uart', () => this.options.console.write(copy));
  }

  /** Sends at this rate from now on, and reads at it: what the board sends at another is noise. */
  async setBaud(baud: number): Promise<void> {
    await this.options.enter('uart', () => {
      this.baud = baud;
      this.options.console.baud = baud;
    });
  }

  /** As on NodeMCU boards: RTS holds reset, DTR holds GPIO0, and both at once hold neither. */
  async setModemLines({ dtr, rts }: ModemLines): Promise<void> {
    await this.options.enter('modem lines', () => {
      this.options.hold('gpio0', dtr && !rts);
      this.options.hold('reset', rts && !dtr);
    });
  }

  /** There is no board any more. */
  lose(reason: string): void {
    const error = new RigError('BENCH', `The virtual board is gone: ${reason}`);
    for (const listener of this.lostListeners) listener(error);
  }

  private arrived({ bytes, baud }: ConsoleChunk): void {
    const isReadable = Math.abs(baud / this.baud - 1) <= BAUD_TOLERANCE;
    const seen = isReadable ? bytes : noiseOf(bytes);
    for (const listener of this.byteListeners) listener(seen);
  }
}

/** What a receiver at another rate makes of bytes: as many, and none of them right. The same for the same bytes. */
function noiseOf(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => 0x80 | ((byte * 29 + index * 7) & 0x7f));
}
