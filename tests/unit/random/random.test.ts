/** Seeded random numbers: the same for a seed, independent by name, and evenly spread. */
import test from 'ava';
import fc from 'fast-check';
import { createRandom, type Random } from '../../../rig/random.js';

const first = (random: Random, count = 8): number[] => Array.from({ length: count }, () => random.next());

test('a seed gives the same numbers every time; the first ones are fixed', (t) => {
  t.deepEqual(first(createRandom(7)), first(createRandom(7)));
  t.notDeepEqual(first(createRandom(7)), first(createRandom(8)));
  // Mulberry32 of seed 42, computed by its published definition: a change here changes every stored run.
  t.deepEqual(
    first(createRandom(42), 3).map((value) => Math.floor(value * 2 ** 32)),
    [2_581_720_956, 1_925_393_290, 3_661_312_704],
  );
});

test('seeds are 32 bits: what is beyond wraps', (t) => {
  t.is(createRandom(2 ** 32 + 5).seed, 5);
  t.deepEqual(first(createRandom(2 ** 32 + 5)), first(createRandom(5)));
  t.is(createRandom(-1).seed, 0xffff_ffff);
});

test('a fork depends on the seed and the name alone, not on what was drawn or forked before', (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.string(), fc.array(fc.string()), fc.nat(50), (seed, name, others, draws) => {
      const untouched = createRandom(seed).fork(name);
      const busy = createRandom(seed);
      for (const other of others) busy.fork(other).next();
      for (let draw = 0; draw < draws; draw += 1) busy.next();
      t.deepEqual(first(busy.fork(name)), first(untouched));
    }),
  );
});

test('to fork takes nothing from the parent', (t) => {
  const forked = createRandom(3);
  forked.fork('air').next();
  t.deepEqual(first(forked), first(createRandom(3)));
});

test('forks of the names that the rig uses differ, and so do those of different seeds', (t) => {
  const seeds = new Set<number>();
  const names = ['board', 'air', 'scenario', 'mac', 'faults', 'scenario 2'];
  for (let seed = 0; seed < 200; seed += 1) {
    for (const name of names) seeds.add(createRandom(seed).fork(name).seed);
  }
  // Of 1,200 draws of 32 bits, two are equal once in 6,000 times; the seeds are fixed, so this does not vary.
  t.is(seeds.size, 200 * names.length);
});

test('a fork does not run in step with its parent or its sibling', (t) => {
  const parent = createRandom(11);
  const streams = [parent.fork('one'), parent.fork('two'), parent];
  const samples = streams.map((stream) => first(stream, 5_000));
  for (const [x, y] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    const [a, b] = [samples[x] ?? [], samples[y] ?? []];
    const covariance =
      a.reduce((sum, value, index) => sum + (value - 0.5) * ((b[index] ?? 0) - 0.5), 0) / a.length;
    // Uniform on [0, 1) has variance 1/12; five standard errors of a correlation of 5,000 pairs are 0.07.
    t.true(Math.abs(covariance * 12) < 0.07, `streams ${x} and ${y}: correlation ${covariance * 12}`);
  }
});

test('numbers lie in [0, 1), integers in both bounds, and every value of a range is met', (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: -50, max: 50 }), fc.nat(20), (seed, low, span) => {
      const random = createRandom(seed);
      const met = new Set<number>();
      for (let draw = 0; draw < 40 * (span + 1); draw += 1) {
        const whole = random.integer(low, low + span);
        t.true(Number.isInteger(whole) && whole >= low && whole <= low + span);
        met.add(whole);
        const real = random.between(low, low + span + 1);
        t.true(real >= low && real < low + span + 1);
      }
      t.is(met.size, span + 1);
    }),
    { numRuns: 50, seed: 1 },
  );
});

test('values are spread evenly: chi-squared over a hundred bins', (t) => {
  for (const seed of [0, 1, 42, 0xffff_ffff]) {
    const random = createRandom(seed);
    const bins = new Array<number>(100).fill(0);
    const draws = 100_000;
    for (let draw = 0; draw < draws; draw += 1) {
      const bin = Math.floor(random.next() * bins.length);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const expected = draws / bins.length;
    const chiSquared = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 99 degrees of freedom: 149 is exceeded once in a thousand times.
    t.true(chiSquared < 149, `seed ${seed}: ${chiSquared}`);
  }
});
