/** The board's reset pin. */
import type { ResetButton } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import type { DurationUs } from '../../rig/time/units.js';

export interface ResettableBoard {
  holdReset(): void;
  releaseReset(): void;
}

export class VirtualReset implements ResetButton {
  private readonly clock: Clock;
  private readonly board: ResettableBoard;

  constructor(clock: Clock, board: ResettableBoard) {
    this.clock = clock;
    this.board = board;
  }

  async press(pulse: DurationUs): Promise<void> {
    this.board.holdReset();
    try {
      await this.clock.sleep('reset pulse', pulse);
    } finally {
      this.board.releaseReset();
    }
  }

  async release(): Promise<void> {
    this.board.releaseReset();
  }
}
