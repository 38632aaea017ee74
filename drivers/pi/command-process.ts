/** One run of a program: its output is gathered, its time is bounded, and nothing of it is left when that is over. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { RigError } from '../../rig/errors.js';
import type { Clock, Timer } from '../../rig/time/clock.js';
import { type DurationUs, later, ms, toSeconds } from '../../rig/time/units.js';

/** How a program ended, and what it printed. */
export interface Execution {
  /** Its exit status, or the signal that ended it. */
  readonly status: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecutionLimits {
  readonly limit: DurationUs;
  readonly outputLimitBytes: number;
}

/** What is left in the pipes of a program that has ended is read within this; a daemon that it started may hold them for ever. */
const OUTPUT_GRACE: DurationUs = ms(200);
/** From the request to end to the order. */
const KILL_GRACE: DurationUs = ms(500);

/** Where Debian keeps the administrator's programs; the PATH of other users lacks these. */
const ADMINISTRATORS_PATH = '/usr/local/sbin:/usr/sbin:/sbin';

/**
 * Runs `argv` to its end, whatever its status. Rejects with the system's error when it cannot be started, with
 * `BENCH` when it exceeds a limit; it is ended then, with all that it started.
 */
export function execute(argv: readonly string[], limits: ExecutionLimits, clock: Clock): Promise<Execution> {
  return new Promise((resolve, reject) => new CommandProcess(argv, limits, clock, resolve, reject));
}

class CommandProcess {
  private readonly argv: readonly string[];
  private readonly limits: ExecutionLimits;
  private readonly clock: Clock;
  private readonly resolve: (execution: Execution) => void;
  private readonly reject: (error: unknown) => void;
  private readonly child: ChildProcessByStdio<null, Readable, Readable>;
  private readonly stdout: Buffer[] = [];
  private readonly stderr: Buffer[] = [];
  private readonly timers: Timer[] = [];
  private lengthBytes = 0;
  private isOver = false;

  constructor(
    argv: readonly string[],
    limits: ExecutionLimits,
    clock: Clock,
    resolve: (execution: Execution) => void,
    reject: (error: unknown) => void,
  ) {
    this.argv = argv;
    this.limits = limits;
    this.clock = clock;
    this.resolve = resolve;
    this.reject = reject;
    const [program = '', ...rest] = argv;
    this.child = spawn(program, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // The drivers read messages, so those must be in one language.
      env: { ...process.env, LC_ALL: 'C', PATH: `${process.env.PATH ?? ''}:${ADMINISTRATORS_PATH}` },
      // A process group of its own: Ctrl-C in the terminal is for the rig, which then puts the bench right.
      detached: true,
    });
    this.watch();
  }

  private watch(): void {
    const { child, limits } = this;
    child.stdout.on('data', (chunk: Buffer) => this.gather(this.stdout, chunk));
    child.stderr.on('data', (chunk: Buffer) => this.gather(this.stderr, chunk));
    child.once('error', (error) => {
      if (this.settle()) this.reject(error);
    });
    child.once('exit', (code, signal) => {
      this.after(OUTPUT_GRACE, 'output of a command', () => this.end(code ?? signal ?? 1));
    });
    child.once('close', (code, signal) => this.end(code ?? signal ?? 1));
    this.after(limits.limit, 'limit of a command', () =>
      this.fail(`took more than ${toSeconds(limits.limit)} s`),
    );
  }

  private gather(chunks: Buffer[], chunk: Buffer): void {
    this.lengthBytes += chunk.length;
    if (this.lengthBytes <= this.limits.outputLimitBytes) chunks.push(chunk);
    else this.fail(`printed more than ${this.limits.outputLimitBytes} bytes`);
  }

  private end(status: Execution['status']): void {
    if (!this.settle()) return;
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
    this.resolve({ status, stdout: text(this.stdout), stderr: text(this.stderr) });
  }

  private fail(why: string): void {
    if (!this.settle()) return;
    // First the request: `sudo` hands only that on to what it runs.
    this.signal('SIGTERM');
    this.clock.at('kill a command', later(this.clock.now(), KILL_GRACE), () => this.signal('SIGKILL'));
    this.reject(new RigError('BENCH', `"${shown(this.argv)}" ${why} and was ended.`));
  }

  /** True the first time: nothing is waited for any more. */
  private settle(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    for (const timer of this.timers) timer.cancel();
    this.child.stdout.destroy();
    this.child.stderr.destroy();
    return true;
  }

  private after(duration: DurationUs, name: string, act: () => void): void {
    if (!this.isOver) this.timers.push(this.clock.at(name, later(this.clock.now(), duration), act));
  }

  private signal(name: NodeJS.Signals): void {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, name);
    } catch {
      // It has ended already, or runs as another user, whose program ends by itself.
    }
  }
}

const SHOWN_LENGTH = 100;

/** A command as messages show it. */
export function shown(argv: readonly string[]): string {
  const text = argv.join(' ');
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}…`;
}
