/** A scenario with other limits than its own. */
import type { MeasurementDeclaration } from '../run/declarations.js';
import type { Scenario } from '../run/scenario.js';

/**
 * The same scenario, judged by `limits`, by the names of measurements: each replaces the value of a limit, of the same
 * kind; for a measurement that was only recorded, it is the most allowed.
 */
export function withLimits(scenario: Scenario, limits: ReadonlyMap<string, number>): Scenario {
  if (limits.size === 0) return scenario;
  return {
    ...scenario,
    measurements: (...given) =>
      scenario.measurements(...given).map((measurement) => {
        const value = limits.get(measurement.name);
        return value === undefined ? measurement : limited(measurement, value);
      }),
  };
}

function limited(measurement: MeasurementDeclaration, value: number): MeasurementDeclaration {
  const { kind } = measurement.limit;
  return { ...measurement, limit: { kind: kind === 'none' ? 'atMost' : kind, value } };
}
