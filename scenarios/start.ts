/** What scenarios have in common in which the device does not start: the rig has to say why. */
import type { MeasurementDeclaration } from '../rig/run/declarations.js';
import type { Conclusion } from '../rig/run/scenario.js';
import { seconds } from '../rig/time/units.js';
import { lossesAllowed, measureCounts, measureRecovery, recoveryMeasurements } from './parts.js';

/** From the reset with everything right to a drained backlog: boot, join, and WiFi stable for 3 s. */
const RECOVERY_LIMIT = seconds(60);

/** How many of `faults` were named for what they were. */
export const named = (faults: number) =>
  ({
    name: 'named',
    unit: 'faults',
    description: 'that the rig named for what they were, by what the device printed alone',
    limit: { kind: 'equal', value: faults },
  }) as const satisfies MeasurementDeclaration;

/** Measures what `named` declares. */
export function measureNames({ faults, measure }: Conclusion): void {
  measure('named', faults.filter(({ namedRight }) => namedRight === true).length);
}

/** Of faults that the rig itself makes by way of the device's console or bus, so that it need not notice them. */
export const startMeasurements = (faults: number): readonly MeasurementDeclaration[] => [
  ...lossesAllowed,
  ...recoveryMeasurements(faults, RECOVERY_LIMIT),
  named(faults),
];

/** Measures what `startMeasurements` declares. */
export function concludeStarts(conclusion: Conclusion): void {
  measureCounts(conclusion);
  measureRecovery(conclusion);
  measureNames(conclusion);
}
