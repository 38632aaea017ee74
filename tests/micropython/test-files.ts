/** Finds MicroPython's own test files in a folder, and what a test finds beside it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Folders that run on a board: what upstream runs on an ESP8266, and those whose files need only a file system. */
const BOARD_FOLDERS = [
  'basics',
  'extmod',
  'float',
  'import',
  'io',
  'micropython',
  'misc',
  'stress',
  'unicode',
] as const;

/** Here the tests import each other. */
const IMPORT_FOLDER = 'import';

export interface TestFile {
  /** Such as `basics/list1.py`. */
  readonly name: string;
  readonly path: string;
}

export interface TestFolder {
  readonly name: string;
  readonly path: string;
  readonly tests: readonly TestFile[];
}

/**
 * The tests under `path`: MicroPython's folder `tests`, one of the folders in it, or a single file.
 * Throws when there is none.
 */
export function findTests(path: string): TestFolder[] {
  if (!statSync(path).isDirectory()) return [testFolder(dirname(path), [basename(path)])];
  const inside = BOARD_FOLDERS.filter((name) => isFolder(join(path, name)));
  const folders = inside.length > 0 ? inside.map((name) => join(path, name)) : [path];
  const found = folders.map((folder) => testFolder(folder, readdirSync(folder).filter(isTest).sort()));
  if (found.every(({ tests }) => tests.length === 0)) throw new Error(`${path}: there is no test in it.`);
  return found;
}

/** What is in the board's flash while the tests of a folder run: what they find beside them elsewhere. */
export function flashFor(folder: TestFolder, library: string | undefined): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>([['boot.py', new Uint8Array()]]);
  for (const name of readdirSync(folder.path)) {
    const path = join(folder.path, name);
    if (isFolder(path)) addFolder(files, path, name);
    else if (basename(folder.path) === IMPORT_FOLDER && isTest(name)) files.set(name, readFileSync(path));
  }
  if (library !== undefined) addFolder(files, library, 'lib');
  return files;
}

function testFolder(path: string, files: readonly string[]): TestFolder {
  const name = basename(path);
  const tests = files.map((file) => ({ name: `${name}/${file}`, path: join(path, file) }));
  return { name, path, tests };
}

function addFolder(files: Map<string, Uint8Array>, path: string, as: string): void {
  for (const name of readdirSync(path)) {
    const inner = join(path, name);
    if (name.startsWith('__pycache__')) continue;
    if (isFolder(inner)) addFolder(files, inner, `${as}/${name}`);
    else files.set(`${as}/${name}`, readFileSync(inner));
  }
}

const isTest = (name: string): boolean => name.endsWith('.py');
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
