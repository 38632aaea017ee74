/** How long exchanges take: before, and while something is done to the bus; those at its edges are neither. */
import { type DurationUs, us } from '../time/units.js';

/** Exchanges of one time, by how long they took. */
export interface ExchangeTimes {
  readonly count: number;
  readonly leastUs: DurationUs;
  readonly meanUs: DurationUs;
  readonly mostUs: DurationUs;
}

class Tally {
  private count = 0;
  private totalUs = 0;
  private leastUs = Number.POSITIVE_INFINITY;
  private mostUs = 0;

  add(durationUs: DurationUs): void {
    this.count += 1;
    this.totalUs += durationUs;
    this.leastUs = Math.min(this.leastUs, durationUs);
    this.mostUs = Math.max(this.mostUs, durationUs);
  }

  /** Undefined where there was none. */
  times(): ExchangeTimes | undefined {
    const { count, totalUs, leastUs, mostUs } = this;
    if (count === 0) return undefined;
    return { count, leastUs: us(leastUs), meanUs: us(totalUs / count), mostUs: us(mostUs) };
  }
}

export class ExchangeWatch {
  private readonly outside = new Tally();
  private inside = new Tally();
  private state: 'before' | 'beginning' | 'during' | 'ending' = 'before';

  /** Those that were not watched. */
  before(): ExchangeTimes | undefined {
    return this.outside.times();
  }

  /** Those that lay between `begin` and `end`. */
  during(): ExchangeTimes | undefined {
    return this.inside.times();
  }

  /** The exchange that may be under way now counts for nothing. */
  begin(): void {
    this.state = 'beginning';
    this.inside = new Tally();
  }

  /** As may the one now. */
  end(): void {
    this.state = 'ending';
  }

  /** An exchange has ended well. */
  took(durationUs: DurationUs): void {
    if (this.state === 'during') this.inside.add(durationUs);
    if (this.state === 'before') this.outside.add(durationUs);
    if (this.state === 'beginning') this.state = 'during';
    if (this.state === 'ending') this.state = 'before';
  }
}
