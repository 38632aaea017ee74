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
  /** Presses under way: the pin is low until the last of them ends. */
  private readonly presses = new Set<symbol>();

  constructor(clock: Clock, board: ResettableBoard) {
    this.clock = clock;
    this.board = board;
  }

  async press(pulse: DurationUs): Promise<void> {
    const press = Symbol('press');
    this.presses.add(press);
    this.board.holdReset();
    try {
      await this.clock.sleep('reset pulse', pulse);
    } finally {
      this.presses.delete(press);
      if (this.presses.size === 0) this.board.releaseReset();
    }
  }

  async release(): Promise<void> {
    this.presses.clear();
    this.board.releaseReset();
  }
}
