/**
 * Runs MicroPython's cross-compiler in a thread of its own: the package is made for browsers, listens to what its process
 * throws, may end that process, and fetches its WebAssembly as a page would where there is a `fetch`.
 */
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { CompileReply, CompileRequest } from './mpy-cross.js';

const request: CompileRequest = workerData;
Reflect.deleteProperty(globalThis, 'fetch');
// It adds listeners with every file.
process.setMaxListeners(0);
const { compile } = await import('@pybricks/mpy-cross-v6');
const wasm = fileURLToPath(import.meta.resolve('@pybricks/mpy-cross-v6/build/mpy-cross-v6.wasm'));

const compiled: CompileReply[] = [];
for (const { path, text } of request) {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const { status, mpy, err } = await compile(name, text, ['-s', path], wasm);
  compiled.push(status === 0 && mpy !== undefined ? { path, mpy } : { path, problem: err.join('\n') });
}
parentPort?.postMessage(compiled);
