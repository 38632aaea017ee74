/** The bench of one command, which may have several uses for it, one after the other: nobody else has it in between. */
import { type BenchLock, type LockOptions, takeBench } from './bench-lock.js';

export class BenchReservation {
  private readonly command: string;
  private lock: BenchLock | undefined;

  /** `command`: what has the bench, for whoever finds it taken. */
  constructor(command: string) {
    this.command = command;
  }

  /**
   * The lock for the next use. The first one that gets it takes the bench, and is told what a killed process left; its
   * release leaves the bench reserved. Rejects with `BENCH` when another process has the bench, naming that.
   */
  async nextUse(options: LockOptions): Promise<BenchLock> {
    const release = async () => undefined;
    if (this.lock !== undefined) return { abandonedBy: undefined, release };
    this.lock = await takeBench({ ...options, command: this.command });
    return { abandonedBy: this.lock.abandonedBy, release };
  }

  /** Lets others have the bench. May be called twice, and where it was never taken. */
  async release(): Promise<void> {
    await this.lock?.release();
    this.lock = undefined;
  }
}
