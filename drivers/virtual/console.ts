/** The host's end of the board's UART. Its receiver is ideal: it follows the baud rate and says which it was. */
import type { ConsoleChunk, ConsoleNotice, UartConsole } from '../../rig/ports.js';

export class VirtualConsole implements UartConsole {
  private readonly listeners = new Set<(chunk: ConsoleChunk) => void>();
  private readonly type: (bytes: Uint8Array) => void;

  /** `type` sends bytes to the device. */
  constructor(type: (bytes: Uint8Array) => void) {
    this.type = type;
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

  async write(bytes: Uint8Array): Promise<void> {
    this.type(bytes);
  }

  /** The device printed. */
  printed(chunk: ConsoleChunk): void {
    for (const listener of this.listeners) listener(chunk);
  }
}
