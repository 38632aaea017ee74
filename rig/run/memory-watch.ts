/**
 * What the device says of its free memory, and whether that falls. Only reports in steady state count, and those of a life
 * only once it has recovered from a fault: the first outage makes what every later one uses again.
 * Of more reports than are kept every other one is dropped, again and again, so that they go on to cover the whole run.
 */
import { type Slope, slopeOf } from '../measure/slope.js';
import { elapsed, type InstantUs, ORIGIN, toSeconds } from '../time/units.js';

export interface MemoryTrend {
  /** The least that was reported, faults and start included; undefined without a report. */
  readonly leastBytes: number | undefined;
  /** In bytes per second; negative where free memory falls. Undefined where too few reports count. */
  readonly slope: Slope | undefined;
}

interface Report {
  readonly group: number;
  readonly atS: number;
  readonly value: number;
}

/** 11 hours of reports every 10 s. */
export const REPORTS_KEPT = 4_096;

export class MemoryWatch {
  private reports: Report[] = [];
  /** Of so many reports that count, one is kept. */
  private every = 1;
  private counted = 0;
  private leastBytes: number | undefined;
  /** The life in which the latest fault was injected. */
  private struckLife: number | undefined;

  /** A fault was injected. */
  struck(life: number): void {
    this.struckLife = life;
  }

  /** The device has reported. `life`: its boot number. */
  reported(atUs: InstantUs, freeBytes: number, life: number, isSteady: boolean): void {
    this.leastBytes = Math.min(this.leastBytes ?? freeBytes, freeBytes);
    if (!isSteady || this.struckLife !== life) return;
    this.counted += 1;
    if (this.counted % this.every !== 0) return;
    this.reports.push({ group: life, atS: toSeconds(elapsed(ORIGIN, atUs)), value: freeBytes });
    if (this.reports.length <= REPORTS_KEPT) return;
    this.reports = this.reports.filter((_, index) => index % 2 === 1);
    this.every *= 2;
  }

  trend(): MemoryTrend {
    return { leastBytes: this.leastBytes, slope: slopeOf(this.reports) };
  }
}
