/**
 * Watches the instrument itself: a timer that fires late means that the rig's own process was stalled, and what
 * looked like the device's delay may have been the rig's.
 */
import type { Clock, Timer } from '../time/clock.js';
import { type DurationUs, elapsed, later, ms, us } from '../time/units.js';

/** Short against the second that an exchange may wait, long enough to cost nothing. */
const PERIOD: DurationUs = ms(250);

export class StallWatch {
  private readonly clock: Clock;
  private worstUs: DurationUs = us(0);
  private timer: Timer | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
    this.arm();
  }

  /** The longest stall so far, one that is only just over included: its timer has not had its turn yet. */
  get maxUs(): DurationUs {
    this.note();
    return this.worstUs;
  }

  stop(): void {
    this.note();
    this.timer?.cancel();
    this.timer = undefined;
  }

  private arm(): void {
    const dueUs = later(this.clock.now(), PERIOD);
    this.timer = this.clock.at('stall watch', dueUs, () => {
      this.note();
      this.arm();
    });
  }

  private note(): void {
    if (this.timer === undefined) return;
    const lateUs = elapsed(this.timer.dueUs, this.clock.now());
    if (lateUs > this.worstUs) this.worstUs = lateUs;
  }
}
