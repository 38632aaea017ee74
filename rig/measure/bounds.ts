/**
 * The exact bounds of a rate from a count: `events` of `trials` were lost, how large or small may the true rate be?
 * Clopper & Pearson, "The use of confidence or fiducial limits", Biometrika 26 (1934): a bound is a quantile of
 * a beta distribution. For no event of N the one-sided 95 % bound is 1 − 0.05^(1/N), about 3/N.
 */
import { RigError } from '../errors.js';
import { regularizedBeta } from './beta.js';

const BISECTIONS = 200;

/** The rate that the true one exceeds with a probability of 1 − `confidence` at most (one-sided). */
export function upperBound(events: number, trials: number, confidence = 0.95): number {
  requireCounts(events, trials);
  if (events === trials) return 1;
  return betaQuantile(confidence, events + 1, trials - events);
}

/** The rate below which the true one lies with a probability of 1 − `confidence` at most (one-sided). */
export function lowerBound(events: number, trials: number, confidence = 0.95): number {
  requireCounts(events, trials);
  if (events === 0) return 0;
  return betaQuantile(1 - confidence, events, trials - events + 1);
}

function requireCounts(events: number, trials: number): void {
  if (Number.isInteger(events) && Number.isInteger(trials) && events >= 0 && events <= trials) return;
  throw new RigError('INVALID', `A rate of ${events} in ${trials} cannot be: the counts are wrong.`);
}

/** The x with I_x(a, b) = `probability`, by bisection, as far as a double can tell. */
function betaQuantile(probability: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (regularizedBeta(middle, a, b) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
