/** The firmware's modules in MicroPython, as the tests use them: outside of any board. */
import { readdirSync, readFileSync } from 'node:fs';
import { loadMicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';

const ROOT = new URL('../../../../', import.meta.url);
const FIRMWARE = new URL('firmware/link/link/', ROOT);
const FIXTURES = new URL('tests/fixtures/firmware/', ROOT);

/** Calls a function of the Python module that was loaded. Throws what it raises. */
export type CallPython = (name: string, argument?: unknown) => unknown;

/**
 * Starts an interpreter with the package `link` and the Python files of the fixtures, and imports `checks`, one
 * of the latter. Arguments and results cross as JSON.
 */
export async function loadFirmware(checks: string): Promise<CallPython> {
  const python = await loadMicroPython({});
  for (const [folder, source] of [
    ['/board/link', FIRMWARE],
    ['/board', FIXTURES],
  ] as const) {
    python.FS.mkdirTree(folder);
    for (const name of readdirSync(source).filter((file) => file.endsWith('.py'))) {
      python.FS.writeFile(`${folder}/${name}`, readFileSync(new URL(name, source)));
    }
  }
  python.FS.chdir('/board');
  python.runPython(`from ${checks} import *`);
  return (name, argument) => {
    python.globals.set('argument', JSON.stringify(argument ?? null));
    python.runPython(`result = ${name}(${argument === undefined ? '' : 'argument'})`);
    return JSON.parse(String(python.globals.get('result')));
  };
}

/** The text of a fixture. */
export function readFixture(name: string): string {
  return readFileSync(new URL(name, FIXTURES), 'utf8');
}
