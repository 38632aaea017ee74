/**
 * The wall clock beside virtual time: how far virtual time may be by now, and waiting for more of it, which whatever the
 * outside does ends at once.
 */
import { performance } from 'node:perf_hooks';

/** Node's timers do not wait for less. */
const TIMER_MS = 1;
/** Node's timers wait for this at most; nobody waits for longer than this anyway. */
const LONGEST_WAIT_MS = 60_000;
/**
 * So long after something came from outside, waits that are shorter than a timer's are made by turns of the event loop:
 * there is probably an answer to give, and a timer would cost it a millisecond.
 */
const ALERT_MS = 5;

export class RealTime {
  private readonly speed: number;
  private startMs = performance.now();
  private awokenMs = Number.NEGATIVE_INFINITY;
  private awaken: (() => void) | undefined;

  /** `speed`: seconds of virtual time to a second. */
  constructor(speed: number) {
    this.speed = speed;
  }

  /** How far virtual time may be now, in microseconds. */
  nowUs(): number {
    return Math.floor((performance.now() - this.startMs) * 1_000 * this.speed);
  }

  /** Virtual time has fallen behind by so much, and will not catch up. */
  giveUp(behindUs: number): void {
    this.startMs += behindUs / 1_000 / this.speed;
  }

  /** Resolves when virtual time may be `untilUs`, or when `wake` is called. May resolve a little early or late. */
  async waitUntil(untilUs: number): Promise<void> {
    const leftMs = (untilUs - this.nowUs()) / 1_000 / this.speed;
    const isAlert = performance.now() - this.awokenMs < ALERT_MS;
    if (isAlert && leftMs < 2 * TIMER_MS) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(Math.max(leftMs, TIMER_MS), LONGEST_WAIT_MS));
      this.awaken = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.awaken = undefined;
  }

  /** Something came from outside: ends a wait that is under way. */
  wake(): void {
    this.awokenMs = performance.now();
    this.awaken?.();
  }
}
