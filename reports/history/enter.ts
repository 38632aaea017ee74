/** A run's result as an entry of the history. */
import { createHash } from 'node:crypto';
import type { RunResult } from '../../rig/run/result.js';
import type { HistoryEntry } from './entry.js';

/** `folder`: as the history keeps it. */
export function historyEntry(result: RunResult, folder: string | null = null): HistoryEntry {
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
    commit: result.commit ?? null,
    benchMs,
    wallMs,
    due: sum((stream) => stream.due),
    lost: sum((stream) => stream.lost),
    undecided: sum((stream) => stream.undecided),
    p99SteadyMs: largest(
      streams.flatMap(({ response: { steady } }) => (steady.count > 0 ? steady.p99Ms : [])),
    ),
    recoveryMaxMs: largest(
      result.faults.flatMap(({ clearedAtMs, recoveredAtMs }) =>
        clearedAtMs === null || recoveredAtMs === null ? [] : recoveredAtMs - clearedAtMs,
      ),
    ),
    folder,
    parameters: result.parameters,
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
