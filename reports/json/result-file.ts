/** Writes `result.json`. */
import type { RunResult } from '../../rig/run/result.js';
import { writeWhole } from '../whole-file.js';

/** The file's text: indented, with a line end. */
export function resultText(result: RunResult): string {
  return `${JSON.stringify(result, undefined, 2)}\n`;
}

/** Writes it whole or not at all; throws what the file system throws. */
export function writeResultFile(path: string, result: RunResult): void {
  writeWhole(path, resultText(result));
}
