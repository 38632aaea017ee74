/** The folder of a run: where it lies, and the files that grow in it while the run goes on. */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { writeResultFile } from '../reports/json/result-file.js';
import { plural } from '../reports/text/numbers.js';
import { escapeUnprintable } from '../reports/text/printable.js';
import { writeWhole } from '../reports/whole-file.js';
import { messageOf } from '../rig/errors.js';
import type { EventSink, RunEvent } from '../rig/run/events.js';
import { createJournalFile, JournalWriter } from '../rig/run/journal.js';
import type { RunResult } from '../rig/run/result.js';
import { LineFile } from './line-file.js';
import { usageError } from './usage.js';

/** Folders of one second and scenario before giving up. */
const COLLISIONS_LIMIT = 10_000;
const DEFAULT_PARENT = 'runs';

/** `2026-11-20T14-30-05`, local time: names that sort by time and that every file system takes. */
export function timeStamp(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${date}T${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join('-')}`;
}

/** Where the runs of one command go. */
export class OutputPlace {
  private readonly base: string;
  private readonly shown: string;
  private readonly layout: 'default' | 'single' | 'several';

  /** With `out` and a single run, that run's folder; with several runs, the folder that theirs are in. */
  constructor(options: { out: string | undefined; runs: number; workingDirectory: string }) {
    const { out, runs, workingDirectory } = options;
    this.shown = out ?? DEFAULT_PARENT;
    this.base = resolve(workingDirectory, this.shown);
    this.layout = out === undefined ? 'default' : runs === 1 ? 'single' : 'several';
  }

  /**
   * Makes the place, so that a run does not fail at its end for want of it.
   * @throws USAGE when it cannot be made or written to, or when `--out` names a folder that holds something.
   */
  prepare(): void {
    const holds = attempt(this.shown, () => {
      makeFolders(this.base);
      return readdirSync(this.base);
    });
    if (this.layout !== 'default' && holds.length > 0) {
      throw usageError(
        `--out ${this.shown}: it is not empty. Name a folder that is new, so that no run is overwritten.`,
      );
    }
    attempt(this.shown, () => accessSync(this.base, constants.W_OK | constants.X_OK));
  }

  /**
   * Creates the folder of one run, with its journal and console log open.
   * @throws USAGE when that cannot be done.
   */
  open(scenario: string, time: Date): RunFolder {
    const name = this.layout === 'several' ? scenario : `${timeStamp(time)}-${scenario}`;
    return attempt(this.shown, () => {
      if (this.layout === 'single') return new RunFolder(this.base, this.shown);
      const unique = makeUnique(this.base, name);
      return new RunFolder(join(this.base, unique), join(this.shown, unique));
    });
  }
}

/**
 * Makes a folder and those above it that are missing. (`mkdirSync`'s own `recursive` tries for ever where a
 * parent exists but takes no folders, as `/proc` does.)
 */
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  // Another run may make it between the question and this.
  if (!makeFolder(path) && !statSync(path).isDirectory()) throw new Error('it is not a folder');
}

/** Makes one folder; false when something of that name exists. */
function makeFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Makes `name` in `parent`, or `name-2`, `name-3` … when it exists. */
function makeUnique(parent: string, name: string): string {
  for (let number = 1; number <= COLLISIONS_LIMIT; number += 1) {
    const unique = number === 1 ? name : `${name}-${number}`;
    if (makeFolder(join(parent, unique))) return unique;
  }
  throw new Error(`there are already ${COLLISIONS_LIMIT} folders ${name}`);
}

function attempt<T>(place: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw usageError(
      `The run's files cannot be written to ${place} (${messageOf(error)}). Choose another place with --out DIR.`,
      { cause: error },
    );
  }
}

/** `journal.jsonl`, `console.log` and, at the end, `result.json`. */
export class RunFolder {
  /** As the user knows it: relative where it was given so. */
  readonly shown: string;
  readonly path: string;
  private readonly journal: JournalWriter;
  private readonly console: LineFile;

  constructor(path: string, shown: string) {
    this.path = path;
    this.shown = shown;
    this.journal = new JournalWriter(createJournalFile(join(path, 'journal.jsonl')));
    this.console = new LineFile(join(path, 'console.log'));
  }

  readonly journalSink: EventSink = (event) => this.journal.append(event);

  readonly consoleSink: EventSink = (event) => {
    if (event.type === 'console') this.console.write(consoleLine(event));
  };

  writeResult(result: RunResult): void {
    writeResultFile(join(this.path, 'result.json'), result);
  }

  /** Writes one more file of the run, whole or not at all; throws what the file system throws. */
  write(file: string, text: string): void {
    writeWhole(join(this.path, file), text);
  }

  /** Why the journal is not whole; undefined when it is. */
  journalDefect(): string | undefined {
    const { droppedEvents, firstError } = this.journal;
    if (firstError === undefined) return undefined;
    return `journal.jsonl lacks ${plural(droppedEvents, 'event')} that could not be written (${firstError})`;
  }

  /** Closes both files. Throws what the file system throws about the console log. */
  close(): void {
    this.journal.close();
    this.console.close();
  }
}

/** `[   12.345678] text`: seconds on the bench's clock; what a terminal would obey is escaped. */
export function consoleLine(event: Extract<RunEvent, { type: 'console' }>): string {
  const seconds = (event.atUs / 1_000_000).toFixed(6).padStart(12);
  return `[${seconds}] ${escapeUnprintable(event.line)}`;
}
