/** What scenarios have in common that start the device where something is missing. */
import type { MeasurementDeclaration } from '../rig/run/declarations.js';
import type { Conclusion } from '../rig/run/scenario.js';
import { type DurationUs, seconds } from '../rig/time/units.js';

/** From the last message offered until none is on its way on a link that works: a start loses what the device holds. */
export const SETTLE: DurationUs = seconds(5);

/** How many starts must be reported, each by the device's own word that it stops. */
export const reportMeasurement = (name: string, description: string, starts: number) =>
  ({
    name,
    unit: 'starts',
    description,
    limit: { kind: 'equal', value: starts },
  }) as const satisfies MeasurementDeclaration;

/** Every start of the run, from configuration to report; undefined where there was none. */
export const reportsOf = ({ faults }: Pick<Conclusion, 'faults'>): readonly (DurationUs | undefined)[] =>
  faults.flatMap(({ reportsUs }) => reportsUs ?? []);

/** Measures what `reportMeasurement` declares. */
export function measureReports(conclusion: Conclusion, name: string): void {
  conclusion.measure(name, reportsOf(conclusion).filter((report) => report !== undefined).length);
}
