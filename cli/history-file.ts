/** Where the history is, and how it names the folders of runs. */
import { dirname, isAbsolute, join, relative } from 'node:path';

/** Where every run is entered. */
export const HISTORY_FILE = join('runs', 'history.db');

/** As the history at `history` keeps the folder of a run: relative, where the two can be moved together. */
export function keptFolder(history: string, folder: string): string {
  const fromHistory = relative(dirname(history), folder);
  return isAbsolute(fromHistory) || fromHistory.startsWith('..') ? folder : fromHistory;
}
