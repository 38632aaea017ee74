/** What scenarios measure of the device's free memory: whether it falls, as far as its own reports can tell. */
import type { MeasurementDeclaration } from '../rig/run/declarations.js';
import type { Conclusion } from '../rig/run/scenario.js';

const S_PER_HOUR = 3_600;

/** A device with the port's heap of 36 KB (the port's documentation), none of it in use, would last a day. */
export const LEAK_LIMIT_PER_HOUR = (36 * 1_024) / 24;

const measured = (name: string, unit: string, description: string, limit: MeasurementDeclaration['limit']) =>
  ({ name, unit, description, limit }) as const satisfies MeasurementDeclaration;
const none = { kind: 'none' } as const;

export const memoryMeasurements: readonly MeasurementDeclaration[] = [
  measured(
    'leak',
    'B/h',
    'loss of free memory that is certain: what the interval of the slope leaves of it',
    {
      kind: 'atMost',
      value: LEAK_LIMIT_PER_HOUR,
    },
  ),
  measured('memory slope', 'B/h', 'change of free memory between faults; negative where it falls', none),
  measured('memory least', 'B', 'least free memory that the device reported', none),
];

/** How well the slope is known, where that is judged. */
export const slopeInterval = measured(
  'memory slope interval',
  'B/h',
  'half the width of the 95 % interval of the slope: wider, and a leak would be overlooked; then let it run for longer',
  { kind: 'atMost', value: LEAK_LIMIT_PER_HOUR },
);

/** Measures what `memoryMeasurements` declares. Without enough reports the slope stays without a value. */
export function measureMemory({ memory, measure }: Conclusion): void {
  const { slope, leastBytes } = memory;
  if (leastBytes !== undefined) measure('memory least', leastBytes);
  if (slope === undefined) return;
  measure('memory slope', perHour(slope.perS));
  measure('leak', Math.max(0, perHour(-slope.perS - slope.halfWidthPerS)));
}

/** Measures `slopeInterval`. */
export function measureSlopeInterval({ memory, measure }: Conclusion): void {
  if (memory.slope !== undefined) measure('memory slope interval', perHour(memory.slope.halfWidthPerS));
}

const perHour = (perS: number): number => Math.round(perS * S_PER_HOUR);
