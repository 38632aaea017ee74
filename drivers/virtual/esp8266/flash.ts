/** The board's flash as files: the firmware's in the root of the interpreter's file system, the board's own apart. */
import type { MicroPythonFileSystem } from './interpreter/load.js';

/** Path, without a leading slash, to content. A folder that holds nothing ends in a slash. */
export type Files = ReadonlyMap<string, Uint8Array>;

/**
 * What a build of the interpreter brings beside the port's own: modules frozen into it, and the files that its `inisetup`
 * writes when it makes the file system, where a build for one purpose puts a main.py beside boot.py.
 */
export interface Build {
  readonly frozen: Files;
  readonly factory: Files;
}

/** Where the board's own modules lie: no part of the firmware's file system. */
export const MODULES_DIRECTORY = '/.board';

/** What the interpreter's file system holds that is no part of the flash. */
const FOREIGN = new Set(['.', '..', 'dev', 'proc', MODULES_DIRECTORY.slice(1)]);
/** Folders that it makes itself. */
const GIVEN = new Set(['/tmp', '/home', '/home/web_user']);
const EMPTY = new Uint8Array(0);

export function writeModules(fs: MicroPythonFileSystem, modules: Files): void {
  writeTree(fs, MODULES_DIRECTORY, modules);
}

export function writeFlash(fs: MicroPythonFileSystem, files: Files): void {
  writeTree(fs, '', files);
}

/** All files and empty folders of the flash as they are now; a file that is being written, as far as it got. */
export function readFlash(fs: MicroPythonFileSystem): Files {
  const files = new Map<string, Uint8Array>();
  for (const path of flashEntries(fs)) {
    files.set(path.slice(1), path.endsWith('/') ? EMPTY : fs.readFile(path));
  }
  return files;
}

/** Absolute paths of all files of the flash. */
export function flashFiles(fs: MicroPythonFileSystem): string[] {
  return flashEntries(fs).filter((path) => !path.endsWith('/'));
}

/** Absolute paths of all files of the flash, and of its empty folders, which end in a slash. */
function flashEntries(fs: MicroPythonFileSystem): string[] {
  const entries: string[] = [];
  const visit = (directory: string) => {
    const names = fs.readdir(directory === '' ? '/' : directory);
    const own = names.filter((name) =>
      directory === '' ? !FOREIGN.has(name) : name !== '.' && name !== '..',
    );
    if (own.length === 0 && directory !== '' && !GIVEN.has(directory)) entries.push(`${directory}/`);
    for (const name of own) {
      const path = `${directory}/${name}`;
      if (fs.isDir(fs.stat(path).mode)) visit(path);
      else entries.push(path);
    }
  };
  visit('');
  return entries;
}

function writeTree(fs: MicroPythonFileSystem, root: string, files: Files): void {
  // Making a folder that is there costs an exception within the file system, and a board starts often.
  const made = new Set<string>();
  const makeFolder = (path: string) => {
    if (!made.has(path)) fs.mkdirTree(path);
    made.add(path);
  };
  makeFolder(root || '/');
  for (const [path, bytes] of files) {
    const full = `${root}/${path}`;
    makeFolder(full.slice(0, full.lastIndexOf('/')) || '/');
    if (!full.endsWith('/')) fs.writeFile(full, bytes);
  }
}
