/** Calls to a device that must not overlap: one after the other, in the order in which they were made. */
import { isRigError, RigError } from '../../rig/errors.js';

/** Calls that may wait for their turn. */
const WAITING_LIMIT = 64;

export class Turns {
  private readonly device: string;
  private readonly stop = new AbortController();
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private closing: Promise<void> | undefined;

  /** `device` is what messages call it. */
  constructor(device: string) {
    this.device = device;
  }

  /**
   * Runs `work` when all calls before it have ended. It must end its waits when `signal` aborts. Rejects with
   * `CLOSED` once the device is closed, with `FULL` when too many calls wait.
   */
  take<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.stop;
    if (signal.aborted) return Promise.reject(this.closed());
    if (this.waiting >= WAITING_LIMIT) {
      return Promise.reject(new RigError('FULL', `${WAITING_LIMIT} calls wait for ${this.device}.`));
    }
    this.waiting += 1;
    const result = this.last.then(async () => {
      this.waiting -= 1;
      if (signal.aborted) throw this.closed();
      try {
        return await work(signal);
      } catch (error) {
        throw signal.aborted && isRigError(error, 'CANCELLED') ? this.closed() : error;
      }
    });
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Ends all calls, then runs `last`, once; a second call waits for the same. */
  close(last: () => Promise<void>): Promise<void> {
    this.closing ??= this.last.then(last);
    this.stop.abort();
    return this.closing;
  }

  private closed(): RigError {
    return new RigError('CLOSED', `The ${this.device} has been closed.`);
  }
}
