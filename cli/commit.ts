/** What git says of the place where a run is started. */
import { execFileSync } from 'node:child_process';

/** git answers in milliseconds; a network share may not. */
const GIT_LIMIT_MS = 2_000;

/** The commit that is checked out there, marked where files were changed; undefined outside of a repository, or without git. */
export function commitOf(folder: string): string | undefined {
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
    return undefined;
  }
}
