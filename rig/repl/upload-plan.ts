/** What has to be done to a board's files so that it runs what is in a directory here. */
import type { BoardListing } from './board-files.js';

/** Run by MicroPython by these names only, and only as source. */
export const STARTED_FILES: ReadonlySet<string> = new Set(['boot.py', 'main.py']);

export interface UploadPlan {
  /** Parents first. */
  readonly foldersToMake: readonly string[];
  /** In the order to write them: what starts the others comes last. */
  readonly files: readonly string[];
  /** Files that would hide, or be hidden by, a file that is written: `app.py` wins over `app.mpy`. */
  readonly twins: readonly string[];
  /** What is on the board and not in the directory. Folders behind what is in them. */
  readonly strangers: { readonly files: readonly string[]; readonly folders: readonly string[] };
}

/** Plans the upload of the files at `paths` onto a board with `listing`. */
export function planUpload(paths: readonly string[], listing: BoardListing): UploadPlan {
  const wanted = new Set(paths);
  const folders = new Set(paths.flatMap(parents));
  const twins = paths.map(twinOf).filter((path) => path !== undefined && !wanted.has(path));
  const present = twins.filter((path): path is string => path !== undefined && listing.files.has(path));
  const removed = new Set(present);
  return {
    foldersToMake: [...folders].filter((path) => !listing.folders.has(path)).sort(),
    files: [...paths].sort(byStart),
    twins: present,
    strangers: {
      files: [...listing.files.keys()].filter((path) => !wanted.has(path) && !removed.has(path)).sort(),
      folders: [...listing.folders]
        .filter((path) => !folders.has(path))
        .sort()
        .reverse(),
    },
  };
}

/** `a` and `a/b` of `a/b/c.py`. */
function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
}

function twinOf(path: string): string | undefined {
  if (path.endsWith('.mpy')) return `${path.slice(0, -'.mpy'.length)}.py`;
  return path.endsWith('.py') ? `${path.slice(0, -'.py'.length)}.mpy` : undefined;
}

const byStart = (a: string, b: string): number =>
  Number(STARTED_FILES.has(a)) - Number(STARTED_FILES.has(b)) || (a < b ? -1 : 1);
