/**
 * Teardown: steps that are noted as things are set up, and run in reverse, each bounded in time, whatever
 * happened. A step that fails does not keep the others from running.
 */
import { messageOf, RigError } from '../errors.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, later, seconds, toSeconds, us } from '../time/units.js';

/** One step may take this long, unless it says otherwise. */
export const STEP_LIMIT: DurationUs = seconds(10);

interface Step {
  readonly name: string;
  readonly limit: DurationUs;
  readonly run: () => Promise<void> | undefined | void;
}

export class Teardown {
  private readonly clock: Clock;
  private readonly steps: Step[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Adds a step that will run before all those added earlier. */
  add(name: string, run: () => Promise<void> | undefined | void, limit = STEP_LIMIT): void {
    this.steps.push({ name, run, limit });
  }

  /**
   * Runs all steps, last added first. Resolves with what went wrong, one line
   * each. Once `hurry` is aborted, each step is waited for `patience` at most: by default not at all.
   */
  async run(hurry?: AbortSignal, patience: DurationUs = us(0)): Promise<string[]> {
    const problems: string[] = [];
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await this.bounded(step, hurry, patience);
      } catch (error) {
        problems.push(`Teardown, ${step.name}: ${messageOf(error)}`);
      }
    }
    return problems;
  }

  private bounded(step: Step, hurry: AbortSignal | undefined, patience: DurationUs): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUpAfter = (limit: DurationUs) =>
        this.clock.at(`teardown: ${step.name}`, later(this.clock.now(), limit), () => {
          settle();
          reject(new RigError('TIMEOUT', `not done within ${toSeconds(limit)} s; check the bench by hand.`));
        });
      let timer = giveUpAfter(step.limit);
      const settle = () => {
        timer.cancel();
        hurry?.removeEventListener('abort', skip);
      };
      const skip = () => {
        settle();
        if (patience > 0) timer = giveUpAfter(patience);
        else resolve();
      };
      hurry?.addEventListener('abort', skip, { once: true });
      Promise.resolve().then(step.run).finally(settle).then(resolve, reject);
      if (hurry?.aborted === true) skip();
    });
  }
}
