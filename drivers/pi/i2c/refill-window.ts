/**
 * How soon the BSC must be served while the controller clocks the bus, and how soon it was. Its FIFOs hold 16 bytes each
 * way and it cannot stretch the clock: "only messages of 16 bytes or less can be guaranteed" (pigpio's author).
 */
import type { Clock } from '../../../rig/time/clock.js';
import { type DurationUs, elapsed, type InstantUs, toMs, us } from '../../../rig/time/units.js';
import { FIFO_BYTES } from './bsc-registers.js';

/** Eight bits and the acknowledgement. */
const BITS_PER_BYTE = 9;
const FIFO_BITS = FIFO_BYTES * BITS_PER_BYTE;

/**
 * The highest bus frequency at which nothing is lost when the FIFOs are served every `interval`: in that time a full FIFO runs
 * dry, or an empty one full. 100 kHz at 1.44 ms, 400 kHz at 360 µs.
 */
export const highestBusHz = (interval: DurationUs): number =>
  Math.floor((FIFO_BITS * 1_000_000) / Math.max(interval, 1));

const LOWER = 'Lower the bus frequency (link.i2c.hz, then "rig flash"), or what else runs on the host.';

/** The visits to the FIFOs, and the longest time between two of them. */
export class Visits {
  private readonly clock: Clock;
  private lastUs: InstantUs | undefined;
  private worstUs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get worstInterval(): DurationUs {
    return us(this.worstUs);
  }

  /** The FIFOs are to be served from now on; what was before does not count. */
  begin(): void {
    this.lastUs = this.clock.now();
  }

  note(): void {
    const nowUs = this.clock.now();
    if (this.lastUs !== undefined) this.worstUs = Math.max(this.worstUs, elapsed(this.lastUs, nowUs));
    this.lastUs = nowUs;
  }

  /** What to do when they were too far apart. */
  advice(): string {
    if (this.worstUs === 0) return LOWER;
    const khz = Math.floor(highestBusHz(this.worstInterval) / 1_000);
    return (
      `This host came back to the FIFOs after ${toMs(this.worstInterval).toFixed(1)} ms at worst, which is soon enough ` +
      `for ${khz} kHz. ${LOWER}`
    );
  }
}
