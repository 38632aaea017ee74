/** What history keeps of a run. */
import type { Outcome } from '../../rig/run/outcome.js';
import type { RunResult } from '../../rig/run/result.js';

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
  /** On their way when the run was cut short: lost or not, nobody knows. */
  readonly undecided: number;
  /** The slowest stream's p99 of what users wait in steady state; null without messages then. */
  readonly p99SteadyMs: number | null;
  /** The slowest recovery; null without one. */
  readonly recoveryMaxMs: number | null;
  /** The run's folder: relative to the history's own where it is below that, so that both can be moved together. */
  readonly folder: string | null;
  /** Runs with other parameters cannot be compared; null for runs of rigs that did not keep them. */
  readonly parameters: RunResult['parameters'] | null;
}
