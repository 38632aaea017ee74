/** Writes `result.json`: whole or not at all, so that a reader never finds half a result. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunResult } from '../../rig/run/result.js';

/** The file's text: indented, with a line end. */
export function resultText(result: RunResult): string {
  return `${JSON.stringify(result, undefined, 2)}\n`;
}

/** Writes to a temporary file beside `path`, then renames it. Throws what the file system throws, and leaves nothing. */
export function writeResultFile(path: string, result: RunResult): void {
  const temporary = join(dirname(path), `.result.json.${process.pid}.tmp`);
  try {
    const file = openSync(temporary, 'w');
    try {
      writeFileSync(file, resultText(result));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
