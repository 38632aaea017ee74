/**
 * The rank test of Wilcoxon, Mann and Whitney: could two small samples be of one distribution? It asks nothing of the
 * distribution, and few values make few alarms: two samples of five can never differ at 0.25 %.
 */

/** With more values in all, the sum of ranks is as good as normal. */
const EXACT_LIMIT = 40;

/** The probability, two-sided, that chance alone sets the samples as far apart as they are. */
export function rankTest(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return 1;
  const ranks = doubledRanks([...a, ...b]);
  const sum = ranks.slice(0, a.length).reduce((total, rank) => total + rank, 0);
  return ranks.length <= EXACT_LIMIT ? exact(ranks, a.length, sum) : normal(ranks, a.length, sum);
}

/** Twice the rank of each value, from 2; equal values share the mean of theirs, which may be a half. */
function doubledRanks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return 2 * below + equal + 1;
  });
}

/** Of all ways to choose the first sample from all values, the share whose sum is as far from the middle. */
function exact(ranks: readonly number[], size: number, sum: number): number {
  // ways[count][s]: in how many ways that many of the ranks seen so far add up to s.
  const total = ranks.reduce((all, rank) => all + rank, 0);
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(total + 1));
  if (ways[0] !== undefined) ways[0][0] = 1;
  for (const rank of ranks) {
    for (let count = size; count >= 1; count -= 1) addShifted(ways[count], ways[count - 1], rank);
  }
  const middle = (total * size) / ranks.length;
  const sums = ways[size] ?? new Float64Array();
  let all = 0;
  let asFar = 0;
  for (const [s, number] of sums.entries()) {
    all += number;
    if (Math.abs(s - middle) >= Math.abs(sum - middle) - 1e-9) asFar += number;
  }
  return asFar / all;
}

function addShifted(to: Float64Array | undefined, from: Float64Array | undefined, by: number): void {
  if (to === undefined || from === undefined) return;
  for (let s = to.length - 1; s >= by; s -= 1) to[s] = (to[s] ?? 0) + (from[s - by] ?? 0);
}

/** The same by the sum's mean and variance, which the finite population of ranks gives, ties included. */
function normal(ranks: readonly number[], size: number, sum: number): number {
  const number = ranks.length;
  const mean = ranks.reduce((all, rank) => all + rank, 0) / number;
  const variance = ranks.reduce((all, rank) => all + (rank - mean) ** 2, 0) / (number - 1);
  const deviation = Math.sqrt((variance * size * (number - size)) / number);
  return deviation === 0 ? 1 : 2 * normalTail(Math.abs(sum - size * mean) / deviation);
}

/** Abramowitz & Stegun 26.2.17, to 7.5e-8. */
function normalTail(x: number): number {
  const t = 1 / (1 + 0.231_641_9 * x);
  const series =
    t *
    (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  return (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
