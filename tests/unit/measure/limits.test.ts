import test from 'ava';
import { judgeMeasurements, judgeRun, judgeValue } from '../../../rig/measure/limits.js';
import { rounded } from '../../../rig/measure/rounding.js';
import type { Limit } from '../../../rig/run/declarations.js';

const limits: Limit[] = [
  { kind: 'atMost', value: 5 },
  { kind: 'atLeast', value: 5 },
  { kind: 'equal', value: 5 },
  { kind: 'none' },
];

test('a value is judged against its limit, which itself is allowed', (t) => {
  const outcomes = (value: number) => limits.map((limit) => judgeValue(value, limit));
  t.deepEqual(outcomes(4), ['PASS', 'FAIL', 'FAIL', 'RECORDED']);
  t.deepEqual(outcomes(5), ['PASS', 'PASS', 'PASS', 'RECORDED']);
  t.deepEqual(outcomes(6), ['FAIL', 'PASS', 'FAIL', 'RECORDED']);
});

test('what was never measured, or is no finite number, is UNSET under every limit', (t) => {
  for (const value of [undefined, null, Number.NaN, Number.POSITIVE_INFINITY]) {
    for (const limit of limits) t.is(judgeValue(value, limit), 'UNSET');
  }
});

test('measurements come in the order declared; the exact value is judged, the rounded one shown', (t) => {
  const declared = [
    { name: 'b', unit: 'ms', description: '', limit: { kind: 'atMost', value: 10 } },
    { name: 'a', unit: '1', description: '', limit: { kind: 'none' } },
    { name: 'c', unit: 's', description: '', limit: { kind: 'atLeast', value: 1 } },
  ] as const;
  const values = new Map([
    ['a', 0.000_123_456],
    ['b', 10.000_04],
    ['x', 1],
  ]);
  const results = judgeMeasurements(declared, values);
  t.deepEqual(
    results.map(({ name, value, outcome }) => [name, value, outcome]),
    [
      ['b', 10, 'FAIL'],
      ['a', 0.000_123, 'RECORDED'],
      ['c', null, 'UNSET'],
    ],
  );
});

test('a run with a breach FAILs, one with a measurement missing is INVALID, else it is a PASS', (t) => {
  const of = (...outcomes: ('PASS' | 'FAIL' | 'RECORDED' | 'UNSET')[]) =>
    judgeRun(
      outcomes.map((outcome) => ({ name: 'm', unit: '', value: 0, limit: { kind: 'none' }, outcome })),
    );
  t.is(of(), 'PASS');
  t.is(of('PASS', 'RECORDED'), 'PASS');
  t.is(of('PASS', 'UNSET'), 'INVALID');
  t.is(of('UNSET', 'FAIL', 'PASS'), 'FAIL');
});

test('numbers are rounded to 3 decimals, small ones to 3 digits so that they do not vanish', (t) => {
  t.is(rounded(12.345_678), 12.346);
  t.is(rounded(-1.000_4), -1);
  t.is(rounded(0.000_002_995_7), 0.000_003);
  t.is(rounded(0), 0);
});
