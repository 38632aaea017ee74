/** Where the journal of a run is, by the name that somebody gave for the run. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from './usage.js';

/** The name of every run's journal. */
export const JOURNAL = 'journal.jsonl';

/** `path` is `argument`, resolved. Throws USAGE when there is no journal. */
export function findJournal(path: string, argument: string): string {
  const journal = existsSync(path) && statSync(path).isDirectory() ? join(path, JOURNAL) : path;
  if (existsSync(journal)) return journal;
  throw usageError(
    `${argument}: there is no ${JOURNAL} there. Name the folder of a run, such as runs/<time>-<scenario>.`,
  );
}
