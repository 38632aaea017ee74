/** Compiles MicroPython sources to bytecode of version 6, which MicroPython 1.19 and later load from `.mpy` files. */
import { Worker } from 'node:worker_threads';
import { messageOf, RigError } from '../rig/errors.js';
import { usageError } from './usage.js';

export interface Source {
  /** As tracebacks on the board shall show it. */
  readonly path: string;
  readonly text: string;
}

export type CompileRequest = readonly Source[];
export type CompileReply =
  | { readonly path: string; readonly mpy: Uint8Array }
  | { readonly path: string; readonly problem: string };

const PACKAGE = '@pybricks/mpy-cross-v6';
/** A hundred files take a second. */
const COMPILE_LIMIT_MS = 60_000;

/**
 * Bytecode by the path of its source. Rejects with `USAGE` and the compiler's words when a source is wrong, with `BENCH`
 * when the compiler is not installed.
 */
export async function compileSources(sources: readonly Source[]): Promise<Map<string, Uint8Array>> {
  const compiled = new Map<string, Uint8Array>();
  if (sources.length === 0) return compiled;
  for (const reply of await replyOf(sources)) {
    if ('problem' in reply) throw compileError(reply.path, reply.problem);
    compiled.set(reply.path, reply.mpy);
  }
  return compiled;
}

function replyOf(sources: CompileRequest): Promise<readonly CompileReply[]> {
  const worker = new Worker(new URL('./mpy-cross-worker.js', import.meta.url), { workerData: sources });
  return new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => fail(`it did not end within ${COMPILE_LIMIT_MS / 1_000} s`),
      COMPILE_LIMIT_MS,
    );
    const fail = (why: string, cause?: unknown) => {
      clearTimeout(limit);
      const message = `The cross-compiler failed (${why}). It is the package "${PACKAGE}": npm install ${PACKAGE}`;
      reject(new RigError('BENCH', message, { cause }));
      void worker.terminate();
    };
    worker.once('message', (replies: readonly CompileReply[]) => {
      clearTimeout(limit);
      resolve(replies);
      void worker.terminate();
    });
    worker.once('error', (error) => fail(messageOf(error).split('\n', 1)[0] ?? '', error));
    worker.once('exit', () => fail('it ended without a result'));
  });
}

function compileError(path: string, problem: string): RigError {
  const last = problem.trim().split('\n').slice(-2).join(' ').replace(/\s+/g, ' ').trim();
  const isNative = /invalid arch/.test(problem);
  const step = isNative
    ? ' Native code (@micropython.native, viper, asm) is not compiled here: upload the sources with --source.'
    : '';
  return usageError(`${path}: ${last}${step}`);
}
