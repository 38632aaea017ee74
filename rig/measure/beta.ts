/**
 * The regularised incomplete beta function, after the NIST Digital Library of Mathematical Functions:
 * the continued fraction §8.17.22 evaluated by the modified Lentz method (Thompson & Barnett 1986), the
 * reflection §8.17.4 where it converges slowly, and ln Γ by Stirling's series §5.11.1.
 */
import { RigError } from '../errors.js';

const TINY = 1e-300;
const PRECISION = 1e-15;
/** The fraction needs about √max(a, b) terms: this covers counts of 10¹¹. */
const MAX_TERMS = 500_000;

/** I_x(a, b) for 0 ≤ x ≤ 1 and positive a, b. Throws `BENCH` when it does not converge. */
export function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - regularizedBeta(1 - x, b, a);
  const logFactor = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  return (Math.exp(logFactor) / a) * continuedFraction(x, a, b);
}

/** 1 / (1 + d₁/(1 + d₂/(1 + …))), DLMF 8.17.22. */
function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = awayFromZero(1 + coefficient(1, x, a, b));
  d = 1 / d;
  let result = d;
  for (let term = 2; term <= MAX_TERMS; term += 1) {
    const numerator = coefficient(term, x, a, b);
    d = 1 / awayFromZero(1 + numerator * d);
    c = awayFromZero(1 + numerator / c);
    const change = c * d;
    result *= change;
    if (Math.abs(change - 1) < PRECISION) return result;
  }
  throw new RigError('BENCH', `The incomplete beta function does not converge for x=${x}, a=${a}, b=${b}.`);
}

/** d₂ₘ and d₂ₘ₊₁ of DLMF 8.17.23. */
function coefficient(term: number, x: number, a: number, b: number): number {
  const m = Math.floor(term / 2);
  if (term % 2 === 0) return (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
  return (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
}

const awayFromZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

/** From here on, five terms of Stirling's series are exact to double precision. */
const STIRLING_FROM = 15;

/** ln Γ(x) for positive x: raised by Γ(x + 1) = x Γ(x) to where Stirling's series holds. */
export function logGamma(x: number): number {
  let shift = 0;
  let raised = x;
  while (raised < STIRLING_FROM) {
    shift += Math.log(raised);
    raised += 1;
  }
  const inverse = 1 / raised;
  const square = inverse * inverse;
  const series =
    inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
  return (raised - 0.5) * Math.log(raised) - raised + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
