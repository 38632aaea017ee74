/** Transfers of one bus, made one after the other in the order of the calls, for several users. Bounded. */
import { RigError } from '../../../rig/errors.js';

/** Transfers that may wait for one bus, the one under way included; a further one rejects with `FULL`. */
export const MAX_WAITING_TRANSFERS = 64;

interface Job {
  readonly owner: object;
  run(): Promise<void>;
  reject(error: RigError): void;
}

export class TransferQueue {
  private readonly device: string;
  /** The first is under way, and stays here until it is done. */
  private readonly jobs: Job[] = [];
  private working: Promise<void> | undefined;

  /** `device` names the bus in messages. */
  constructor(device: string) {
    this.device = device;
  }

  /** Makes a transfer when its turn comes. Rejects as it does, or with `CLOSED` as soon as its owner leaves. */
  add<T>(owner: object, transfer: () => Promise<T>): Promise<T> {
    if (this.jobs.length >= MAX_WAITING_TRANSFERS) {
      const message = `${this.device}: ${MAX_WAITING_TRANSFERS} transfers wait already.`;
      return Promise.reject(new RigError('FULL', message));
    }
    return new Promise<T>((resolve, reject) => {
      const run = () => transfer().then(resolve, reject);
      this.jobs.push({ owner, run, reject });
      this.working ??= this.work();
    });
  }

  /** Rejects what `owner` waits for with `CLOSED`. What is under way goes on, because nothing can stop it. */
  leave(owner: object): void {
    const [underWay, ...waiting] = this.jobs;
    const kept = waiting.filter((job) => job.owner !== owner);
    for (const job of this.jobs) if (job.owner === owner) job.reject(this.closed());
    this.jobs.splice(0, this.jobs.length, ...(underWay === undefined ? [] : [underWay]), ...kept);
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.working;
  }

  closed(): RigError {
    return new RigError('CLOSED', `${this.device} is closed.`);
  }

  private async work(): Promise<void> {
    for (let job = this.jobs[0]; job !== undefined; job = this.jobs[0]) {
      await job.run();
      this.jobs.shift();
    }
    this.working = undefined;
  }
}
