/** `machine.Timer`: virtual timers, one-shot or periodic, whose callbacks run as interrupts. */
import type { ChipEventSource } from './chip-events.js';
import type { InterruptSource } from './interrupts.js';

interface RunningTimer {
  dueUs: number;
  readonly periodUs: number;
  readonly periodic: boolean;
}

/** Callbacks that may wait to be run; the port's scheduler drops further ones as well. */
const PENDING_LIMIT = 8;

export class Timers implements ChipEventSource, InterruptSource {
  private readonly running = new Map<number, RunningTimer>();
  private readonly fired: number[] = [];
  private readonly now: () => number;
  private readonly dispatch: (timer: number) => void;

  constructor(now: () => number, dispatch: (timer: number) => void) {
    this.now = now;
    this.dispatch = dispatch;
  }

  start(timer: number, periodMs: number, periodic: boolean): void {
    const periodUs = Math.max(1, periodMs) * 1_000;
    this.running.set(timer, { dueUs: this.now() + periodUs, periodUs, periodic });
  }

  stop(timer: number): void {
    this.running.delete(timer);
  }

  stopAll(): void {
    this.running.clear();
    this.fired.length = 0;
  }

  nextUs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueUs } of this.running.values()) next = Math.min(next, dueUs);
    return next;
  }

  fire(): void {
    const due = this.nextUs();
    for (const [id, timer] of this.running) {
      if (timer.dueUs !== due) continue;
      if (this.fired.length < PENDING_LIMIT) this.fired.push(id);
      if (timer.periodic) timer.dueUs += timer.periodUs;
      else this.running.delete(id);
    }
  }

  pending(): boolean {
    return this.fired.length > 0;
  }

  serve(): void {
    const timer = this.fired.shift();
    if (timer !== undefined) this.dispatch(timer);
  }
}
