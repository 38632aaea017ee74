/** What `rig flash` is to put onto the board: read and checked before the board is touched. */
import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { imageProblem, LARGEST_IMAGE_BYTES } from '../drivers/pi/flash/firmware-image.js';
import { messageOf } from '../rig/errors.js';
import { loadFirmware } from './firmware.js';
import { usageError } from './usage.js';

export interface ImageSource {
  readonly kind: 'image';
  readonly name: string;
  readonly image: Uint8Array;
}

export interface DirectorySource {
  readonly kind: 'directory';
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export type FlashSource = ImageSource | DirectorySource;

/** @throws USAGE when there is nothing at `path`, or it is neither an image for an ESP8266 nor firmware that starts. */
export function readFlashSource(path: string, workingDirectory: string): FlashSource {
  if (path === '') throw usageError('The file has no name. Write "rig flash FILE" or "rig flash DIRECTORY".');
  const full = resolve(workingDirectory, path);
  const name = basename(full);
  const size = sizeOf(full, path);
  if (size === undefined) return { kind: 'directory', name, files: loadFirmware(full, path).files };
  if (size > LARGEST_IMAGE_BYTES) {
    throw usageError(`${path}: it has ${size} bytes, more than any flash of an ESP8266.`);
  }
  const image = read(full, path);
  const problem = imageProblem(image);
  if (problem !== undefined) throw usageError(`${path}: ${problem}`);
  return { kind: 'image', name, image };
}

/** Undefined for a directory. */
function sizeOf(full: string, path: string): number | undefined {
  const stat = attempt(() => statSync(full, { throwIfNoEntry: false }), path);
  if (stat === undefined) throw usageError(`${path}: there is no such file or directory.`);
  if (stat.isDirectory()) return undefined;
  if (stat.isFile()) return stat.size;
  throw usageError(`${path}: it is neither a file nor a directory.`);
}

const read = (full: string, path: string): Uint8Array =>
  new Uint8Array(attempt(() => readFileSync(full), path));

function attempt<T>(access: () => T, path: string): T {
  try {
    return access();
  } catch (error) {
    throw usageError(`${path}: it cannot be read (${messageOf(error)}).`, { cause: error });
  }
}
