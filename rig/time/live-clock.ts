/**
 * Virtual time that keeps to the wall clock and lets the outside in: sockets, serial ports, other programs. A process,
 * such as the virtual board, never runs ahead of the wall clock, so that what comes from outside meets it as it is at that
 * moment. It may fall behind where the machine is too slow; what it is behind by more than a little it does not catch up.
 */
import type { Timer } from './clock.js';
import { RealTime } from './real-time.js';
import { type InstantUs, instant, latest } from './units.js';
import { VirtualClock } from './virtual-clock.js';

/** Virtual time that is further behind, because the machine was busy or asleep, goes on from where it is. */
const CATCH_UP_LIMIT_US = 500_000;

export interface LiveClockOptions {
  /** Seconds of virtual time to a second; 1 unless told. */
  readonly speed?: number;
}

export class LiveClock extends VirtualClock {
  private readonly real: RealTime;
  /** While nothing is to be done: when that ends. Time passes meanwhile for whoever looks. */
  private restingUntilUs: InstantUs | undefined;

  constructor({ speed = 1 }: LiveClockOptions = {}) {
    super();
    this.real = new RealTime(speed);
  }

  override now(): InstantUs {
    const { restingUntilUs } = this;
    if (restingUntilUs === undefined) return super.now();
    return latest(super.now(), instant(Math.min(this.real.nowUs(), restingUntilUs)));
  }

  override at(name: string, dueUs: InstantUs, callback: () => void): Timer {
    const timer = super.at(name, dueUs, callback);
    if (this.restingUntilUs !== undefined) this.real.wake();
    return timer;
  }

  override run<T>(main: () => Promise<T>): Promise<T> {
    return super.run(async () => {
      try {
        return await main();
      } finally {
        this.real.wake();
      }
    });
  }

  /**
   * Does something that the outside wants done now, and resolves or rejects as it does. Whatever touches a process or waits
   * on this clock is to be done in here.
   */
  enter<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.at(name, this.now(), () => {
        // What throws is the caller's, not a defect of the simulation.
        new Promise<T>((settle) => settle(work())).then(resolve, reject);
      });
      this.real.wake();
    });
  }

  protected override async step(): Promise<boolean> {
    const realUs = this.keptUp();
    if (this.nextEventUs() <= realUs) {
      this.runProcesses(instant(this.nextEventUs()));
      return this.runNext();
    }
    this.runProcesses(realUs);
    if (this.nextEventUs() <= realUs) return false;
    this.moveTo(realUs);
    await this.rest();
    return false;
  }

  /** How far time may go now. */
  private keptUp(): InstantUs {
    const behindUs = this.real.nowUs() - super.now();
    if (behindUs > CATCH_UP_LIMIT_US) this.real.giveUp(behindUs - CATCH_UP_LIMIT_US);
    return latest(super.now(), instant(this.real.nowUs()));
  }

  /** Waits until the next event, or until a process has something to do, or until the outside comes in. */
  private async rest(): Promise<void> {
    const untilUs = instant(Math.ceil(Math.min(this.nextEventUs(), this.nextProcessUs())));
    this.restingUntilUs = untilUs;
    try {
      await this.real.waitUntil(untilUs);
    } finally {
      const nowUs = this.now();
      this.restingUntilUs = undefined;
      this.moveTo(nowUs);
    }
  }
}
