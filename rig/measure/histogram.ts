/**
 * Latencies in constant memory: an HDR histogram (Tene) of microseconds up to two hours, three significant
 * digits. Its counters grow with the largest value seen: 8 KiB at first, 100 KiB at most; one that is never
 * used takes none.
 */
import { build, type Histogram } from 'hdr-histogram-js';
import { RigError } from '../errors.js';
import type { LatencySummary } from '../run/result.js';
import { roundMs } from './rounding.js';

const SIGNIFICANT_DIGITS = 3;
/** Two hours. A longer latency counts as one of two hours, except for the maximum, which stays exact. */
export const LONGEST_LATENCY_US = 7_200_000_000;

const emptyHistogram = (): Histogram =>
  build({ bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: SIGNIFICANT_DIGITS });

export class LatencyHistogram {
  private histogram: Histogram | undefined;
  private largestUs = 0;

  /** Counts one latency in microseconds. Throws `INVALID` for one that is negative or no number. */
  record(latencyUs: number): void {
    if (!(latencyUs >= 0)) {
      throw new RigError(
        'INVALID',
        `A latency of ${latencyUs} µs cannot be: its two times are not of one clock.`,
      );
    }
    this.histogram ??= emptyHistogram();
    this.histogram.recordValue(Math.min(Math.round(latencyUs), LONGEST_LATENCY_US));
    this.largestUs = Math.max(this.largestUs, latencyUs);
  }

  /** Takes over all that `other` counted. */
  add(other: LatencyHistogram): void {
    if (other.histogram === undefined) return;
    this.histogram ??= emptyHistogram();
    this.histogram.add(other.histogram);
    this.largestUs = Math.max(this.largestUs, other.largestUs);
  }

  get count(): number {
    return this.histogram?.totalCount ?? 0;
  }

  /**
   * The latency in microseconds that `percent` per cent of all did not exceed (nearest rank), within 0.1 %,
   * rounded up; 0 when there is none.
   */
  percentileUs(percent: number): number {
    const valueUs = this.histogram?.getValueAtPercentile(percent) ?? 0;
    return Math.min(valueUs, this.largestUs);
  }

  /** Percentiles in milliseconds; all zero when nothing was counted. */
  summary(): LatencySummary {
    return {
      count: this.count,
      p50Ms: roundMs(this.percentileUs(50)),
      p90Ms: roundMs(this.percentileUs(90)),
      p99Ms: roundMs(this.percentileUs(99)),
      p999Ms: roundMs(this.percentileUs(99.9)),
      maxMs: roundMs(this.largestUs),
    };
  }
}
