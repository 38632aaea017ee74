/** Starts the device with a real-time clock that is about to overflow, as if it had run for hours already. */
import type { ResetButton } from '../ports.js';
import type { FaultTimes } from '../run/scenario.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, ms, toSeconds } from '../time/units.js';
import { BoardProofs, type BoardSightings } from './board-proofs.js';
import type { FaultLog } from './fault-log.js';
import { awaitRecovery } from './recovery.js';

export interface OldClockOptions {
  readonly clock: Clock;
  readonly log: FaultLog;
  readonly sightings: BoardSightings;
  /** Aborts every wait. */
  readonly signal: AbortSignal;
}

/** As the link's documentation recommends (docs/protocol.md §1). */
const PULSE: DurationUs = ms(200);

export class OldClock {
  private readonly options: OldClockOptions;

  constructor(options: OldClockOptions) {
    this.options = options;
  }

  /** See `FaultControl.oldClock`. */
  async start(remaining: DurationUs, reset: ResetButton): Promise<FaultTimes | undefined> {
    const { log } = this.options;
    if (reset.ageClock === undefined) return undefined;
    const fault = log.inject(
      'old-clock',
      `reset; from this start on the clock overflows after ${toSeconds(remaining)} s`,
    );
    reset.ageClock(remaining);
    await reset.press(PULSE);
    log.cleared(fault);
    await new BoardProofs(this.options).romMessage(fault);
    return await awaitRecovery(fault, this.options);
  }
}
