/** Judges measured values against the limits that were declared before the run. */
import type { Limit, MeasurementDeclaration } from '../run/declarations.js';
import type { Outcome } from '../run/outcome.js';
import type { MeasurementResult } from '../run/result.js';
import { rounded } from './rounding.js';

/**
 * The outcome of one value. One that was never measured, or is no finite number, is `UNSET`, even without a
 * limit: it is never a pass.
 */
export function judgeValue(value: number | null | undefined, limit: Limit): MeasurementResult['outcome'] {
  if (value === undefined || value === null || !Number.isFinite(value)) return 'UNSET';
  switch (limit.kind) {
    case 'none':
      return 'RECORDED';
    case 'atMost':
      return value <= limit.value ? 'PASS' : 'FAIL';
    case 'atLeast':
      return value >= limit.value ? 'PASS' : 'FAIL';
    case 'equal':
      return value === limit.value ? 'PASS' : 'FAIL';
  }
}

/** Judges every declared measurement, in the order of declaration. The exact value counts; it is shown rounded. */
export function judgeMeasurements(
  declared: readonly MeasurementDeclaration[],
  values: ReadonlyMap<string, number>,
): MeasurementResult[] {
  return declared.map(({ name, unit, limit }) => {
    const value = values.get(name);
    const outcome = judgeValue(value, limit);
    return {
      name,
      unit,
      value: value === undefined || outcome === 'UNSET' ? null : rounded(value),
      limit,
      outcome,
    };
  });
}

/**
 * What the measurements make of a run. A breach that was measured stays a FAIL, whatever else is missing; a
 * measurement that is missing otherwise makes it INVALID.
 */
export function judgeRun(measurements: readonly MeasurementResult[]): Outcome {
  if (measurements.some(({ outcome }) => outcome === 'FAIL')) return 'FAIL';
  if (measurements.some(({ outcome }) => outcome === 'UNSET')) return 'INVALID';
  return 'PASS';
}
