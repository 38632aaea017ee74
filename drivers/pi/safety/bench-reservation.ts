/** A bench that is kept for several uses, one after the other: nobody else has it in between. */
import { type BenchLock, type LockOptions, takeBench } from './bench-lock.js';

export class BenchReservation {
  private readonly lock: BenchLock;
  private abandonedBy: string | undefined;

  private constructor(lock: BenchLock) {
    this.lock = lock;
    this.abandonedBy = lock.abandonedBy;
  }

  /** Rejects with `BENCH` when another process has the bench, naming that. */
  static async make(options: LockOptions): Promise<BenchReservation> {
    return new BenchReservation(await takeBench(options));
  }

  /** The lock for the next use; its release leaves the bench reserved. What a killed process left is told to the first. */
  nextUse(): BenchLock {
    const { abandonedBy } = this;
    this.abandonedBy = undefined;
    return { abandonedBy, release: async () => undefined };
  }

  /** Lets others have the bench. May be called twice. */
  release(): Promise<void> {
    return this.lock.release();
  }
}
