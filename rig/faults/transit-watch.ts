/**
 * How long messages take through the device at best: in good air some milliseconds, under an added latency never
 * less than that. Seen at both ends by the rig itself, and so a proof of a latency that something else has added.
 */
import { type DurationUs, elapsed, type InstantUs } from '../time/units.js';

/** The fastest of some messages. */
export interface Transits {
  readonly count: number;
  /** Infinite without any. */
  readonly fastestUs: number;
}

const NONE: Transits = { count: 0, fastestUs: Number.POSITIVE_INFINITY };

const withOneMore = ({ count, fastestUs }: Transits, takenUs: DurationUs): Transits => ({
  count: count + 1,
  fastestUs: Math.min(fastestUs, takenUs),
});

export class TransitWatch {
  private quiet = NONE;
  private watched = NONE;
  private sinceUs: InstantUs | undefined;

  /** Messages accepted from `atUs` on are watched apart from those before. */
  begin(atUs: InstantUs): void {
    this.sinceUs = atUs;
    this.watched = NONE;
  }

  end(): void {
    this.sinceUs = undefined;
  }

  /** A message was delivered. One that arrived before its acceptance was noted took no time. */
  delivered(acceptedUs: InstantUs | undefined, deliveredUs: InstantUs): void {
    const takenUs = elapsed(acceptedUs ?? deliveredUs, deliveredUs);
    if (this.sinceUs === undefined) this.quiet = withOneMore(this.quiet, takenUs);
    else if (acceptedUs !== undefined && acceptedUs >= this.sinceUs) {
      this.watched = withOneMore(this.watched, takenUs);
    }
  }

  /** Those that were not watched. */
  get before(): Transits {
    return this.quiet;
  }

  /** Those since `begin`. */
  get during(): Transits {
    return this.watched;
  }
}
