/**
 * A latency's distribution with the interval of its percentiles. The messages of one run are not independent: those of
 * one outage wait together. So the interval comes from a bootstrap of clusters (Davison & Hinkley, Bootstrap Methods and
 * their Application, 3.8): whole faults are drawn, or whole stretches of the run, not single messages.
 */
import { LatencyHistogram } from '../../rig/measure/histogram.js';
import { studentQuantile } from '../../rig/measure/student.js';
import { createRandom } from '../../rig/random.js';
import { ClusteredCounts } from './clustered-counts.js';

/** Draws of the bootstrap: its 2.5 % and 97.5 % quantiles are then means of a dozen draws. */
const DRAWS = 500;
const SEED = 1;
/** A 95 % interval leaves this on either side, and so far does a normal distribution reach. */
const TAIL = 0.025;
const NORMAL = 1.959_964;
/** A comparison makes some fifty verdicts, and one by mere chance is one too many: they are made with intervals of 99 %. */
const VERDICT_TAIL = 0.005;
/**
 * Fewer clusters say too little of how they differ, and fewer messages beyond a percentile leave it to chance: of 100
 * messages, the 99th percentile is the slowest but one. Measured on pairs of runs that differ by their seed alone.
 */
const FEWEST_CLUSTERS = 5;
const FEWEST_BEYOND = 10;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A value with its 95 % interval. */
export interface Estimate extends Interval {
  readonly value: number;
  /** The interval with which a verdict is made; without one there is too little to make one. */
  readonly forVerdict?: Interval;
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
      const shown = { value, low: Math.max(0, value - below), high: value + above };
      const beyond = this.count * (1 - percent / 100);
      if (clusters < FEWEST_CLUSTERS || beyond < FEWEST_BEYOND) return shown;
      const factor = verdictFactor(clusters);
      return { ...shown, forVerdict: { low: value - below * factor, high: value + above * factor } };
    });
  }
}

/**
 * The bootstrap of few clusters is too sure of itself: by √(k / (k − 1)), and as the normal distribution is against
 * Student's with k − 1 degrees of freedom (Cameron, Gelbach & Miller, Bootstrap-Based Improvements for Inference with
 * Clustered Errors, 2008).
 */
function fewClustersFactor(clusters: number): number {
  const freedom = clusters - 1;
  return (studentQuantile(TAIL, freedom) / NORMAL) * Math.sqrt(clusters / freedom);
}

/** How much wider the interval of a verdict is than the one that is shown. */
const verdictFactor = (clusters: number): number =>
  studentQuantile(VERDICT_TAIL, clusters - 1) / studentQuantile(TAIL, clusters - 1);
