/**
 * Compiles the instrumented interpreter, once per process. V8 compiles a function when it is first called and again,
 * better, when it is called often, and keeps what it compiled for all threads as long as one of them holds the module.
 * A board whose thread compiles its own does all of that anew, which is most of what starting one costs (measured).
 */
import { readFileSync } from 'node:fs';

export const INSTRUMENTED_WASM = new URL('./micropython.wasm', import.meta.url);

let compiled: WebAssembly.Module | undefined;

/** The module that the host gives the threads of its boards. */
export function compileInterpreter(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(INSTRUMENTED_WASM));
  return compiled;
}
