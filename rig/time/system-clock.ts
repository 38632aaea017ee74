/** The clock of a physical bench: the system's monotonic clock, and Node's timers. */
import type { Clock, Timer } from './clock.js';
import { sleepOn } from './sleep.js';
import { type DurationUs, type InstantUs, instant } from './units.js';

/** `setTimeout` counts milliseconds in 31 bits; a longer wait is cut in pieces. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export class SystemClock implements Clock {
  private readonly originNs = process.hrtime.bigint();
  private readonly timers = new Set<Timer>();

  now(): InstantUs {
    return instant(Number((process.hrtime.bigint() - this.originNs) / 1_000n));
  }

  at(name: string, dueUs: InstantUs, callback: () => void): Timer {
    let handle: NodeJS.Timeout;
    const arm = () => {
      const waitMs = Math.max(0, Math.ceil((dueUs - this.now()) / 1_000));
      handle = setTimeout(
        () => {
          if (this.now() < dueUs) {
            arm();
            return;
          }
          this.timers.delete(timer);
          callback();
        },
        Math.min(waitMs, LONGEST_TIMEOUT_MS),
      );
    };
    const timer: Timer = {
      name,
      dueUs,
      cancel: () => {
        clearTimeout(handle);
        this.timers.delete(timer);
      },
    };
    this.timers.add(timer);
    arm();
    return timer;
  }

  sleep(name: string, duration: DurationUs, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, name, duration, signal);
  }

  pending(): string[] {
    return [...this.timers].map((timer) => timer.name);
  }
}
