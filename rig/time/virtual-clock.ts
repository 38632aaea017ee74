/**
 * Virtual time: nothing sleeps. The clock jumps from event to event, and processes that keep a time of their
 * own (the virtual board) are let run up to the next event, never past it, so that cause always precedes
 * effect and a seed reproduces a run exactly.
 */
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { RigError } from '../errors.js';
import type { Clock, Timer } from './clock.js';
import { timerDefect } from './defect.js';
import { sleepOn } from './sleep.js';
import { TimerQueue } from './timer-queue.js';
import { type DurationUs, type InstantUs, instant, later, ms, ORIGIN } from './units.js';

/** A simulated process with a time of its own, in conservative lockstep with the clock. */
export interface LockstepProcess {
  /**
   * Runs until its own time is `horizonUs` or it has nothing to do before then. What it does to the rest of
   * the bench, it schedules on the clock with `at`, at the time it happens or later; that may pull in the
   * clock's next event, and the process must then stop there.
   */
  runUntil(horizonUs: InstantUs): void;
  /** When it will next do something of its own accord; `Infinity` when only an event can wake it. */
  nextUs(): number;
}

/** With no event due, processes run in steps of this, so that the program can still be stopped between them. */
const LONE_STEP: DurationUs = ms(1);

/** Paces virtual time, for `--realtime`: resolves when the event at `dueUs` may happen. */
export type Pace = (dueUs: InstantUs) => Promise<void>;

export class VirtualClock implements Clock {
  private readonly queue = new TimerQueue();
  private readonly processes: LockstepProcess[] = [];
  private readonly pace: Pace | undefined;
  private readonly simulationSteps = new Set<Timer>();
  private nowUs = ORIGIN;
  /** The event loop has turned since the last event: nothing that was settled waits to be run. */
  private hasTurned = false;
  private running = false;

  constructor(options: { pace?: Pace } = {}) {
    this.pace = options.pace;
  }

  now(): InstantUs {
    return this.nowUs;
  }

  at(name: string, dueUs: InstantUs, callback: () => void): Timer {
    // Whole microseconds only, so that sums and differences of instants are exact.
    return this.queue.add(name, instant(Math.max(Math.ceil(dueUs), this.nowUs)), callback);
  }

  /**
   * As `at`, for a step of the simulation itself that settles no promise: the next event follows it at once, without
   * a turn of the event loop. Four of ten events are such steps, and a turn costs as much as all else about an event.
   */
  simulate(name: string, dueUs: InstantUs, callback: () => void): void {
    this.simulationSteps.add(this.at(name, dueUs, callback));
  }

  sleep(name: string, duration: DurationUs, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, name, duration, signal);
  }

  pending(): string[] {
    return this.queue.pending().map((timer) => timer.name);
  }

  /** Lets `process` take part in time. Returns a function that removes it. */
  attach(process: LockstepProcess): () => void {
    this.processes.push(process);
    return () => {
      const index = this.processes.indexOf(process);
      if (index >= 0) this.processes.splice(index, 1);
    };
  }

  /** When the next event is due; `Infinity` when none is. */
  nextEventUs(): number {
    return this.queue.peek()?.dueUs ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Moves time for as long as `main` runs, and settles as it does. Whatever `main` awaits must be due to this
   * clock: while it waits for the real world, virtual time races on. Rejects with `BENCH` when nothing is left
   * that could ever happen, or when a timer's callback throws. `main` is then still under way, and goes on when time is
   * moved again.
   */
  async run<T>(main: () => Promise<T>): Promise<T> {
    if (this.running) throw new RigError('BENCH', 'The virtual clock is already running.');
    this.running = true;
    try {
      let settled = false;
      const result = main().finally(() => {
        settled = true;
      });
      result.catch(() => undefined);
      for (;;) {
        await eventLoopTurn();
        if (settled) return await result;
        this.hasTurned = true;
        while (await this.step());
      }
    } finally {
      this.running = false;
    }
  }

  /**
   * Lets the processes catch up with the next event, then runs that one event. True when it was a step of the
   * simulation, after which nothing waits to be run before the next one.
   */
  protected async step(): Promise<boolean> {
    const horizonUs = this.horizon();
    for (const process of this.processes) process.runUntil(this.horizon());
    const due = this.nextEventUs();
    if (due === Number.POSITIVE_INFINITY) {
      // A step of the simulation may have settled a promise after all.
      if (this.hasTurned) await this.moveOn(horizonUs);
      return false;
    }
    this.hasTurned = false;
    if (this.pace !== undefined && due > this.nowUs) {
      await this.pace(instant(due));
      // What the real world did meanwhile may have cancelled that event: the processes have a new horizon then.
      if (this.nextEventUs() !== due) return false;
    }
    return this.runNext();
  }

  /** Nothing is due, but the processes have run up to `horizonUs` and may go on. */
  private async moveOn(horizonUs: InstantUs): Promise<void> {
    if (horizonUs === Number.POSITIVE_INFINITY) {
      throw new RigError('BENCH', 'Virtual time stands still: everything waits, and no event is due.');
    }
    await this.pace?.(horizonUs);
    this.moveTo(horizonUs);
  }

  /** Runs the next event; true when it was a step of the simulation. */
  protected runNext(): boolean {
    const timer = this.queue.take();
    if (timer === undefined) return false;
    this.nowUs = timer.dueUs;
    const { callback } = timer;
    timer.callback = undefined;
    try {
      callback?.();
    } catch (error) {
      throw timerDefect(timer.name, error);
    }
    return this.simulationSteps.delete(timer);
  }

  /** Lets every process run up to `horizonUs`, or to an event that one of them brings about before. */
  protected runProcesses(horizonUs: InstantUs): void {
    for (const process of this.processes) {
      process.runUntil(instant(Math.min(horizonUs, this.nextEventUs())));
    }
  }

  /** When a process will next do something of its own accord. */
  protected nextProcessUs(): number {
    return Math.min(...this.processes.map((process) => process.nextUs()));
  }

  /** Time goes on to `nowUs`; no event is due before. */
  protected moveTo(nowUs: InstantUs): void {
    this.nowUs = instant(Math.max(this.nowUs, Math.min(nowUs, this.nextEventUs())));
  }

  /** How far processes may run: to the next event or, with none due, a little beyond what they do next. */
  private horizon(): InstantUs {
    const next = this.nextEventUs();
    if (next !== Number.POSITIVE_INFINITY) return instant(next);
    return later(instant(this.nextProcessUs()), LONE_STEP);
  }
}
