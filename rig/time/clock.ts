/**
 * The clock that every wait, timeout and timestamp goes through. On the physical bench it is the system's
 * monotonic clock, on the virtual bench it is simulated; code above the drivers cannot tell which.
 */
import type { DurationUs, InstantUs } from './units.js';

/** A pending callback. Timers are named, so that one that outlives teardown can be reported by name. */
export interface Timer {
  readonly name: string;
  readonly dueUs: InstantUs;
  /** Forgets the callback; harmless when it has already run. */
  cancel(): void;
}

export interface Clock {
  /** Monotonic time. Never goes back; does not stop while the process is stopped. */
  now(): InstantUs;

  /**
   * Runs `callback` once at `dueUs`, or as soon as possible when that is past. Callbacks due at the same
   * instant run in the order in which they were scheduled. What it throws is a defect and ends the run.
   */
  at(name: string, dueUs: InstantUs, callback: () => void): Timer;

  /** Resolves after `duration`; rejects with `CANCELLED` as soon as `signal` aborts. */
  sleep(name: string, duration: DurationUs, signal?: AbortSignal): Promise<void>;

  /** Names of the timers that are still pending. */
  pending(): string[];
}
