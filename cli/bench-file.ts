/** Finds and reads the bench file of a command: the one that is named, or `bench.yaml` where it is started. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { PhysicalBenchFile } from '../rig/bench-file/bench-file.js';
import { BENCH_FILE_LIMIT_CHARACTERS, type LoadedBenchFile, loadBenchFile } from '../rig/bench-file/load.js';
import { messageOf } from '../rig/errors.js';
import type { Surroundings } from './surroundings.js';
import { usageError } from './usage.js';

/** Taken where no other is named. */
export const DEFAULT_BENCH_FILE = 'bench.yaml';

/** For commander; every command that needs a bench has it. */
export const benchOption = {
  flags: '--bench <file>',
  description: `bench file (default: ${DEFAULT_BENCH_FILE} in this folder`,
} as const;

export interface FoundBenchFile extends LoadedBenchFile {
  /** Where it lies: what it names is relative to that. */
  readonly folder: string;
}

/** One whose bench is of real hardware. */
export interface FoundPhysicalBenchFile extends FoundBenchFile {
  readonly file: PhysicalBenchFile;
}

/**
 * The bench file that `--bench` names, else the default one; undefined when neither is there.
 * @throws USAGE when it is missing although named, cannot be read, or is wrong, with file, line and key.
 */
export function findBenchFile(
  named: string | undefined,
  { workingDirectory }: Pick<Surroundings, 'workingDirectory'>,
): FoundBenchFile | undefined {
  if (named === '') throw usageError('--bench: the file has no name. Write --bench FILE.');
  const name = named ?? DEFAULT_BENCH_FILE;
  const path = resolve(workingDirectory, name);
  const size = sizeOf(path, name);
  if (size === undefined) {
    if (named === undefined) return undefined;
    throw usageError(`--bench ${name}: there is no such file. Looked for ${path}.`);
  }
  // Asked for first, so that a huge file is refused without being read. A character takes at most four bytes.
  if (size > 4 * BENCH_FILE_LIMIT_CHARACTERS) {
    throw usageError(`${name}: it has ${size} bytes. Is it a bench file?`);
  }
  return { ...loadBenchFile(readText(path, name), name), folder: dirname(path) };
}

/**
 * As `findBenchFile`, for a command that needs real hardware. `purpose` says what for: `"rig power" switches …`.
 * @throws USAGE also when there is no bench file, or one of the virtual bench.
 */
export function requirePhysicalBenchFile(
  named: string | undefined,
  purpose: string,
  surroundings: Pick<Surroundings, 'workingDirectory'>,
): FoundPhysicalBenchFile {
  const found = findBenchFile(named, surroundings);
  if (found === undefined) {
    throw usageError(
      `${purpose} of real hardware, and there is no ${DEFAULT_BENCH_FILE} here. Name the bench's with --bench FILE.`,
    );
  }
  const { file } = found;
  if (file.kind === 'physical') return { ...found, file };
  throw usageError(
    `${purpose} of real hardware; "${file.name}" (${found.where(['kind'])}) is virtual, and nothing of it outlives a run.`,
  );
}

function sizeOf(path: string, name: string): number | undefined {
  try {
    const kind = statSync(path, { throwIfNoEntry: false });
    if (kind === undefined) return undefined;
    if (kind.isFile()) return kind.size;
  } catch (error) {
    throw unreadable(name, error);
  }
  throw usageError(`${name}: it is no file. Name a bench file, such as bench.yaml.`);
}

function readText(path: string, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    throw error instanceof TypeError
      ? usageError(`${name}: it is no text in UTF-8. Is it a bench file?`, { cause: error })
      : unreadable(name, error);
  }
}

const unreadable = (name: string, error: unknown) =>
  usageError(`${name}: it cannot be read (${messageOf(error)}).`, { cause: error });
