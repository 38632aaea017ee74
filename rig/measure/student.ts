/** Quantiles of Student's distribution: how much wider an interval is for knowing its spread from few values. */
import { regularizedBeta } from './beta.js';

/** Beyond it lies less than a double can tell of any probability that is asked for here. */
const HIGHEST = 1e6;
const BISECTIONS = 200;

/** The value that is exceeded with a probability of `tail`, which is below a half. */
export function studentQuantile(tail: number, degreesOfFreedom: number): number {
  // Abramowitz & Stegun 26.7.1: P(|t| > x) is this incomplete beta function.
  const tailOf = (x: number) =>
    regularizedBeta(degreesOfFreedom / (degreesOfFreedom + x * x), degreesOfFreedom / 2, 0.5) / 2;
  let low = 0;
  let high = HIGHEST;
  for (let step = 0; step < BISECTIONS && high - low > 1e-9 * high; step += 1) {
    const middle = (low + high) / 2;
    if (tailOf(middle) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
