/**
 * How soon the BSC must be served while the controller clocks the bus. Its FIFOs hold 16 bytes each way and it cannot
 * stretch the clock: "only messages of 16 bytes or less can be guaranteed" (pigpio's author).
 */
import { type DurationUs, us } from '../../../rig/time/units.js';
import { FIFO_BYTES } from './bsc-registers.js';

/** Eight bits and the acknowledgement. */
const BITS_PER_BYTE = 9;
const FIFO_BITS = FIFO_BYTES * BITS_PER_BYTE;

/** Time in which a full FIFO runs dry, or an empty one full: 1.44 ms at 100 kHz, 360 µs at 400 kHz. */
export const refillWindow = (busHz: number): DurationUs => us((FIFO_BITS * 1_000_000) / busHz);

/** The highest bus frequency at which nothing is lost when the FIFOs are served every `interval`. */
export const highestBusHz = (interval: DurationUs): number =>
  Math.floor((FIFO_BITS * 1_000_000) / Math.max(interval, 1));
