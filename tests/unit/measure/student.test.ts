import test from 'ava';
import { studentQuantile } from '../../../rig/measure/student.js';

/** Of any table of Student's distribution. */
const table: readonly [tail: number, freedom: number, value: number][] = [
  [0.025, 1, 12.706],
  [0.005, 1, 63.657],
  [0.025, 4, 2.776],
  [0.005, 4, 4.604],
  [0.025, 30, 2.042],
  [0.025, 1_000_000, 1.96],
];

test('quantiles are those of the tables', (t) => {
  for (const [tail, freedom, value] of table) {
    t.true(Math.abs(studentQuantile(tail, freedom) - value) < 0.000_6, `${tail}, ${freedom}`);
  }
});
