/** What a test must print: its `.exp` file says it, or, where it has none, CPython does. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TestFile } from './test-files.js';

/** No test runs longer on a computer, however busy. */
const CPYTHON_LIMIT_MS = 60_000;
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;
/** As upstream: no bytecode files, and none of the modules of the site. */
const CPYTHON_OPTIONS = ['-BS'];

/** The output, with line feeds as line ends. Throws when there is no CPython to ask. */
export function expectedOutput(test: TestFile): string {
  const file = `${test.path}.exp`;
  return withLineFeeds(existsSync(file) ? readFileSync(file, 'utf8') : askCpython(test.path));
}

export const withLineFeeds = (text: string): string => text.replaceAll('\r\n', '\n');

/** Waits for the answer, since the board's time stands still meanwhile. */
function askCpython(path: string): string {
  const python = process.env.MICROPY_CPYTHON3 ?? 'python3';
  const { error, status, stdout, stderr } = spawnSync(python, [...CPYTHON_OPTIONS, path], {
    cwd: dirname(path),
    timeout: CPYTHON_LIMIT_MS,
    maxBuffer: OUTPUT_LIMIT_BYTES,
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
    encoding: 'utf8',
  });
  if (error !== undefined)
    throw new Error(`${python} cannot be run; set MICROPY_CPYTHON3.`, { cause: error });
  return status === 0 ? stdout : `CPYTHON3 CRASH:\n${stdout}${stderr}`;
}
