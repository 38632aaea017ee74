import test from 'ava';
import fc from 'fast-check';
import { isRigError } from '../../../rig/errors.js';
import { LatencyHistogram, LONGEST_LATENCY_US } from '../../../rig/measure/histogram.js';

/** Nearest rank on the values themselves. */
function exactPercentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}

const latencyUs = fc.oneof(
  fc.nat({ max: 5_000 }),
  fc.nat({ max: 2_000_000 }),
  fc.nat({ max: 2_000_000_000 }),
);

test('percentiles are those of the sorted values within 0.1 %, and count and maximum are exact', (t) => {
  fc.assert(
    fc.property(fc.array(latencyUs, { minLength: 1, maxLength: 300 }), (values) => {
      const histogram = new LatencyHistogram();
      for (const value of values) histogram.record(value);
      for (const percent of [50, 90, 99, 99.9]) {
        const exact = exactPercentile(values, percent);
        const measured = histogram.percentileUs(percent);
        t.true(measured >= exact && measured <= exact * 1.001 + 1, `p${percent}: ${measured} for ${exact}`);
      }
      const { count, maxMs } = histogram.summary();
      t.is(count, values.length);
      t.is(maxMs, Math.max(...values) / 1_000);
    }),
  );
});

test('two histograms added are the histogram of all values', (t) => {
  fc.assert(
    fc.property(fc.array(latencyUs), fc.array(latencyUs), (left, right) => {
      const [a, b, all] = [new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram()];
      for (const value of left) a.record(value);
      for (const value of right) b.record(value);
      for (const value of [...left, ...right]) all.record(value);
      a.add(b);
      t.deepEqual(a.summary(), all.summary());
    }),
  );
});

test('an empty histogram is all zero', (t) => {
  const summary = new LatencyHistogram().summary();
  t.deepEqual(summary, { count: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 });
});

test('a latency beyond two hours is counted as two hours, with its exact maximum', (t) => {
  const histogram = new LatencyHistogram();
  histogram.record(1_000);
  histogram.record(LONGEST_LATENCY_US * 3);
  t.is(histogram.summary().maxMs, (LONGEST_LATENCY_US * 3) / 1_000);
  t.is(histogram.count, 2);
  const p99 = histogram.percentileUs(99);
  t.true(Math.abs(p99 - LONGEST_LATENCY_US) <= LONGEST_LATENCY_US * 0.001, String(p99));
});

test('a negative latency or none at all is refused', (t) => {
  for (const latency of [-1, Number.NaN]) {
    const error = t.throws(() => new LatencyHistogram().record(latency), { any: true });
    t.true(isRigError(error, 'INVALID'));
  }
});
