/** What history keeps of a run. */
import type { Outcome } from '../../rig/run/outcome.js';

export interface HistoryEntry {
  /** The same run has the same one, however often it is entered. */
  readonly id: string;
  /** Wall clock, ISO 8601. */
  readonly startedAt: string;
  readonly scenario: string;
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly seed: number;
  readonly bench: string;
  readonly firmware: string;
  readonly firmwareSha256: string;
  /** The commit that was checked out where the run was started, as far as known. */
  readonly commit: string | null;
  readonly benchMs: number;
  readonly wallMs: number;
  readonly due: number;
  readonly lost: number;
  /** The slowest stream's p99 of what users wait in steady state; null without messages then. */
  readonly p99SteadyMs: number | null;
  /** The slowest recovery; null without one. */
  readonly recoveryMaxMs: number | null;
}
