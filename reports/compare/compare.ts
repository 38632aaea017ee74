/**
 * What got better or worse from run A to run B, and whether that is more than noise. Latencies and losses have
 * intervals: a difference counts when the intervals do not overlap and it exceeds the tolerance. A declared measurement
 * is one number without an interval: it counts when it exceeds several tolerances, and when its verdict changes.
 */
import { lowerBound, upperBound } from '../../rig/measure/bounds.js';
import type { MeasurementResult, RunResult, StreamResult } from '../../rig/run/result.js';
import type { Estimate } from './latency-sample.js';
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
/** A measurement is one number, say the slowest of six recoveries: it may wander by this many tolerances. */
const SINGLE_NUMBER_FACTOR = 3;
/**
 * A comparison makes some fifty verdicts, and one by mere chance is one too many: they are made with intervals of 99 %,
 * which are this much wider than those of 95 % that are shown (2.576 against 1.960 standard deviations).
 */
const VERDICT_WIDENING = 1.31;
/** Two bounds of 97.5 % make an interval of 95 %. */
const ONE_SIDED = 0.975;

/** All that can be compared, measurement by measurement, then stream by stream. */
export function compareRuns(a: RunSample, b: RunSample, options: CompareOptions): Comparison[] {
  const before = a.result;
  const after = b.result;
  return [
    ...compareMeasurements(before, after, options),
    ...compareLosses(before, after, options),
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
  const before = badness(a.value, b);
  const after = badness(b.value, b);
  if (Math.abs(after - before) <= SINGLE_NUMBER_FACTOR * tolerance * Math.abs(a.value)) return 'same';
  return after > before ? 'worse' : 'better';
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
  return {
    value: decided === 0 ? 0 : (100 * lost) / decided,
    low: 100 * lowerBound(lost, decided, ONE_SIDED),
    high: 100 * upperBound(lost, decided, ONE_SIDED),
  };
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
  const wideA = widened(a);
  const wideB = widened(b);
  if (wideB.low > wideA.high) return 'worse';
  if (wideB.high < wideA.low) return 'better';
  return 'same';
}

/** The interval with which a verdict is made. */
const widened = ({ value, low, high }: Estimate): { low: number; high: number } => ({
  low: value - VERDICT_WIDENING * (value - low),
  high: value + VERDICT_WIDENING * (high - value),
});
