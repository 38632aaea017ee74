/** The command that runs the same again, as far as a journal knows it: firmware and bench are the reader's. */
import type { RunResult } from '../rig/run/result.js';

export function repeatCommand({ scenario, seed, parameters }: RunResult): string {
  const sets = Object.entries(parameters).map(([name, value]) => `--set ${quoted(`${name}=${value}`)}`);
  return ['rig run', quoted(scenario), `--seed ${seed}`, ...sets].join(' ');
}

/** For a POSIX shell: as it is where that is safe. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
