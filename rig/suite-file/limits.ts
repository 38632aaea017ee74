/** A scenario with other limits than its own. */
import { RigError } from '../errors.js';
import { suggestion } from '../nearest.js';
import type { MeasurementDeclaration } from '../run/declarations.js';
import type { Scenario } from '../run/scenario.js';

/**
 * The same scenario, judged by `limits`: each replaces the value of a measurement's limit, of the same kind; for one that
 * was only recorded, it is the most allowed. Its `measurements` throws `USAGE` when it declares none of a name.
 */
export function withLimits(scenario: Scenario, limits: Readonly<Record<string, number>>): Scenario {
  if (Object.keys(limits).length === 0) return scenario;
  return {
    ...scenario,
    measurements: (...given) => {
      const declared = scenario.measurements(...given);
      requireKnown(Object.keys(limits), declared);
      return declared.map((measurement) => {
        const value = limits[measurement.name];
        return value === undefined ? measurement : limited(measurement, value);
      });
    },
  };
}

function limited(measurement: MeasurementDeclaration, value: number): MeasurementDeclaration {
  const { kind } = measurement.limit;
  return { ...measurement, limit: { kind: kind === 'none' ? 'atMost' : kind, value } };
}

function requireKnown(names: readonly string[], declared: readonly MeasurementDeclaration[]): void {
  const known = declared.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new RigError('USAGE', `limits: there is no measurement "${unknown}". ${suggestion(unknown, known)}`);
}
