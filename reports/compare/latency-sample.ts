/**
 * A latency's distribution with the interval of its percentiles. The messages of one run are not independent: those of
 * one outage wait together. So the interval comes from a bootstrap of clusters (Davison & Hinkley, Bootstrap Methods and
 * their Application, 3.8): whole faults are drawn, or whole stretches of the run, not single messages.
 */
import { LatencyHistogram } from '../../rig/measure/histogram.js';
import { createRandom } from '../../rig/random.js';
import { ClusteredCounts } from './clustered-counts.js';

/** Draws of the bootstrap: its 2.5 % and 97.5 % quantiles are then means of a dozen draws. */
const DRAWS = 500;
const SEED = 1;
/** A 95 % interval leaves this on either side. */
const TAIL = 0.025;

export interface Estimate {
  readonly value: number;
  /** The 95 % interval. */
  readonly low: number;
  readonly high: number;
}

export class LatencySample {
  private readonly histogram = new LatencyHistogram();
  private readonly counts = new ClusteredCounts();

  /** `fault`: the fault in whose window the message fell due, if any. */
  record(atMs: number, latencyUs: number, fault: number | undefined): void {
    this.histogram.record(latencyUs);
    this.counts.record(atMs, latencyUs / 1_000, fault);
  }

  get count(): number {
    return this.histogram.count;
  }

  /** The percentiles in milliseconds, with their intervals; two samples of the same messages give the same ones. */
  percentiles(percents: readonly number[]): Estimate[] {
    const random = createRandom(SEED);
    const table = this.counts.table();
    const draws = Array.from({ length: DRAWS }, () =>
      table.resampled((clusters) => random.integer(0, clusters - 1), percents),
    );
    return percents.map((percent, index) => {
      const value = this.histogram.percentileUs(percent) / 1_000;
      const drawn = draws.map((draw) => draw[index] ?? value).sort((a, b) => a - b);
      const at = (share: number) => drawn[Math.min(DRAWS - 1, Math.floor(share * DRAWS))] ?? value;
      const { clusters } = this.counts;
      if (clusters < 2) return { value, low: 0, high: Number.POSITIVE_INFINITY };
      const wider = fewClustersFactor(clusters);
      // The counts are coarser than the histogram: the interval holds the value all the same.
      const below = Math.max(0, value - at(TAIL)) * wider;
      const above = Math.max(0, at(1 - TAIL) - value) * wider;
      return { value, low: Math.max(0, value - below), high: value + above };
    });
  }
}

/**
 * The bootstrap of few clusters is too sure of itself: by √(k / (k − 1)), and as the normal distribution is against
 * Student's with k − 1 degrees of freedom (Cameron, Gelbach & Miller, Bootstrap-Based Improvements for Inference with
 * Clustered Errors, 2008). The quantile of Student's distribution is approximated (Abramowitz & Stegun 26.7.5).
 */
function fewClustersFactor(clusters: number): number {
  const freedom = clusters - 1;
  const normal = 1.959_964;
  const student =
    normal +
    (normal ** 3 + normal) / (4 * freedom) +
    (5 * normal ** 5 + 16 * normal ** 3 + 3 * normal) / (96 * freedom ** 2);
  return (student / normal) * Math.sqrt(clusters / freedom);
}
