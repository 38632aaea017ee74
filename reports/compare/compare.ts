/**
 * What got better or worse from run A to run B, and whether that is more than noise. Latencies and losses have
 * intervals: a difference counts when the intervals do not overlap and it exceeds the tolerance. The times of faults are
 * compared by their ranks. A declared measurement is one number: what it says beyond passing or not depends on its unit.
 */
import { lowerBound, upperBound } from '../../rig/measure/bounds.js';
import type { MeasurementResult, RunResult, StreamResult } from '../../rig/run/result.js';
import { faultTimes, median } from './fault-times.js';
import type { Estimate } from './latency-sample.js';
import { rankTest } from './rank-test.js';
import type { RunSample, SampleKey } from './run-sample.js';

export type Verdict = 'better' | 'worse' | 'same';

export interface Comparison {
  /** What is compared: `lost`, `uplink response p99, steady`. */
  readonly name: string;
  readonly unit: string;
  readonly a: Partial<Estimate>;
  readonly b: Partial<Estimate>;
  readonly verdict: Verdict;
}

export interface CompareOptions {
  /** Relative: 0.1 leaves changes of 10 % alone. */
  readonly tolerance: number;
}

const percentiles = [50, 90, 99] as const;
/** Latencies that differ by less are not told apart: the resolution of the instrument is about that. */
const LEAST_DIFFERENCE_MS = 1;
/** A measurement is one number: it may wander by this many tolerances. */
const SINGLE_NUMBER_FACTOR = 3;
/**
 * A time that is one number is mostly the slowest of a few faults, and wanders far: the times of the faults themselves
 * are compared instead, and those of the messages.
 */
const TIME_UNITS: readonly string[] = ['us', 'ms', 's'];
/** Chance sets the times of faults that far apart once in so many comparisons. Six faults against six can reach it. */
const RANK_SIGNIFICANCE = 0.002_5;
/** Two bounds of 97.5 % make an interval of 95 %; one of 99 % is that of a verdict. */
const ONE_SIDED = 0.975;
const ONE_SIDED_VERDICT = 0.995;

/** All that can be compared, measurement by measurement, then stream by stream. */
export function compareRuns(a: RunSample, b: RunSample, options: CompareOptions): Comparison[] {
  const before = a.result;
  const after = b.result;
  return [
    ...compareMeasurements(before, after, options),
    ...compareLosses(before, after, options),
    ...compareFaults(before, after, options),
    ...compareLatencies(a, b, options),
  ];
}

function compareMeasurements(a: RunResult, b: RunResult, options: CompareOptions): Comparison[] {
  return a.measurements.flatMap((before) => {
    const after = b.measurements.find(({ name, unit }) => name === before.name && unit === before.unit);
    if (after === undefined) return [];
    return {
      name: before.name,
      unit: before.unit,
      a: measured(before),
      b: measured(after),
      verdict: judgeMeasurement(before, after, options),
    };
  });
}

const measured = ({ value }: MeasurementResult): Partial<Estimate> => (value === null ? {} : { value });

function judgeMeasurement(
  a: MeasurementResult,
  b: MeasurementResult,
  { tolerance }: CompareOptions,
): Verdict {
  const wasGood = a.outcome === 'PASS' || a.outcome === 'RECORDED';
  const isGood = b.outcome === 'PASS' || b.outcome === 'RECORDED';
  if (wasGood !== isGood) return isGood ? 'better' : 'worse';
  if (a.value === null || b.value === null || b.limit.kind === 'none') return 'same';
  if (TIME_UNITS.includes(b.unit)) return 'same';
  if (isCountByChance(a.value, b.value)) return 'same';
  const before = badness(a.value, b);
  const after = badness(b.value, b);
  if (Math.abs(after - before) <= SINGLE_NUMBER_FACTOR * tolerance * Math.abs(a.value)) return 'same';
  return after > before ? 'worse' : 'better';
}

/** Of two counts of the same trouble each event falls to either by chance: so few say nothing, as one against none. */
function isCountByChance(a: number, b: number): boolean {
  if (!Number.isInteger(a) || !Number.isInteger(b) || a < 0 || b < 0 || a + b === 0) return false;
  return lowerBound(Math.max(a, b), a + b, ONE_SIDED_VERDICT) <= 0.5;
}

/** The larger, the worse, by the measurement's limit. */
function badness(value: number, { limit }: MeasurementResult): number {
  switch (limit.kind) {
    case 'atMost':
      return value;
    case 'atLeast':
      return -value;
    case 'equal':
      return Math.abs(value - limit.value);
    case 'none':
      return 0;
  }
}

function compareLosses(a: RunResult, b: RunResult, options: CompareOptions): Comparison[] {
  return a.streams.flatMap((before) => {
    const after = b.streams.find(({ name }) => name === before.name);
    if (after === undefined) return [];
    const rates = { a: lossRate(before), b: lossRate(after) };
    return {
      name: `${before.name} loss rate`,
      unit: '%',
      ...rates,
      verdict: judge(rates.a, rates.b, options, 0),
    };
  });
}

/** In per cent, with the exact interval of Clopper and Pearson. */
function lossRate({ lost, delivered }: StreamResult): Estimate {
  const decided = lost + delivered;
  const interval = (confidence: number) => ({
    low: 100 * lowerBound(lost, decided, confidence),
    high: 100 * upperBound(lost, decided, confidence),
  });
  return {
    value: decided === 0 ? 0 : (100 * lost) / decided,
    ...interval(ONE_SIDED),
    forVerdict: interval(ONE_SIDED_VERDICT),
  };
}

/** How long each fault took to be noticed and to be over. */
function compareFaults(a: RunResult, b: RunResult, options: CompareOptions): Comparison[] {
  const after = faultTimes(b.faults);
  return [...faultTimes(a.faults)].flatMap(([kind, before]) => {
    const then = after.get(kind);
    if (then === undefined) return [];
    return [
      compareTimes(`${kind} detection, median`, before.detectionMs, then.detectionMs, options),
      compareTimes(`${kind} recovery, median`, before.recoveryMs, then.recoveryMs, options),
    ].flat();
  });
}

function compareTimes(
  name: string,
  before: readonly number[],
  after: readonly number[],
  { tolerance }: CompareOptions,
): Comparison[] {
  const [a, b] = [median(before), median(after)];
  if (a === undefined || b === undefined) return [];
  const isBeyond = Math.abs(b - a) > Math.max(tolerance * a, LEAST_DIFFERENCE_MS);
  const differs = isBeyond && rankTest(before, after) <= RANK_SIGNIFICANCE;
  const verdict = differs ? (b > a ? 'worse' : 'better') : 'same';
  return [{ name, unit: 'ms', a: { value: a }, b: { value: b }, verdict }];
}

function compareLatencies(a: RunSample, b: RunSample, options: CompareOptions): Comparison[] {
  return a.keys().flatMap((key) => {
    const before = a.sample(key);
    const after = b.sample(key);
    if (before === undefined || after === undefined) return [];
    const afterwards = after.percentiles(percentiles);
    return before.percentiles(percentiles).flatMap((was, index) => {
      const is = afterwards[index];
      const percent = percentiles[index];
      if (is === undefined || percent === undefined) return [];
      const verdict = judge(was, is, options, LEAST_DIFFERENCE_MS);
      return { name: latencyName(key, percent), unit: 'ms', a: was, b: is, verdict };
    });
  });
}

const latencyName = ({ stream, phase, kind }: SampleKey, percent: number): string =>
  `${stream} ${kind} p${percent}, ${phase}`;

/** Of two values of which less is better. */
function judge(a: Estimate, b: Estimate, { tolerance }: CompareOptions, least: number): Verdict {
  const difference = b.value - a.value;
  if (Math.abs(difference) <= Math.max(tolerance * a.value, least)) return 'same';
  if (a.forVerdict === undefined || b.forVerdict === undefined) return 'same';
  if (b.forVerdict.low > a.forVerdict.high) return 'worse';
  if (b.forVerdict.high < a.forVerdict.low) return 'better';
  return 'same';
}
