/** Latencies counted by size and by cluster, in bounded memory. A cluster is a fault, or a stretch of time. */

/** Sizes of latency: 1 % apart, from 0.1 ms; the largest is beyond a week. */
const SIZE_RATIO = 1.01;
const SMALLEST_MS = 0.1;
const SIZES = 2_400;

/** Stretches of time kept: when a run has more, each takes in its neighbour. */
const STRETCHES = 64;
const FIRST_STRETCH_MS = 1_000;
/** Faults beyond these share clusters with earlier ones. */
const FAULT_CLUSTERS = 256;

export class ClusteredCounts {
  private readonly faults = new Map<number, Float64Array>();
  private stretches = new Map<number, Float64Array>();
  private stretchMs = FIRST_STRETCH_MS;

  /** Clusters that have messages. */
  get clusters(): number {
    return this.faults.size + this.stretches.size;
  }

  record(atMs: number, latencyMs: number, fault: number | undefined): void {
    if (fault !== undefined) {
      countIn(this.faults, fault % FAULT_CLUSTERS, latencyMs);
      return;
    }
    while (atMs >= this.stretchMs * STRETCHES) this.widen();
    countIn(this.stretches, Math.floor(Math.max(0, atMs) / this.stretchMs), latencyMs);
  }

  /** What draws of clusters are made from. */
  table(): ClusterTable {
    return new ClusterTable([...this.faults.values(), ...this.stretches.values()]);
  }

  private widen(): void {
    const widened = new Map<number, Float64Array>();
    for (const [stretch, counts] of this.stretches) {
      const target = Math.floor(stretch / 2);
      const before = widened.get(target);
      if (before === undefined) widened.set(target, counts);
      else addTo(before, counts);
    }
    this.stretches = widened;
    this.stretchMs *= 2;
  }
}

function countIn(clusters: Map<number, Float64Array>, cluster: number, latencyMs: number): void {
  const counts = clusters.get(cluster) ?? new Float64Array(SIZES);
  clusters.set(cluster, counts);
  const size = Math.ceil(Math.log(Math.max(latencyMs, SMALLEST_MS) / SMALLEST_MS) / Math.log(SIZE_RATIO));
  const index = Math.min(SIZES - 1, size);
  counts[index] = (counts[index] ?? 0) + 1;
}

function addTo(sum: Float64Array, counts: Float64Array): void {
  for (let index = 0; index < sum.length; index += 1) sum[index] = (sum[index] ?? 0) + (counts[index] ?? 0);
}

/** The counts of all clusters, with only those sizes that any of them has: draws go over it thousands of times. */
export class ClusterTable {
  private readonly sizes: readonly number[];
  private readonly rows: readonly Float64Array[];

  constructor(clusters: readonly Float64Array[]) {
    this.sizes = Array.from({ length: SIZES }, (_, size) => size).filter((size) =>
      clusters.some((counts) => counts[size] !== 0),
    );
    this.rows = clusters.map((counts) => Float64Array.from(this.sizes, (size) => counts[size] ?? 0));
  }

  /** As many clusters as there are, each chosen by `draw`: the percentiles of the messages in them, in milliseconds. */
  resampled(draw: (clusters: number) => number, percents: readonly number[]): number[] {
    const sum = new Float64Array(this.sizes.length);
    for (let drawn = 0; drawn < this.rows.length; drawn += 1) {
      const row = this.rows[draw(this.rows.length)];
      if (row !== undefined) addTo(sum, row);
    }
    let total = 0;
    for (const count of sum) total += count;
    return percents.map((percent) => this.percentileOf(sum, Math.max(1, Math.ceil((percent / 100) * total))));
  }

  /** The size of this rank, in milliseconds. */
  private percentileOf(counts: Float64Array, rank: number): number {
    let seen = 0;
    for (const [index, count] of counts.entries()) {
      seen += count;
      if (seen >= rank) return SMALLEST_MS * SIZE_RATIO ** (this.sizes[index] ?? 0);
    }
    return 0;
  }
}
