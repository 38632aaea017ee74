/**
 * The part of the chip that counts on while the rest of it is reset: the real-time clock's counter, and the memory beside
 * it in which the port keeps what makes a time of the counter (ports/esp8266/machine_rtc.c). Only its supply ends it.
 *
 * The counter has 32 bits of 6.5 µs, so it overflows every 7 h 45 min. The port sees that an overflow was when the counter
 * is below its last reading; so it must be read once between two overflows, by `time()` or `localtime()`.
 */
import type { Random } from '../../../../rig/random.js';
import { DEEP_SLEEP_AWAKE, resetCause } from './rom.js';

/** What the port takes a tick for, in µs: 7 h 45 min over 2^32. The chip gives it as a fixed-point number of 12 bits. */
const CALIBRATED_TICK_US = 26_608 / 4_096;
const COUNTER_TICKS = 2 ** 32;
/** From 0 to the overflow, by the counter's own time. */
export const OVERFLOW_US = COUNTER_TICKS * CALIBRATED_TICK_US;
/**
 * How far a real tick is off: "drift may be seconds per minute" (documentation of the port). The seed says how far and
 * which way.
 */
const DRIFT_S_PER_MIN = { least: 0.5, most: 3 } as const;

/** Starts that begin with a counter of 0. */
const CLEAR_COUNTER: ReadonlySet<number> = new Set([
  resetCause.powerOn,
  resetCause.resetPin,
  DEEP_SLEEP_AWAKE,
]);

const NOTHING = new Uint8Array(0);

export class Rtc {
  private readonly tickUs: number;
  /** When the counter was 0, in time of the bench. */
  private zeroUs = 0;
  private lastTicks = 0;
  /** Added to the counter's time: the time that was set, and the overflows that were seen. In the RTC's memory. */
  private deltaUs = 0;
  /** `RTC.memory()`. */
  userMemory: Uint8Array = NOTHING;

  constructor(random: Random) {
    const { least, most } = DRIFT_S_PER_MIN;
    const sign = random.next() < 0.5 ? -1 : 1;
    this.tickUs = CALIBRATED_TICK_US / (1 + (sign * random.between(least, most)) / 60);
  }

  /**
   * The chip starts. Power-on clears all; the reset pin, and so a deep sleep, clears the counter but not the memory; its own resets
   * clear neither ("system_get_rtc_time" in the vendor's SDK API guide). `ageUs`: what a counter that was cleared shows,
   * as if the chip had run for so long already without asking for the time.
   */
  start(cause: number, atUs: number, ageUs: number): void {
    if (cause === resetCause.powerOn) {
      this.deltaUs = 0;
      this.userMemory = NOTHING;
    }
    if (CLEAR_COUNTER.has(cause)) {
      this.zeroUs = atUs - (ageUs * this.tickUs) / CALIBRATED_TICK_US;
      this.lastTicks = 0;
    } else {
      this.lastTicks = this.ticks(atUs);
    }
  }

  /** The interpreter starts over: the port takes the counter's reading as its last. */
  softReset(atUs: number): void {
    this.lastTicks = this.ticks(atUs);
  }

  /** Microseconds since 2000. */
  readUs(atUs: number): number {
    const ticks = this.ticks(atUs);
    if (ticks < this.lastTicks) this.deltaUs += OVERFLOW_US;
    this.lastTicks = ticks;
    return Math.floor(ticks * CALIBRATED_TICK_US) + this.deltaUs;
  }

  setUs(toUs: number, atUs: number): void {
    this.lastTicks = this.ticks(atUs);
    this.deltaUs = toUs - Math.floor(this.lastTicks * CALIBRATED_TICK_US);
  }

  /** The chip is about to sleep for `sleepUs`, after which the counter begins anew: the port adds the sleep beforehand. */
  prepareDeepSleep(sleepUs: number, atUs: number): void {
    this.deltaUs = this.readUs(atUs) + sleepUs;
  }

  private ticks(atUs: number): number {
    return Math.floor((atUs - this.zeroUs) / this.tickUs) % COUNTER_TICKS;
  }
}
