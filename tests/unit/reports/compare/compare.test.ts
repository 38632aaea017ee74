/** Comparisons: what is the same is called so, what is slower is found, noise is left alone. */
import test from 'ava';
import { type Comparison, compareRuns } from '../../../../reports/compare/compare.js';
import { LatencySample } from '../../../../reports/compare/latency-sample.js';
import { rankTest } from '../../../../reports/compare/rank-test.js';
import { RunSample } from '../../../../reports/compare/run-sample.js';
import { createRandom } from '../../../../rig/random.js';
import { instant } from '../../../../rig/time/units.js';
import { type MadeUpJournal, madeUpJournal } from '../made-up-journal.js';

function sampleOf(options: MadeUpJournal): RunSample {
  const sample = new RunSample();
  for (const event of madeUpJournal(options)) sample.apply(event);
  return sample;
}

const compared = (a: MadeUpJournal, b: MadeUpJournal): Comparison[] =>
  compareRuns(sampleOf(a), sampleOf(b), { tolerance: 0.1 });

const verdicts = (all: readonly Comparison[], name: RegExp): string[] =>
  all.filter((each) => name.test(each.name)).map(({ verdict }) => verdict);

/** Noise with a seed of its own. */
function noise(seed: number): (index: number) => number {
  const random = createRandom(seed);
  const values = Array.from({ length: 2_000 }, () => random.integer(0, 1_000) / 1_000);
  return (index) => values[index % values.length] ?? 0;
}

test('a run compared with itself does not differ in anything', (t) => {
  const all = compared({}, {});
  t.true(all.length > 10);
  t.true(all.every(({ verdict, a, b }) => verdict === 'same' && a.value === b.value));
});

test('20 % more latency underneath is worse, and 20 % less is better', (t) => {
  const slower = compared({ messages: 1_200 }, { messages: 1_200, slower: 1.2 });
  t.deepEqual(new Set(verdicts(slower, /response p\d+, steady/)), new Set(['worse']));
  t.deepEqual(new Set(verdicts(slower, /lost|loss/)), new Set(['same']));
  const faster = compared({ messages: 1_200, slower: 1.2 }, { messages: 1_200 });
  t.deepEqual(new Set(verdicts(faster, /response p\d+, steady/)), new Set(['better']));
});

test('runs that differ by their noise alone do not differ', (t) => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const all = compared({ noise: noise(seed) }, { noise: noise(seed + 100) });
    t.deepEqual(
      all.filter(({ verdict }) => verdict !== 'same').map(({ name }) => name),
      [],
      `seed ${seed}`,
    );
  }
});

test('losses count when their exact intervals do not overlap', (t) => {
  const many = compared({ messages: 1_000 }, { messages: 1_000, loseEvery: 10 });
  t.deepEqual(verdicts(many, /^uplink loss rate$/), ['worse']);
  const one = compared({ messages: 1_000 }, { messages: 1_000, loseEvery: 900 });
  t.deepEqual(verdicts(one, /^uplink loss rate$/), ['same']);
  const rate = many.find(({ name }) => name === 'downlink loss rate');
  t.true(
    (rate?.b.high ?? 0) > 0.3 && (rate?.b.high ?? 1) < 0.4,
    '0 of 1,000 is at most about 3.7 ‰ (two-sided 95 %)',
  );
});

test('a measurement whose limit is no longer kept is worse, however small the change', (t) => {
  const all = compared({ messages: 1_000 }, { messages: 1_000, loseEvery: 1_000 });
  t.deepEqual(verdicts(all, /^lost$/), ['worse']);
});

test('an interval holds its value, and widens where messages wait together', (t) => {
  const random = createRandom(3);
  const apart = new LatencySample();
  const together = new LatencySample();
  for (let index = 0; index < 3_000; index += 1) {
    const slow = random.integer(0, 9) === 0;
    apart.record(index * 100, slow ? 900_000 : 100_000, undefined);
    // As many slow ones, but all in two stretches.
    together.record(index * 100, index % 1_500 < 150 ? 900_000 : 100_000, undefined);
  }
  const [independent] = apart.percentiles([85]);
  const [clustered] = together.percentiles([85]);
  t.true(
    independent !== undefined &&
      independent.low <= independent.value &&
      independent.value <= independent.high,
  );
  t.is(independent?.value, clustered?.value);
  t.true(
    (clustered?.high ?? 0) > 8 * (independent?.high ?? 0),
    `${clustered?.high} against ${independent?.high}`,
  );
});

test('what comes of a single cluster has no bounds', (t) => {
  const sample = new LatencySample();
  sample.record(0, 5_000, 1);
  const [estimate] = sample.percentiles([50]);
  t.is(estimate?.low, 0);
  t.is(estimate?.high, Number.POSITIVE_INFINITY);
});

/** A run with one fault after the other, each noticed and over after the given times, in milliseconds. */
function faulty(times: readonly (readonly [detectionMs: number, recoveryMs: number])[]): RunSample {
  const [first, ...others] = madeUpJournal({});
  const sample = new RunSample();
  if (first?.type !== 'run.started') return sample;
  const [lost] = first.measurements;
  const measurements = ['detection max', 'retries'].map((name, index) => ({
    ...(lost ?? { description: '' }),
    name,
    unit: index === 0 ? 'ms' : 'retries',
    limit: { kind: 'atMost', value: 60_000 } as const,
  }));
  sample.apply({ ...first, measurements });
  for (const event of others)
    if (!event.type.startsWith('fault.') && event.type !== 'measured') sample.apply(event);
  for (const [index, [detectionMs, recoveryMs]] of times.entries()) {
    const at = (ms: number) => instant((index * 60_000 + ms) * 1_000);
    const fault = index + 1;
    sample.apply({ type: 'fault.injected', atUs: at(0), fault, kind: 'wifi-outage', detail: '' });
    sample.apply({ type: 'fault.step', atUs: at(detectionMs), fault, step: 'seen by the server' });
    sample.apply({ type: 'fault.cleared', atUs: at(10_000), fault });
    sample.apply({ type: 'fault.recovered', atUs: at(10_000 + recoveryMs), fault });
  }
  const slowest = Math.max(...times.map(([detectionMs]) => detectionMs));
  sample.apply({ type: 'measured', atUs: instant(1), name: 'detection max', value: slowest });
  sample.apply({ type: 'measured', atUs: instant(1), name: 'retries', value: times.length });
  return sample;
}

const faults = (number: number, slower = 1): [number, number][] =>
  Array.from({ length: number }, (_, index) => [800 + 90 * index, (7_000 + 100 * index) * slower]);

const worseIn = (a: RunSample, b: RunSample): string[] =>
  compareRuns(a, b, { tolerance: 0.1 })
    .filter(({ verdict }) => verdict === 'worse')
    .map(({ name }) => name);

test('faults are compared one by one: the slowest of a few wanders, and makes no verdict', (t) => {
  t.deepEqual(worseIn(faulty(faults(6)), faulty([...faults(5), [2_900, 7_100]])), []);
  t.deepEqual(worseIn(faulty([[600, 7_000]]), faulty([[1_400, 9_000]])), [], 'one says nothing');
});

test('faults that all take longer are worse, where there are enough to tell', (t) => {
  t.deepEqual(worseIn(faulty(faults(6)), faulty(faults(6, 1.2))), ['wifi-outage recovery, median']);
  t.deepEqual(worseIn(faulty(faults(30)), faulty(faults(30, 1.4))), ['wifi-outage recovery, median']);
  t.deepEqual(worseIn(faulty(faults(3)), faulty(faults(3, 3))), []);
});

test('one trouble more than none is chance, many more are not', (t) => {
  const counted = (retries: number): RunSample => {
    const sample = faulty(faults(6));
    sample.apply({ type: 'measured', atUs: instant(1), name: 'retries', value: retries });
    return sample;
  };
  t.deepEqual(worseIn(counted(0), counted(1)), []);
  t.deepEqual(worseIn(counted(2), counted(7)), []);
  t.deepEqual(worseIn(counted(2), counted(20)), ['retries']);
});

test('the rank test is exact for few values, and about normal for many', (t) => {
  t.is(rankTest([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]), 2 / 924);
  t.is(rankTest([1, 2], [3, 4]), 2 / 6);
  t.is(rankTest([5, 5, 5], [5, 5, 5]), 1);
  t.is(rankTest([], [1]), 1);
  const spread = (from: number) => Array.from({ length: 30 }, (_, index) => from + index);
  // 690 of the 900 pairs rise: 3.548 deviations of √(30 · 30 · 61 / 12) from 450.
  const p = rankTest(spread(0.5), spread(10));
  t.true(Math.abs(p - 0.000_388) < 0.000_001, `${p}`);
});
