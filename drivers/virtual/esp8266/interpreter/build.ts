/** Build step: writes the instrumented interpreter beside this file, for `load.ts` to find. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INSTRUMENTED_WASM } from './compile.js';

const packagePath = createRequire(import.meta.url).resolve('@micropython/micropython-webassembly-pyscript');
const source = join(dirname(packagePath), 'micropython.wasm');
const target = fileURLToPath(INSTRUMENTED_WASM);

const modified = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const recipe = ['./instrument.js', './instrument-heap.js', './instrument-spills.js'].map((file) =>
  fileURLToPath(new URL(file, import.meta.url)),
);

// Takes about three seconds, and loading its tool half a second, so not at every build.
if (modified(target) < Math.max(modified(source), ...recipe.map(modified))) {
  const { instrument } = await import('./instrument.js');
  writeFileSync(target, instrument(readFileSync(source)));
}
