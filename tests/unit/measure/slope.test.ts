/** The slope of readings that come in groups, and its interval. */
import test from 'ava';
import { slopeOf } from '../../../rig/measure/slope.js';
import { createRandom } from '../../../rig/random.js';

const line = (count: number, value: (atS: number) => number, group = 0, fromS = 0) =>
  Array.from({ length: count }, (_, index) => {
    const atS = fromS + index * 10;
    return { group, atS, value: value(atS) };
  });

test('a straight line is known exactly, and a level in each group is its own', (t) => {
  const falling = [...line(20, (atS) => 9_000 - 2 * atS), ...line(20, (atS) => 50_000 - 2 * atS, 1, 5_000)];
  const slope = slopeOf(falling);
  t.true(Math.abs((slope?.perS ?? 0) + 2) < 1e-9);
  t.true((slope?.halfWidthPerS ?? 1) < 1e-6);
  t.is(slope?.readings, 40);
});

test('the interval is that of the textbook: five points, three degrees too few, seven of them', (t) => {
  t.is(slopeOf(line(5, (atS) => atS)), undefined);
  // y = 0, 1, 0, 1, 0, 1, 0 at x = 0 … 60: slope 0, and s² = Σ(y - 3/7)² / 5; t(0.975, 5) = 2.5706.
  const slope = slopeOf(line(7, (atS) => (atS / 10) % 2));
  const expected = 2.5706 * Math.sqrt(12 / 7 / 5 / 2_800);
  t.true(Math.abs(slope?.perS ?? 1) < 1e-12);
  t.true(Math.abs((slope?.halfWidthPerS ?? 0) / expected - 1) < 1e-4);
});

test('readings that resemble their neighbours widen it', (t) => {
  const random = createRandom(4);
  let level = 0;
  const noise = line(400, () => random.between(-1, 1));
  const wandering = line(400, () => {
    level = 0.9 * level + random.between(-1, 1);
    return level;
  });
  const width = (readings: typeof noise) => slopeOf(readings)?.halfWidthPerS ?? 0;
  t.true(width(wandering) > 5 * width(noise));
});

test('nothing is said of too little: one instant, or one reading in each group', (t) => {
  t.is(slopeOf([]), undefined);
  t.is(slopeOf(line(30, () => 4).map((reading) => ({ ...reading, atS: 7 }))), undefined);
  t.is(slopeOf(line(30, () => 4).map((reading, group) => ({ ...reading, group }))), undefined);
});
