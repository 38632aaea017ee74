/** Programs of the guest that a test runs beside itself: tools of a kernel interface, or a daemon. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface ProgramEnd {
  readonly status: number | null;
  readonly output: string;
}

/** Longer than any tool takes in the slow machine. */
const TIMEOUT_MS = 30_000;
const OUTPUT_LIMIT_CHARACTERS = 1_000_000;

/** A program that runs until it ends or is ended. */
export class Program {
  readonly child: ChildProcess;
  private output = '';
  private readonly watchers = new Set<() => void>();
  readonly ended: Promise<ProgramEnd>;

  constructor(name: string, parameters: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(name, parameters, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-OUTPUT_LIMIT_CHARACTERS);
        for (const watcher of this.watchers) watcher();
      });
    }
    this.ended = new Promise((resolve) => {
      const end = (status: number | null) => {
        resolve({ status, output: this.output });
        for (const watcher of this.watchers) watcher();
      };
      this.child.on('error', (error) => {
        this.output += error.message;
        end(null);
      });
      this.child.on('close', end);
    });
  }

  /** Everything that it printed so far. */
  get printed(): string {
    return this.output;
  }

  /** Resolves when it has printed something that `pattern` finds; rejects when it ends before, or takes too long. */
  async prints(pattern: RegExp, timeoutMs = TIMEOUT_MS): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!pattern.test(this.output)) {
      const left = deadline - performance.now();
      if (left <= 0 || this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`${this.child.spawnfile} did not print ${pattern}, but:\n${this.output}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        const watcher = () => {
          clearTimeout(timer);
          this.watchers.delete(watcher);
          resolve();
        };
        this.watchers.add(watcher);
      });
    }
  }

  /** Ends it, by default so that it cannot object, and waits until it is gone. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<ProgramEnd> {
    this.child.kill(signal);
    return this.ended;
  }
}

/** Runs a tool to its end and resolves with what it printed, whatever its status. */
export async function tool(name: string, ...parameters: readonly string[]): Promise<ProgramEnd> {
  const program = new Program(name, parameters);
  const timer = setTimeout(() => program.child.kill('SIGKILL'), TIMEOUT_MS);
  const end = await program.ended;
  clearTimeout(timer);
  return end;
}

/** Runs a tool that must succeed. */
export async function must(name: string, ...parameters: readonly string[]): Promise<string> {
  const { status, output } = await tool(name, ...parameters);
  if (status !== 0) throw new Error(`${[name, ...parameters].join(' ')} ended with ${status}:\n${output}`);
  return output;
}
