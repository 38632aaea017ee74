/** The command that runs the same again. */
import type { RunResult } from '../rig/run/result.js';

/** As the run noted it; else as far as a journal knows it: firmware, bench and limits are the reader's then. */
export function repeatCommand({ repeat, scenario, seed, parameters }: RunResult): string {
  if (repeat !== undefined) return repeat;
  const sets = Object.entries(parameters).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  return commandText(['rig', 'run', scenario, '--seed', `${seed}`, ...sets]);
}

/** As a POSIX shell takes it: words are as they are where that is safe. */
export const commandText = (words: readonly string[]): string => words.map(quoted).join(' ');

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
