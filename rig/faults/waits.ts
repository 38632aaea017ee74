/** Waits of faults, on the bench's clock: until something shows, or until an instant. */
import type { Clock } from '../time/clock.js';
import { type DurationUs, elapsed, type InstantUs } from '../time/units.js';

interface Waiting {
  readonly clock: Clock;
  /** Aborts the wait, which then rejects with `CANCELLED`. */
  readonly signal: AbortSignal;
}

/** Looks every `pollUs` whether `condition` holds; resolves with false when `until` comes first. */
export async function showsBy(
  { clock, signal }: Waiting,
  until: InstantUs,
  pollUs: DurationUs,
  condition: () => boolean,
): Promise<boolean> {
  while (!condition()) {
    if (clock.now() >= until) return false;
    await clock.sleep('fault', pollUs, signal);
  }
  return true;
}

/** Resolves at `until`, at once where that is past. */
export async function sleepUntil({ clock, signal }: Waiting, until: InstantUs): Promise<void> {
  const left = elapsed(clock.now(), until);
  if (left > 0) await clock.sleep('fault', left, signal);
}
