/** How long exchanges take at most: before, and while something is done to the bus; what comes right after it is neither. */
import { type DurationUs, us } from '../time/units.js';

export class ExchangeWatch {
  /** The longest that was not watched. */
  beforeUs: DurationUs = us(0);
  /** The longest since `begin`. */
  duringUs: DurationUs = us(0);
  private state: 'before' | 'during' | 'ending' = 'before';

  begin(): void {
    this.state = 'during';
    this.duringUs = us(0);
  }

  /** The exchange that is under way now counts for nothing. */
  end(): void {
    this.state = 'ending';
  }

  /** An exchange has ended well. */
  took(durationUs: DurationUs): void {
    if (this.state === 'during') this.duringUs = us(Math.max(this.duringUs, durationUs));
    if (this.state === 'before') this.beforeUs = us(Math.max(this.beforeUs, durationUs));
    if (this.state === 'ending') this.state = 'before';
  }
}
