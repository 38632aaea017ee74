/**
 * Watches the instrument itself: a timer that fires late means that the rig's own process was stalled, and what
 * looked like the device's delay may have been the rig's.
 */
import type { Clock, Timer } from '../time/clock.js';
import { type DurationUs, elapsed, later, ms, us } from '../time/units.js';

/** Short against the second that an exchange may wait, long enough to cost nothing. */
const PERIOD: DurationUs = ms(250);

export class StallWatch {
  maxUs: DurationUs = us(0);
  private readonly clock: Clock;
  private timer: Timer | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
    this.arm();
  }

  stop(): void {
    this.timer?.cancel();
  }

  private arm(): void {
    const dueUs = later(this.clock.now(), PERIOD);
    this.timer = this.clock.at('stall watch', dueUs, () => {
      const lateUs = elapsed(dueUs, this.clock.now());
      if (lateUs > this.maxUs) this.maxUs = lateUs;
      this.arm();
    });
  }
}
