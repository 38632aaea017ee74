import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { isRigError } from '../../../rig/errors.js';
import { logGamma, regularizedBeta } from '../../../rig/measure/beta.js';
import { upperBound } from '../../../rig/measure/bounds.js';

function close(t: ExecutionContext, actual: number, expected: number, relative = 1e-9): void {
  t.true(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} is not ${expected}`);
}

/** The probability of at most `events` of `trials` at a true `rate`, summed up term by term. */
function binomialAtMost(events: number, trials: number, rate: number): number {
  let term = (1 - rate) ** trials;
  let sum = term;
  for (let k = 1; k <= events; k += 1) {
    term *= ((trials - k + 1) / k) * (rate / (1 - rate));
    sum += term;
  }
  return sum;
}

test('no event of N has the upper bound 1 − 0.05^(1/N), about 3/N', (t) => {
  for (const trials of [1, 2, 10, 100, 1_000, 1_000_000]) {
    close(t, upperBound(0, trials), -Math.expm1(Math.log(0.05) / trials));
  }
  t.true(Math.abs(upperBound(0, 1_000) * 1_000 - 3) < 0.01);
});

test('bounds are those of published tables', (t) => {
  // The upper ends of Clopper–Pearson 95 % intervals, two-sided: 10 of 100, 1 of 10, 0 of 10.
  const upper = (events: number, trials: number) => upperBound(events, trials, 0.975).toFixed(4);
  t.deepEqual([upper(10, 100), upper(1, 10), upper(0, 10)], ['0.1762', '0.4450', '0.3085']);
});

test('at its bound, a rate would give so few events with a probability of exactly 5 %', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), (trials, at) => {
      const events = at % trials;
      close(t, binomialAtMost(events, trials, upperBound(events, trials)), 0.05, 1e-6);
    }),
  );
});

test('the bound is above the observed rate, also for very many trials', (t) => {
  for (const [events, trials] of [
    [1, 1_000_000],
    [5_000, 1_000_000],
    [999_999, 1_000_000],
    [3, 4_000_000_000],
  ] as const) {
    t.true(upperBound(events, trials) > events / trials);
  }
});

test('without trials nothing is known, and all lost bounds the rate at 1', (t) => {
  t.is(upperBound(0, 0), 1);
  t.is(upperBound(7, 7), 1);
});

test('counts that cannot be are refused', (t) => {
  for (const [events, trials] of [
    [-1, 5],
    [6, 5],
    [0.5, 5],
  ] as const) {
    const error = t.throws(() => upperBound(events, trials), { any: true });
    t.true(isRigError(error, 'INVALID'));
  }
});

test('ln Γ and the incomplete beta function have their closed forms', (t) => {
  let factorial = 0;
  for (let n = 1; n < 60; n += 1) {
    t.true(Math.abs(logGamma(n) - factorial) <= 1e-13 * Math.max(1, factorial), `Γ(${n})`);
    factorial += Math.log(n);
  }
  close(t, Math.exp(logGamma(0.5)), Math.sqrt(Math.PI), 1e-13);
  for (const x of [0.001, 0.2, 0.5, 0.9, 0.999]) {
    close(t, regularizedBeta(x, 1, 1), x, 1e-12);
    close(t, regularizedBeta(x, 3, 1), x ** 3, 1e-12);
    close(t, regularizedBeta(x, 0.5, 0.5), (2 / Math.PI) * Math.asin(Math.sqrt(x)), 1e-12);
  }
});
