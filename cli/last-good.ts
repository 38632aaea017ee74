/** Finds what a run is compared with: the latest run before it that passed, of the same kind, as far as it is still there. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { HistoryEntry } from '../reports/history/entry.js';
import { HistoryStore } from '../reports/history/store.js';
import type { RunResult } from '../rig/run/result.js';
import { JOURNAL } from './journal-path.js';
import { usageError } from './usage.js';

/**
 * The folder of the last good run before `result`: of its scenario, its parameters and its bench. Undefined when there is
 * none, or all were cleared away. Throws `USAGE` when there is no history.
 */
export function lastGoodFolder(history: string, shown: string, result: RunResult): string | undefined {
  if (!existsSync(history))
    throw usageError(`${shown}: there is no history there. Name it with --history FILE.`);
  const store = new HistoryStore(history);
  try {
    return store
      .runs({ scenario: result.scenario, before: result.startedAt })
      .reverse()
      .filter((entry) => isGoodLike(entry, result))
      .map(({ folder }) => resolve(dirname(history), folder ?? ''))
      .find((folder) => existsSync(join(folder, JOURNAL)));
  } finally {
    store.close();
  }
}

function isGoodLike({ outcome, bench, folder, parameters }: HistoryEntry, result: RunResult): boolean {
  if (outcome !== 'PASS' || folder === null || parameters === null) return false;
  const names = new Set([...Object.keys(parameters), ...Object.keys(result.parameters)]);
  return (
    bench === result.bench.name && [...names].every((name) => parameters[name] === result.parameters[name])
  );
}
