/** Enters runs into the history as they end. */
import { historyEntry } from '../reports/history/enter.js';
import { HistoryStore } from '../reports/history/store.js';
import { messageOf } from '../rig/errors.js';
import type { RunResult } from '../rig/run/result.js';
import { keptFolder } from './history-file.js';

/** Enters the run. Returns what went wrong, if anything did: a run is no worse for it. */
export function enterRun(path: string, result: RunResult, folder: string): string | undefined {
  try {
    const store = new HistoryStore(path);
    try {
      store.add(historyEntry(result, keptFolder(path, folder)));
    } finally {
      store.close();
    }
    return undefined;
  } catch (error) {
    return `The run was not entered into the history. ${messageOf(error)}`;
  }
}
