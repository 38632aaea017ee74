/**
 * A series of values over time in constant memory. When there are too many, neighbours are merged: of each group the
 * smallest, the largest and the last value stay, so that a spike survives.
 */

/** Groups kept; merging halves them. */
export const GROUPS_KEPT = 1_000;

export interface SeriesGroup {
  /** Time of the group's last value, in milliseconds of the run. */
  readonly atMs: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
}

export class DecimatedSeries {
  private groups: SeriesGroup[] = [];
  /** Values that make up one group now. */
  private groupSize = 1;
  private inLast = 0;

  add(atMs: number, value: number): void {
    const last = this.groups.at(-1);
    if (last !== undefined && this.inLast < this.groupSize) {
      this.groups[this.groups.length - 1] = merged(last, { atMs, min: value, max: value, last: value });
      this.inLast += 1;
      return;
    }
    if (this.groups.length >= GROUPS_KEPT) this.halve();
    this.groups.push({ atMs, min: value, max: value, last: value });
    this.inLast = 1;
  }

  all(): readonly SeriesGroup[] {
    return this.groups;
  }

  private halve(): void {
    const halved: SeriesGroup[] = [];
    for (let index = 0; index < this.groups.length; index += 2) {
      const first = this.groups[index];
      const second = this.groups[index + 1];
      if (first !== undefined) halved.push(second === undefined ? first : merged(first, second));
    }
    this.groups = halved;
    this.groupSize *= 2;
  }
}

const merged = (first: SeriesGroup, second: SeriesGroup): SeriesGroup => ({
  atMs: second.atMs,
  min: Math.min(first.min, second.min),
  max: Math.max(first.max, second.max),
  last: second.last,
});
