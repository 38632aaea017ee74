/**
 * Latency over time in constant memory: how many messages fell due in each slice of time with a latency of each size.
 * When a run outgrows the slices, pairs of them are merged, so that there are always between half and all of them.
 */

/** Slices of time: as many as a wide screen shows apart. */
export const SLICES = 512;
/** Slices begin this wide and double as needed. */
const FIRST_SLICE_MS = 250;
/** Sizes of latency, evenly spaced on a logarithmic scale: 20 a decade, each 12 % above the one before. */
export const SIZES_PER_DECADE = 20;
const SMALLEST_MS = 1;
const DECADES = 7;
const SIZES = DECADES * SIZES_PER_DECADE;

/** A cell that is not empty: its slice of time, its size of latency, and the messages in it. */
export type DensityCell = readonly [slice: number, size: number, count: number];

/** Latency over time as counts; `latencyBoundMs` tells what a size is. */
export interface Density {
  /** Width of a slice: slice n begins at n times this, in milliseconds of the run. */
  readonly sliceMs: number;
  /** By time, then by size. */
  readonly cells: readonly DensityCell[];
}

export class LatencyDensity {
  private widthMs = FIRST_SLICE_MS;
  private counts = new Uint32Array(SLICES * SIZES);

  record(atMs: number, latencyMs: number): void {
    while (atMs >= this.widthMs * SLICES) this.merge();
    const slice = Math.floor(Math.max(0, atMs) / this.widthMs);
    const index = slice * SIZES + sizeOf(latencyMs);
    this.counts[index] = (this.counts[index] ?? 0) + 1;
  }

  density(): Density {
    const cells: DensityCell[] = [];
    for (const [index, count] of this.counts.entries()) {
      if (count > 0) cells.push([Math.floor(index / SIZES), index % SIZES, count]);
    }
    return { sliceMs: this.widthMs, cells };
  }

  private merge(): void {
    const merged = new Uint32Array(this.counts.length);
    for (const [index, count] of this.counts.entries()) {
      const target = Math.floor(index / SIZES / 2) * SIZES + (index % SIZES);
      merged[target] = (merged[target] ?? 0) + count;
    }
    this.counts = merged;
    this.widthMs *= 2;
  }
}

const sizeOf = (latencyMs: number): number =>
  Math.min(SIZES - 1, Math.max(0, Math.floor(Math.log10(latencyMs / SMALLEST_MS) * SIZES_PER_DECADE)));

/** The latency at which a size begins, in milliseconds; it ends where the next one begins. */
export const latencyBoundMs = (size: number): number => SMALLEST_MS * 10 ** (size / SIZES_PER_DECADE);
