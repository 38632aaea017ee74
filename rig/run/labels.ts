/**
 * What a reader of a run wants to know and nothing in the run depends on. The same seed gives the same run; its labels,
 * like its wall-clock times, may differ.
 */
import type { Quarantine } from '../suite-file/suite-file.js';
import type { Outcome } from './outcome.js';

export type { Quarantine };

export interface RunLabels {
  /** The command that runs just this again. */
  readonly repeat?: string;
  /** The commit that is checked out where the run was started, with `-changed` where files were. */
  readonly commit?: string;
  /** The run is known to be broken. */
  readonly quarantine?: Quarantine;
}

/** What is known to be broken does not fail a suite; a bench that broke does. */
export const isExcused = <R extends { readonly outcome: Outcome; readonly quarantine?: Quarantine }>(
  run: R,
): run is R & { readonly quarantine: Quarantine } =>
  run.quarantine !== undefined && (run.outcome === 'FAIL' || run.outcome === 'INVALID');
