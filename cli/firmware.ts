/** Reads a directory of MicroPython sources: what the virtual board boots as its flash. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { FLASH_FILE_SYSTEM_BYTES } from '../drivers/virtual/esp8266/flash-limit.js';
import { count } from '../reports/text/numbers.js';
import { messageOf } from '../rig/errors.js';
import type { BusRole } from '../rig/ports.js';
import { usageError } from './usage.js';

export interface LinkFirmwareDirectories {
  /** What answers exchanges: all there is to the firmware. */
  readonly responder: string;
  /** What is different where the board starts them. */
  readonly initiator: string;
}

export interface FirmwareImage {
  /** The directory's name. */
  readonly name: string;
  /** Over the sorted paths and contents, in hexadecimal: the same sources give the same sum anywhere. */
  readonly sha256: string;
  /** Contents by path relative to the directory, with `/` between its parts; sorted by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const FILES_LIMIT = 1_000;
/** Deeper nesting is a symbolic link that leads back up. */
const DEPTH_LIMIT = 16;

/**
 * Reads all files of `directory`, without hidden files and what Python leaves behind (`__pycache__`, `*.pyc`); and those
 * of the directory `under` it that it has not got itself.
 * @throws USAGE when it is missing, is no directory, cannot be read, would never boot (neither `main.py` nor
 * `boot.py`), or does not fit into the flash.
 */
export function loadFirmware(
  directory: string,
  where = `--firmware ${directory}`,
  under?: string,
): FirmwareImage {
  const root = resolve(directory);
  const found = filesOf(root, where);
  if (under !== undefined) {
    const own = new Set(found.map(({ path }) => path));
    found.push(...filesOf(resolve(under), where).filter(({ path }) => !own.has(path)));
  }
  if (!found.some(({ path }) => path === 'main.py' || path === 'boot.py')) {
    throw usageError(`${where}: there is neither main.py nor boot.py in it, so a board would start nothing.`);
  }
  found.sort((a, b) => (a.path < b.path ? -1 : 1));
  const files = readFiles(found, where);
  return { name: basename(root), sha256: digest(files), files };
}

function filesOf(root: string, where: string): FoundFile[] {
  if (!stat(root, where).isDirectory()) {
    throw usageError(`${where}: it is not a directory. Give the directory that holds main.py.`);
  }
  const found: FoundFile[] = [];
  findFiles(root, '', 0, found, where);
  return found;
}

/**
 * The rig's own firmware, for a board whose host is `role` on the bus.
 * @throws USAGE as `loadFirmware` does.
 */
export function loadLinkFirmware(directories: LinkFirmwareDirectories, role: BusRole): FirmwareImage {
  const where = "The rig's own firmware";
  return role === 'target'
    ? loadFirmware(directories.responder, where)
    : loadFirmware(directories.initiator, where, directories.responder);
}

interface FoundFile {
  readonly path: string;
  readonly absolute: string;
}

function findFiles(root: string, below: string, depth: number, found: FoundFile[], where: string): void {
  if (depth > DEPTH_LIMIT) {
    throw usageError(`${where}: ${below} is nested too deeply. Is there a link that leads back up?`);
  }
  for (const name of attempt(() => readdirSync(join(root, below)), below, where)) {
    if (isIgnored(name)) continue;
    const path = below === '' ? name : `${below}/${name}`;
    const absolute = join(root, path);
    const kind = stat(absolute, `${where}: ${path}`);
    if (kind.isDirectory()) findFiles(root, path, depth + 1, found, where);
    else if (kind.isFile()) found.push({ path, absolute });
    else throw usageError(`${where}: ${path} is neither a file nor a directory. Take it out.`);
    if (found.length > FILES_LIMIT) {
      throw usageError(
        `${where}: there are more than ${count(FILES_LIMIT)} files in it. Is it the right directory?`,
      );
    }
  }
}

const isIgnored = (name: string): boolean =>
  name.startsWith('.') || name === '__pycache__' || name.endsWith('.pyc');

function readFiles(found: readonly FoundFile[], where: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let total = 0;
  for (const { path, absolute } of found) {
    // The size is asked for first, so that a huge file is refused without being read.
    total += stat(absolute, `${where}: ${path}`).size;
    if (total > FLASH_FILE_SYSTEM_BYTES) {
      throw usageError(
        `${where}: its files take more than the ${count(FLASH_FILE_SYSTEM_BYTES)} bytes of the flash.`,
      );
    }
    files.set(path, new Uint8Array(attempt(() => readFileSync(absolute), path, where)));
  }
  return files;
}

/** Lengths keep apart what would otherwise run together: a path and its contents, one file and the next. */
function digest(files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256');
  for (const [path, bytes] of files) hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  return hash.digest('hex');
}

function stat(path: string, where: string) {
  const result = attempt(() => statSync(path, { throwIfNoEntry: false }), '', where);
  if (result === undefined) throw usageError(`${where}: there is no such file or directory.`);
  return result;
}

function attempt<T>(read: () => T, path: string, where: string): T {
  try {
    return read();
  } catch (error) {
    const what = path === '' ? where : `${where}: ${path}`;
    throw usageError(`${what}: it cannot be read (${messageOf(error)}).`, { cause: error });
  }
}
