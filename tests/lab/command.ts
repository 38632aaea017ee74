/** Runs a program of the host to its end; a failure tells what the program said last. */
import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Longer than any step of building the image takes where it works. */
const DEFAULT_TIMEOUT_MS = 600_000;
/** Lines of a failed program's output that its error shows. */
const TOLD_LINES = 20;
const TOLD_CHARACTERS = 4_000;
/** What is kept of a program's output. */
const OUTPUT_LIMIT_CHARACTERS = 4_000_000;

/** Resolves with the program's standard output; rejects when it cannot start, fails, or takes longer than allowed. */
export function command(
  program: string,
  parameters: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    let output = '';
    let everything = '';
    const keep = (text: string) => {
      everything = (everything + text).slice(-OUTPUT_LIMIT_CHARACTERS);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_LIMIT_CHARACTERS);
      keep(text);
    });
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (status === 0) return resolve(output);
      const told = everything.trimEnd().split('\n').slice(-TOLD_LINES).join('\n').slice(0, TOLD_CHARACTERS);
      const end = signal === null ? `ended with status ${status}` : `was ended by ${signal}`;
      reject(new Error(`${[program, ...parameters].join(' ')} ${end}:\n${told}`));
    });
  });
}
