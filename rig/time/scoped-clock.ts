/**
 * A clock that knows which timers were made through it, so that at the end of a run the timers that it left
 * behind can be named, whatever else is pending on the bench's own clock.
 */
import type { Clock, Timer } from './clock.js';
import { sleepOn } from './sleep.js';
import type { DurationUs, InstantUs } from './units.js';

export class ScopedClock implements Clock {
  private readonly clock: Clock;
  private readonly timers = new Set<Timer>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  now(): InstantUs {
    return this.clock.now();
  }

  at(name: string, dueUs: InstantUs, callback: () => void): Timer {
    const inner = this.clock.at(name, dueUs, () => {
      this.timers.delete(timer);
      callback();
    });
    const timer: Timer = {
      name,
      dueUs: inner.dueUs,
      cancel: () => {
        this.timers.delete(timer);
        inner.cancel();
      },
    };
    this.timers.add(timer);
    return timer;
  }

  sleep(name: string, duration: DurationUs, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, name, duration, signal);
  }

  pending(): string[] {
    return [...this.timers].map((timer) => timer.name);
  }
}
