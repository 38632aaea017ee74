/**
 * Undo steps on disk, one JSON object a line. The file is replaced as a whole and flushed before a write resolves,
 * so that a crash leaves the old steps or the new ones.
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RigError } from '../../../rig/errors.js';
import { deviceError, errnoCode } from '../device.js';
import { isUndoStep, type UndoStep } from './undo-step.js';

/** Far more than `UNDO_LIMIT` steps take: a file that is larger is none of ours. */
const LARGEST_BYTES = 1_048_576;

export interface SavedSteps {
  readonly steps: readonly UndoStep[];
  /** Lines that are no steps: what a torn file is left with. */
  readonly unreadableLines: number;
}

/**
 * Reads the steps; none when there is no file. Rejects with `BENCH` when the file cannot be read, or when somebody
 * else than this user could have written it: its commands are about to be run.
 */
export async function readSteps(path: string): Promise<SavedSteps> {
  const text = await readOwn(path);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const steps = lines.map(parseLine).filter((step) => step !== undefined);
  return { steps, unreadableLines: lines.length - steps.length };
}

/** Replaces the steps on disk; without any, the file goes. Resolves once that is certain. */
export async function writeSteps(path: string, steps: readonly UndoStep[]): Promise<void> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (steps.length === 0) await removeFile(path);
    else await replaceFile(path, steps.map((step) => `${JSON.stringify(step)}\n`).join(''));
    await flushFolder(folder);
  } catch (error) {
    throw deviceError(path, error, {
      ENOSPC: 'The disk is full: make room.',
      EROFS: 'The file system is read-only: set XDG_STATE_HOME to a folder that can be written to.',
    });
  }
}

function parseLine(line: string): UndoStep | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isUndoStep(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function readOwn(path: string): Promise<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    await requireOwn(path, file);
    return await file.readFile('utf8');
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return '';
    throw error instanceof RigError ? error : deviceError(path, error);
  } finally {
    await file?.close();
  }
}

async function requireOwn(path: string, file: FileHandle): Promise<void> {
  const { uid, mode, size } = await file.stat();
  const isOwn = process.getuid === undefined || uid === process.getuid();
  if (isOwn && (mode & 0o022) === 0 && size <= LARGEST_BYTES) return;
  throw new RigError(
    'BENCH',
    `${path} holds commands that put the bench right, but it is not this user's alone, or far too large. ` +
      'Look into it, put the bench right by hand, and delete it.',
  );
}

async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}

async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (errnoCode(error) !== 'ENOENT') throw error;
  });
}

/** The name of a file is on disk only when its folder is. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
