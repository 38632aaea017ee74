/** The board's reset pin as a wire: held low by the bench's reset button, or shorted by somebody else. */
import type { ResettableBoard } from './reset.js';
import type { Wire } from './wire.js';

const BUTTON = 'button';

export class ResetPin implements ResettableBoard {
  private readonly wire: Wire;

  /** `wire`: pulled up, and the board's to watch. */
  constructor(wire: Wire, board: ResettableBoard) {
    this.wire = wire;
    wire.onChange((level) => {
      if (level === 0) board.holdReset();
      else board.releaseReset();
    });
  }

  holdReset(): void {
    this.wire.drive(BUTTON, 0);
  }

  releaseReset(): void {
    this.wire.drive(BUTTON, undefined);
  }
}
