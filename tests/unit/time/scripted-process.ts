/** A lockstep process that does something at given instants, and checks that it is never let run past the horizon. */
import { type InstantUs, instant } from '../../../rig/time/units.js';
import type { LockstepProcess, VirtualClock } from '../../../rig/time/virtual-clock.js';

export class ScriptedProcess implements LockstepProcess {
  /** What happened, in the order in which it did. */
  readonly seen: (number | string)[] = [];
  /** When the bench handled what the process did. */
  readonly handled: string[] = [];
  /** Called when the bench handles what the process did at `atUs`. */
  onEvent: (atUs: number) => void = () => undefined;
  private readonly script: number[];
  private clock: VirtualClock | undefined;

  constructor(script: readonly number[]) {
    this.script = [...script];
  }

  join(clock: VirtualClock): () => void {
    this.clock = clock;
    return clock.attach(this);
  }

  noteHost(atUs: InstantUs): void {
    this.seen.push(`host ${atUs}`);
  }

  /** Something reached the process: it will act at `atUs`. */
  wake(atUs: number): void {
    this.script.push(atUs);
    this.script.sort((a, b) => a - b);
  }

  nextUs(): number {
    return this.script[0] ?? Number.POSITIVE_INFINITY;
  }

  runUntil(horizonUs: InstantUs): void {
    const { clock } = this;
    if (clock === undefined) throw new Error('The process has not joined a clock.');
    while (this.nextUs() < Math.min(horizonUs, clock.nextEventUs())) {
      const atUs = this.script.shift();
      if (atUs === undefined) return;
      if (atUs < clock.now())
        throw new Error(`The process acts at ${atUs}, but it is ${clock.now()} already.`);
      this.seen.push(atUs);
      clock.at('process', instant(atUs), () => {
        this.handled.push(`event at ${atUs} handled at ${clock.now()}`);
        this.onEvent(atUs);
      });
    }
  }
}
