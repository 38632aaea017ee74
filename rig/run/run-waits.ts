/** The waits of a run: all on its clock, all ended by whatever makes it pointless to go on. */
import { RigError } from '../errors.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, later, ms } from '../time/units.js';

const POLL: DurationUs = ms(50);

export class RunWaits {
  private readonly clock: Clock;
  private readonly stopped: AbortSignal;

  /** Every wait rejects with `CANCELLED` as soon as `stopped` aborts. */
  constructor(clock: Clock, stopped: AbortSignal) {
    this.clock = clock;
    this.stopped = stopped;
  }

  sleep(duration: DurationUs): Promise<void> {
    return this.clock.sleep('scenario', duration, this.stopped);
  }

  /** Polls until `condition` holds; false when it does not within `limit`. */
  async until(condition: () => boolean, limit: DurationUs): Promise<boolean> {
    const deadline = later(this.clock.now(), limit);
    while (!condition()) {
      if (this.clock.now() >= deadline) return false;
      await this.clock.sleep('wait', POLL, this.stopped);
    }
    return true;
  }

  /** Waits for `work`, which goes on by itself when the wait is given up. */
  for<T>(work: Promise<T>): Promise<T> {
    const { stopped } = this;
    return new Promise((resolve, reject) => {
      const abort = () => reject(new RigError('CANCELLED', 'The run was stopped.'));
      if (stopped.aborted) abort();
      stopped.addEventListener('abort', abort, { once: true });
      work.then(resolve, reject).finally(() => stopped.removeEventListener('abort', abort));
    });
  }
}
