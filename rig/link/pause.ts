/** A wait that can be cut short, without the cost of an `AbortSignal` ten times a second. */
import type { Clock, Timer } from '../time/clock.js';
import { type DurationUs, later, us } from '../time/units.js';

export class Pause {
  private readonly clock: Clock;
  private timer: Timer | undefined;
  private resume: ((latenessUs: DurationUs) => void) | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * Waits for `duration`, or until `cut`. Resolves with how late it ended, 0 when it was cut short: a measure
   * of how long the host itself stood still. One wait at a time.
   */
  wait(name: string, duration: DurationUs): Promise<DurationUs> {
    return new Promise((resolve) => {
      const dueUs = later(this.clock.now(), duration);
      this.resume = resolve;
      this.timer = this.clock.at(name, dueUs, () => this.end(us(this.clock.now() - dueUs)));
    });
  }

  /** Ends the wait under way, if there is one. */
  cut(): void {
    this.end(us(0));
  }

  private end(latenessUs: DurationUs): void {
    this.timer?.cancel();
    this.timer = undefined;
    const resume = this.resume;
    this.resume = undefined;
    resume?.(latenessUs);
  }
}
