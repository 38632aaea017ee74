/**
 * The clock of a physical bench: the system's monotonic clock. One Node timer waits for the earliest of its own
 * queue, because Node's timers, rounded to milliseconds, do not keep the order of what is due close together.
 */
import { RigError } from '../errors.js';
import type { Clock, Timer } from './clock.js';
import { timerDefect } from './defect.js';
import { sleepOn } from './sleep.js';
import { TimerQueue } from './timer-queue.js';
import { type DurationUs, type InstantUs, instant } from './units.js';

/** `setTimeout` counts milliseconds in 31 bits; a longer wait is cut in pieces. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

interface Wakening {
  readonly dueUs: InstantUs;
  cancel(): void;
}

export class SystemClock implements Clock {
  private readonly originNs = process.hrtime.bigint();
  private readonly queue = new TimerQueue();
  private wakening: Wakening | undefined;
  /** Told of a callback that throws; without one it is an uncaught exception. */
  private onDefect: ((error: RigError) => void) | undefined;

  now(): InstantUs {
    return instant(Number((process.hrtime.bigint() - this.originNs) / 1_000n));
  }

  /** An instant as the kernel stamps it: nanoseconds of `CLOCK_MONOTONIC`, which Node's clock reads too. */
  atMonotonic(nanoseconds: bigint): InstantUs {
    return instant(Number((nanoseconds - this.originNs) / 1_000n));
  }

  at(name: string, dueUs: InstantUs, callback: () => void): Timer {
    const timer = this.queue.add(name, dueUs, callback);
    this.arm();
    return {
      name,
      dueUs,
      cancel: () => {
        timer.cancel();
        // With nothing left to wait for, nothing may keep the process alive.
        this.arm();
      },
    };
  }

  sleep(name: string, duration: DurationUs, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, name, duration, signal);
  }

  pending(): string[] {
    return this.queue.pending().map((timer) => timer.name);
  }

  /**
   * Runs `main`, and settles as it does. Rejects with `BENCH` when a timer's callback throws; `main` is then still under
   * way.
   */
  async run<T>(main: () => Promise<T>): Promise<T> {
    if (this.onDefect !== undefined) throw new RigError('BENCH', "The system's clock is already running.");
    try {
      return await new Promise<T>((resolve, reject) => {
        this.onDefect = reject;
        main().then(resolve, reject);
      });
    } finally {
      this.onDefect = undefined;
    }
  }

  /** Sees to it that the process wakes for the timer that is due first. */
  private arm(): void {
    const head = this.queue.peek();
    if (head !== undefined && head.dueUs === this.wakening?.dueUs) return;
    this.wakening?.cancel();
    this.wakening = head === undefined ? undefined : this.wakeAt(head.dueUs);
  }

  private wakeAt(dueUs: InstantUs): Wakening {
    const waitMs = Math.ceil((dueUs - this.now()) / 1_000);
    if (waitMs <= 0) {
      const immediate = setImmediate(() => this.woken());
      return { dueUs, cancel: () => clearImmediate(immediate) };
    }
    const timeout = setTimeout(() => this.woken(), Math.min(waitMs, LONGEST_TIMEOUT_MS));
    return { dueUs, cancel: () => clearTimeout(timeout) };
  }

  /** Runs one callback that is due; what it leaves to microtasks comes before the next. */
  private woken(): void {
    this.wakening = undefined;
    const head = this.queue.peek();
    const isDue = head !== undefined && head.dueUs <= this.now();
    const callback = isDue ? this.queue.take()?.callback : undefined;
    if (isDue) head.callback = undefined;
    this.arm();
    try {
      callback?.();
    } catch (error) {
      const defect = timerDefect(head?.name ?? '', error);
      if (this.onDefect === undefined) throw defect;
      this.onDefect(defect);
    }
  }
}
