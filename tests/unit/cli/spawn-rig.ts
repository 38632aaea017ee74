/** Runs the `rig` command as a process of its own, over the stand-in, in a folder of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The command over the stand-in, or over hardware that is not there. */
export const programs = { standIn: './stand-in-rig.js', fakeBench: './fake-bench-rig.js' } as const;

/** AVA starts all tests of a file at once; so many processes at once would be a load of their own. */
const PROCESSES_AT_ONCE = 3;
let running = 0;
const waiting: (() => void)[] = [];

/** Resolves when a process may start, with what to call when it has ended. */
async function slot(): Promise<() => void> {
  if (running >= PROCESSES_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  return () => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
}

/** Variables of the process; `RIG_FILE_BLOCKS` is how long its files may get, in blocks of 512 bytes. */
type Environment = Readonly<Record<string, string>>;

export interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

/** A working directory with a `firmware` that boots; `remove` it at the end. */
export class RigFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'rig-cli-'));

  private readonly program: string;

  constructor(program: (typeof programs)[keyof typeof programs] = programs.standIn) {
    this.program = fileURLToPath(new URL(program, import.meta.url));
    mkdirSync(join(this.path, 'firmware'));
    writeFileSync(join(this.path, 'firmware', 'main.py'), 'print(1)\n');
  }

  start(words: readonly string[], { RIG_FILE_BLOCKS = 'unlimited', ...environment }: Environment = {}) {
    const limited = `ulimit -f ${RIG_FILE_BLOCKS}; exec "$@"`;
    const child = spawn('/bin/sh', ['-c', limited, 'sh', process.execPath, this.program, ...words], {
      cwd: this.path,
      env: { PATH: process.env.PATH, ...environment },
    });
    return { child, ended: endOf(child) };
  }

  /** Resolves when the command has ended. `behaviour` is the bench's, from the stand-in. */
  async rig(words: readonly string[], behaviour = 'pass', environment: Environment = {}): Promise<Ended> {
    const release = await slot();
    try {
      return await this.start(words, { RIG_STAND_IN: behaviour, ...environment }).ended;
    } finally {
      release();
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

function endOf(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, output, errors }));
  });
}
