/** What the reading of an instrument on the supply rail proves, and how it is told. */
import type { RailReading } from '../ports.js';

/** A rail that is switched off is below this; the chip stops far above it. */
export const RAIL_OFF_VOLTS = 0.5;

/**
 * True when the reading shows that the device has no power. What a comparator calls down is below its threshold, not
 * necessarily near 0 V.
 */
export function isRailOff(reading: RailReading): boolean {
  return reading.kind === 'voltmeter' ? reading.volts < RAIL_OFF_VOLTS : !reading.isUp;
}

/** The evidence of a rail that went off. */
export function fallText(reading: RailReading): string {
  if (reading.kind === 'voltmeter') return `the rail fell to ${reading.volts.toFixed(2)} V`;
  return 'the comparator saw the rail go down';
}

/** What is wrong with a rail that did not. */
export function stayText(reading: RailReading | undefined): string {
  if (reading === undefined) return 'the rail was not read';
  if (reading.kind === 'voltmeter') return `the rail stayed at ${reading.volts.toFixed(2)} V`;
  return 'the comparator still sees the rail up';
}
