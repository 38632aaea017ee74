/** The UART of a live virtual board as the port of a bench: a receiver that follows the rate, the ROM's included. */
import type { LiveBoard } from '../drivers/virtual/live-board.js';
import type { ConsoleChunk, ConsoleNotice, UartConsole } from '../rig/ports.js';

export class BoardConsole implements UartConsole {
  private readonly board: LiveBoard;

  constructor(board: LiveBoard) {
    this.board = board;
  }

  onChunk(listener: (chunk: ConsoleChunk) => void): () => void {
    return this.board.ports.console?.onChunk(listener) ?? (() => undefined);
  }

  /** There is only one: the board broke, and is gone for good. */
  onNotice(listener: (notice: ConsoleNotice) => void): () => void {
    return this.board.uart.onLost(({ message }) =>
      listener({ kind: 'gone', atUs: this.board.clock.now(), detail: message }),
    );
  }

  async expectRom(): Promise<void> {}

  /** Resolves when the bytes have passed over the line. */
  write(bytes: Uint8Array): Promise<void> {
    return this.board.uart.write(bytes);
  }
}
