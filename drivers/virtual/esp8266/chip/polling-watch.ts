/**
 * Notices a program that only polls, and says how far time may be skipped ahead. Each skip is an eighth of
 * the time that it has been polling, so that a timeout that it counts down itself is met within 12 %, and never
 * more than 10 ms.
 */

/** Fruitless looks in a row before any time is skipped: a short busy-wait is simulated to the letter. */
const PATIENCE = 32;
const SHARE = 8;
const LONGEST_SKIP_US = 10_000;

export class PollingWatch {
  private looks = 0;
  private sinceUs = 0;

  /** The program did something, or something reached it. */
  progress(): void {
    this.looks = 0;
  }

  /** The program looked and found nothing new. Returns the microseconds to skip; 0 for none. */
  observed(nowUs: number): number {
    if (this.looks === 0) this.sinceUs = nowUs;
    this.looks += 1;
    if (this.looks < PATIENCE) return 0;
    return Math.min((nowUs - this.sinceUs) / SHARE, LONGEST_SKIP_US);
  }
}
