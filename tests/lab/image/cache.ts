/** Where images are kept: outside of the repository, in a folder named after everything that went in. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Images that are kept: the newest ones, so that two checkouts do not build in turns. */
const KEPT_IMAGES = 3;

export const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'wifi-hil-rig', 'lab');

/** A short name for the content of `files` and for `words`. */
export async function keyOf(files: readonly string[], words: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const word of words) hash.update(`${word}\0`);
  for (const file of [...files].sort()) hash.update(await readFile(file)).update('\0');
  return hash.digest('hex').slice(0, 16);
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

/** Makes the folder `key` by `make`, which fills another folder first: an image is there whole or not at all. */
export async function makeOnce(key: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), key);
  if (await exists(folder)) return folder;
  const unfinished = join(cacheFolder(), `.${key}-${process.pid}`);
  await mkdir(unfinished, { recursive: true });
  try {
    await make(unfinished);
    // Someone else may have made the same one meanwhile; both are the same.
    await rename(unfinished, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  await dropOld();
  return folder;
}

async function dropOld(): Promise<void> {
  const names = (await readdir(cacheFolder())).filter((name) => !name.startsWith('.'));
  const aged = await Promise.all(
    names.map(async (name) => ({ name, atMs: (await stat(join(cacheFolder(), name))).mtimeMs })),
  );
  aged.sort((one, other) => other.atMs - one.atMs);
  for (const { name } of aged.slice(KEPT_IMAGES)) {
    await rm(join(cacheFolder(), name), { recursive: true, force: true });
  }
}
