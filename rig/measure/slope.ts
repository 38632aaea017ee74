/**
 * The slope of a quantity over time, and how well it is known: least squares with one level for each group, so that only
 * what changes within a group counts. The interval is Student's, at 95 %, and widened where neighbours resemble each other:
 * n readings of which each says almost what the last one said are worth less than n (Bartlett's formula for lag 1).
 */
import { regularizedBeta } from './beta.js';

/** One reading. Those of a group, such as one life of a device, follow each other. */
export interface Reading {
  readonly group: number;
  readonly atS: number;
  readonly value: number;
}

export interface Slope {
  /** Per second. */
  readonly perS: number;
  /** Half the width of its 95 % interval, per second. */
  readonly halfWidthPerS: number;
  readonly readings: number;
}

/** Fewer degrees of freedom say nothing of noise. */
const LEAST_FREEDOM = 4;
const CONFIDENCE = 0.95;
const BISECTIONS = 200;
/** As if at most 19 of 20 readings were repetitions. */
const MOST_RESEMBLANCE = 0.9;

/** Undefined where there are too few readings to tell. */
export function slopeOf(readings: readonly Reading[]): Slope | undefined {
  const groups = centred(readings);
  const all = groups.flat();
  const sxx = sum(all, ({ x }) => x * x);
  const freedom = all.length - groups.length - 1;
  if (freedom < LEAST_FREEDOM || sxx === 0) return undefined;
  const perS = sum(all, ({ x, y }) => x * y) / sxx;
  const residuals = groups.map((group) => group.map(({ x, y }) => y - perS * x));
  const variance = sum(residuals.flat(), (each) => each * each) / freedom;
  const r = resemblance(residuals);
  const worth = (1 - r) / (1 + r);
  const standardError = Math.sqrt(variance / sxx / worth);
  const halfWidthPerS = studentQuantile(Math.max(LEAST_FREEDOM, freedom * worth)) * standardError;
  return { perS, halfWidthPerS, readings: all.length };
}

interface Centred {
  readonly x: number;
  readonly y: number;
}

function centred(readings: readonly Reading[]): Centred[][] {
  const groups = new Map<number, Reading[]>();
  for (const reading of readings) {
    const group = groups.get(reading.group);
    if (group === undefined) groups.set(reading.group, [reading]);
    else group.push(reading);
  }
  return [...groups.values()].map((group) => {
    const x = sum(group, ({ atS }) => atS) / group.length;
    const y = sum(group, ({ value }) => value) / group.length;
    return group.map(({ atS, value }) => ({ x: atS - x, y: value - y }));
  });
}

/** The correlation of neighbours, 0 where it is negative. */
function resemblance(groups: readonly (readonly number[])[]): number {
  const squares = sum(groups.flat(), (each) => each * each);
  if (squares === 0) return 0;
  const products = groups.reduce(
    (total, group) => total + sum(group.slice(1), (each, index) => each * (group[index] ?? 0)),
    0,
  );
  return Math.min(MOST_RESEMBLANCE, Math.max(0, products / squares));
}

function sum<T>(items: readonly T[], value: (item: T, index: number) => number): number {
  let total = 0;
  items.forEach((item, index) => {
    total += value(item, index);
  });
  return total;
}

/** The t beyond which, on either side, lies what the confidence leaves: by its relation to the beta distribution. */
function studentQuantile(freedom: number): number {
  let low = 0;
  let high = 1;
  // I_x(freedom / 2, 1 / 2), with x = freedom / (freedom + t²), is the probability of both tails.
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (regularizedBeta(middle, freedom / 2, 0.5) < 1 - CONFIDENCE) low = middle;
    else high = middle;
  }
  return Math.sqrt(freedom / high - freedom);
}
