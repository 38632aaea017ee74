/** The board's reset pin. It is not released by a press while a bus line is low: the board would not start its firmware. */
import { freeBus } from '../../rig/device/free-bus.js';
import type { BusLines, ResetButton } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import type { DurationUs } from '../../rig/time/units.js';

export interface ResettableBoard {
  holdReset(): void;
  releaseReset(): void;
}

export class VirtualReset implements ResetButton {
  readonly ageClock: ResetButton['ageClock'];
  private readonly clock: Clock;
  private readonly board: ResettableBoard;
  private readonly bus: BusLines | undefined;
  /** Presses under way: the pin is low until the last of them ends. */
  private readonly presses = new Set<symbol>();

  /** `bus`: looked at, and freed where that is needed, before reset is released. */
  constructor(clock: Clock, board: ResettableBoard, bus?: BusLines, ageClock?: ResetButton['ageClock']) {
    this.ageClock = ageClock;
    this.clock = clock;
    this.board = board;
    this.bus = bus;
  }

  /** Rejects with `BENCH`, and leaves the board in reset, when a bus line is low and cannot be freed. */
  async press(pulse: DurationUs): Promise<void> {
    const press = Symbol('press');
    this.presses.add(press);
    this.board.holdReset();
    try {
      await this.clock.sleep('reset pulse', pulse);
      if (this.bus !== undefined && this.isOnly(press)) await freeBus(this.bus, this.clock);
      if (this.isOnly(press)) this.board.releaseReset();
    } finally {
      this.presses.delete(press);
    }
  }

  /** Ends every press; lets go even with a bus line low, as a bench is left. */
  async release(): Promise<void> {
    this.presses.clear();
    this.board.releaseReset();
  }

  /** False when the press has been ended, or another one still holds the pin. */
  private isOnly(press: symbol): boolean {
    return this.presses.size === 1 && this.presses.has(press);
  }
}
