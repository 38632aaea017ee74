/** Percentile curves as HDR histograms draw them: each step on the axis halves what is left of the messages. */
import type { LatencyHistogram } from '../../rig/measure/histogram.js';

/** Points for each halving of what is left. */
const POINTS_PER_HALVING = 4;

export interface CurvePoint {
  /** Per cent of the messages that took `ms` or less; the last point is the maximum, at 100. */
  readonly percent: number;
  readonly ms: number;
}

/** The curve as far as its count carries it: a percentile that would need more messages than there are is left out. */
export function percentileCurve(histogram: LatencyHistogram): CurvePoint[] {
  const { count } = histogram;
  if (count === 0) return [];
  const points: CurvePoint[] = [];
  for (let step = 0; 2 ** (-step / POINTS_PER_HALVING) * count >= 1; step += 1) {
    const percent = 100 * (1 - 2 ** (-step / POINTS_PER_HALVING));
    points.push({ percent, ms: histogram.percentileUs(percent) / 1_000 });
  }
  return [...points, { percent: 100, ms: histogram.percentileUs(100) / 1_000 }];
}
