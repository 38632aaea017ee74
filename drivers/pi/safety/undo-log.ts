/**
 * The undo log of a bench: what would put it right, on disk before each change is made and gone once the change is
 * undone. What a run that was killed leaves there is done when the next one starts.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { messageOf, RigError } from '../../../rig/errors.js';
import type { Clock } from '../../../rig/time/clock.js';
import { type DurationUs, later, ms, seconds } from '../../../rig/time/units.js';
import type { CommandRunner } from '../command.js';
import { benchFileName } from './file-name.js';
import { readSteps, writeSteps } from './undo-file.js';
import type { UndoCheck, UndoStep } from './undo-step.js';

/** Steps that are kept at a time; a bench has a handful of things to put right. */
export const UNDO_LIMIT = 64;
/** From a command until what it did shows: hostapd needs some seconds on some channels. */
const EFFECT_LIMIT: DurationUs = seconds(10);
const EFFECT_POLL: DurationUs = ms(200);

/** A step that is kept until its change is undone. */
export interface UndoEntry {
  /** The change is undone: the step is forgotten. May be called twice. */
  done(): Promise<void>;
}

/** What drivers see of the log. */
export interface UndoLog {
  /** The bench that it is for, by the name in its bench file. */
  readonly bench: string;
  /** Keeps a step, in place of one of the same name. Resolves once it is on disk: only then make the change. */
  add(step: UndoStep): Promise<UndoEntry>;
  /** Takes a step that an earlier run left to the driver of that name. True when there was one: put it right now. */
  claim(name: string): Promise<boolean>;
}

export interface UndoLogOptions {
  readonly bench: string;
  readonly folder: string;
  readonly run: CommandRunner;
  readonly clock: Clock;
}

/** Where the logs of this user are: `$XDG_STATE_HOME` or `~/.local/state` (XDG Base Directory Specification). */
export function stateFolder(environment: Readonly<NodeJS.ProcessEnv>): string {
  const { XDG_STATE_HOME: given } = environment;
  // The specification has relative paths ignored.
  const base = given?.startsWith('/') === true ? given : join(homedir(), '.local', 'state');
  return join(base, 'wifi-hil-rig');
}

/** Opens the log of a bench. Rejects with `BENCH` when what an earlier run left cannot be read. */
export async function openUndoLog(options: UndoLogOptions): Promise<BenchUndoLog> {
  const path = join(options.folder, `${benchFileName(options.bench)}.undo`);
  const { steps, unreadableLines } = await readSteps(path);
  return new BenchUndoLog(options, path, steps, unreadableLines);
}

export class BenchUndoLog implements UndoLog {
  readonly bench: string;
  readonly path: string;
  private readonly run: CommandRunner;
  private readonly clock: Clock;
  private steps: readonly UndoStep[];
  private unreadableLines: number;
  private lastWrite: Promise<void> = Promise.resolve();

  constructor(
    { bench, run, clock }: UndoLogOptions,
    path: string,
    steps: readonly UndoStep[],
    unreadableLines: number,
  ) {
    this.bench = bench;
    this.path = path;
    this.run = run;
    this.clock = clock;
    this.steps = steps;
    this.unreadableLines = unreadableLines;
  }

  /** Names of the steps that are kept, oldest first. */
  get pending(): readonly string[] {
    return this.steps.map(({ name }) => name);
  }

  async add(step: UndoStep): Promise<UndoEntry> {
    const others = this.without(step.name);
    if (others.length >= UNDO_LIMIT) {
      throw new RigError(
        'BENCH',
        `${this.path} holds ${UNDO_LIMIT} steps that could not be undone; put the bench right by hand and delete it.`,
      );
    }
    try {
      await this.replace([...others, step]);
    } catch (error) {
      // The change will not be made, so nothing is to be undone.
      this.steps = this.steps.filter((each) => each !== step);
      throw error;
    }
    return { done: () => this.forget(step) };
  }

  async claim(name: string): Promise<boolean> {
    const isLeft = this.steps.some((step) => step.name === name && step.command === undefined);
    if (isLeft) await this.replace(this.without(name));
    return isLeft;
  }

  /**
   * Runs every step that is kept, the last first, before any driver is opened or after all are closed. One that
   * fails stays, and does not keep the others from being run. Resolves with what went wrong, a line each.
   */
  async runLeftOver(): Promise<string[]> {
    const problems: string[] = [];
    if (this.unreadableLines > 0) {
      problems.push(
        `${this.path}: ${this.unreadableLines} lines could not be read, so what they were to undo is not known. ` +
          'Check access point, packet rules and supply by hand.',
      );
      this.unreadableLines = 0;
      await this.replace(this.steps);
    }
    for (const step of [...this.steps].reverse()) {
      if (step.command === undefined) continue;
      try {
        await this.undo(step, step.command);
        await this.forget(step);
      } catch (error) {
        problems.push(
          `Left over from an earlier run and not undone, ${step.name}: ${messageOf(error)} ` +
            `It is tried again at the next start; to give it up, delete its line in ${this.path}.`,
        );
      }
    }
    return problems;
  }

  private async undo({ check }: UndoStep, command: readonly string[]): Promise<void> {
    if (check !== undefined && (await this.isRight(check).catch(() => false))) return;
    await this.run(command);
    if (check === undefined) return;
    const deadlineUs = later(this.clock.now(), EFFECT_LIMIT);
    while (!(await this.isRight(check))) {
      if (this.clock.now() >= deadlineUs) {
        throw new RigError(
          'BENCH',
          `"${command.join(' ')}" had no effect, as "${check.command.join(' ')}" shows.`,
        );
      }
      await this.clock.sleep('effect of undoing', EFFECT_POLL);
    }
  }

  private async isRight({ command, contains = '', lacks }: UndoCheck): Promise<boolean> {
    const { stdout } = await this.run(command);
    return stdout.includes(contains) && (lacks === undefined || !stdout.includes(lacks));
  }

  private without(name: string): UndoStep[] {
    return this.steps.filter((step) => step.name !== name);
  }

  private async forget(step: UndoStep): Promise<void> {
    if (this.steps.includes(step)) await this.replace(this.steps.filter((each) => each !== step));
  }

  /** One write after the other, each of the steps as they then are. */
  private replace(steps: readonly UndoStep[]): Promise<void> {
    this.steps = steps;
    const written = this.lastWrite.then(() => writeSteps(this.path, this.steps));
    this.lastWrite = written.catch(() => undefined);
    return written;
  }
}
