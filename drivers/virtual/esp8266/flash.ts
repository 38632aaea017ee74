/** The board's flash as files: the firmware's in the root of the interpreter's file system, the board's own apart. */
import type { MicroPythonFileSystem } from './interpreter/load.js';

/** Path, without a leading slash, to content. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** Where the board's own modules lie: no part of the firmware's file system. */
export const MODULES_DIRECTORY = '/.board';

/** What the interpreter's file system holds that is no part of the flash. Its `tmp` and `home` hold no files. */
const FOREIGN = new Set(['.', '..', 'dev', 'proc', MODULES_DIRECTORY.slice(1)]);

/**
 * The interpreter's compiler has no emitter of native code and refuses these decorators; the board provides
 * functions of the names on the right, which leave the bytecode as it is.
 */
const EMITTERS = [
  ['@micropython.native', '@micropython_native'],
  ['@micropython.viper', '@micropython_viper'],
] as const;

export function writeModules(fs: MicroPythonFileSystem, modules: Files): void {
  writeTree(fs, MODULES_DIRECTORY, modules);
}

export function writeFlash(fs: MicroPythonFileSystem, files: Files): void {
  const loadable = new Map<string, Uint8Array>();
  for (const [path, bytes] of files)
    loadable.set(path, path.endsWith('.py') ? translated(bytes, EMITTERS) : bytes);
  writeTree(fs, '', loadable);
}

/** All files of the flash as they are now, one that is being written included, as far as it got. */
export function readFlash(fs: MicroPythonFileSystem): Files {
  return new Map(flashFiles(fs).map((path) => [path.slice(1), readFile(fs, path)]));
}

/** Absolute paths of all files of the flash. */
export function flashFiles(fs: MicroPythonFileSystem): string[] {
  const files: string[] = [];
  const visit = (directory: string) => {
    for (const name of fs.readdir(directory === '' ? '/' : directory)) {
      const isForeign = directory === '' ? FOREIGN.has(name) : name === '.' || name === '..';
      if (isForeign) continue;
      const path = `${directory}/${name}`;
      if (fs.isDir(fs.stat(path).mode)) visit(path);
      else files.push(path);
    }
  };
  visit('');
  return files;
}

function readFile(fs: MicroPythonFileSystem, path: string): Uint8Array {
  const bytes = fs.readFile(path);
  return path.endsWith('.py')
    ? translated(
        bytes,
        EMITTERS.map(([there, here]) => [here, there]),
      )
    : bytes;
}

/** Replaces text by text of the same length, so that no offset changes. */
function translated(bytes: Uint8Array, pairs: readonly (readonly [string, string])[]): Uint8Array {
  let source = Buffer.from(bytes).toString('latin1');
  for (const [from, to] of pairs) source = source.replaceAll(from, to);
  return new Uint8Array(Buffer.from(source, 'latin1'));
}

function writeTree(fs: MicroPythonFileSystem, root: string, files: Files): void {
  fs.mkdirTree(root === '' ? '/' : root);
  for (const [path, bytes] of files) {
    const full = `${root}/${path}`;
    fs.mkdirTree(full.slice(0, full.lastIndexOf('/')) || '/');
    fs.writeFile(full, bytes);
  }
}
