/** What history keeps of a run. */
import { createHash } from 'node:crypto';
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
  /** The slowest stream's p99 of what users wait in steady state; null without messages then. */
  readonly p99SteadyMs: number | null;
  /** The slowest recovery; null without one. */
  readonly recoveryMaxMs: number | null;
}

/** `commit`: what git says of the place where the run was started, if anything. */
export function historyEntry(result: RunResult, commit: string | null): HistoryEntry {
  const { startedAt, scenario, outcome, reason, seed, bench, firmware, benchMs, wallMs, streams } = result;
  const sum = (of: (stream: RunResult['streams'][number]) => number) =>
    streams.reduce((total, stream) => total + of(stream), 0);
  return {
    id: idOf(result),
    startedAt,
    scenario,
    outcome,
    reason: reason ?? null,
    seed,
    bench: bench.name,
    firmware: firmware.name,
    firmwareSha256: firmware.sha256,
    commit,
    benchMs,
    wallMs,
    due: sum((stream) => stream.due),
    lost: sum((stream) => stream.lost),
    p99SteadyMs: largest(
      streams.flatMap(({ response: { steady } }) => (steady.count > 0 ? steady.p99Ms : [])),
    ),
    recoveryMaxMs: largest(
      result.faults.flatMap(({ clearedAtMs, recoveredAtMs }) =>
        clearedAtMs === null || recoveredAtMs === null ? [] : recoveredAtMs - clearedAtMs,
      ),
    ),
  };
}

const largest = (values: readonly number[]): number | null =>
  values.length === 0 ? null : Math.max(...values);

/** No two runs start in the same millisecond on the same bench with the same scenario and seed. */
const idOf = ({ startedAt, scenario, seed, bench }: RunResult): string =>
  createHash('sha256')
    .update(JSON.stringify([startedAt, scenario, seed, bench.name]))
    .digest('hex')
    .slice(0, 32);
