/** Enters runs into the history as they end. */
import { execFileSync } from 'node:child_process';
import { historyEntry } from '../reports/history/enter.js';
import { HistoryStore } from '../reports/history/store.js';
import { messageOf } from '../rig/errors.js';
import type { RunResult } from '../rig/run/result.js';
import { keptFolder } from './history-file.js';

/** git answers in milliseconds; a network share may not. */
const GIT_LIMIT_MS = 2_000;

/** Enters the run. Returns what went wrong, if anything did: a run is no worse for it. */
export function enterRun(
  path: string,
  result: RunResult,
  { folder, workingDirectory }: { readonly folder: string; readonly workingDirectory: string },
): string | undefined {
  try {
    const store = new HistoryStore(path);
    try {
      store.add(historyEntry(result, commitOf(workingDirectory), keptFolder(path, folder)));
    } finally {
      store.close();
    }
    return undefined;
  } catch (error) {
    return `The run was not entered into the history. ${messageOf(error)}`;
  }
}

/** The commit that is checked out there, marked where files were changed; null outside of a repository, or without git. */
function commitOf(folder: string): string | null {
  const git = (...words: string[]) =>
    execFileSync('git', words, {
      cwd: folder,
      encoding: 'utf8',
      timeout: GIT_LIMIT_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const commit = git('rev-parse', 'HEAD');
    const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
    return isChanged ? `${commit}-changed` : commit;
  } catch {
    return null;
  }
}
