/**
 * The journal: a run's events as they happen, one JSON line each, appended to `journal.jsonl`. All else is
 * computed from it, after a crash too, so what matters is on disk at once. Writing is synchronous: in virtual
 * time nothing may wait for the real world.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { messageOf, RigError } from '../errors.js';
import { formatEvent, parseEvent } from './event-json.js';
import type { RunEvent, RunEventType } from './events.js';

/** Where the journal's bytes go. Both operations may throw; `write` writes all or throws. */
export interface JournalSink {
  write(text: string): void;
  close(): void;
}

/** Messages and console lines, of which there are many, wait until so many characters have come together. */
export const FLUSH_AT = 65_536;
const BUFFERED: ReadonlySet<RunEventType> = new Set(['message', 'console']);

/** Creates the file of a journal. Throws `USAGE` when it exists or cannot be created. */
export function createJournalFile(path: string): JournalSink {
  let handle: number;
  try {
    handle = openSync(path, 'wx');
  } catch (error) {
    throw new RigError('USAGE', `The journal "${path}" cannot be created: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return {
    write(text) {
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
    },
    close: () => closeSync(handle),
  };
}

/** Appends events to a sink. It never throws: what could not be written is counted, and makes a run INVALID. */
export class JournalWriter {
  private readonly sink: JournalSink;
  private buffer = '';
  private buffered = 0;
  private dropped = 0;
  private error: string | undefined;
  private closed = false;

  constructor(sink: JournalSink) {
    this.sink = sink;
  }

  /** Events that could not be written. */
  get droppedEvents(): number {
    return this.dropped;
  }

  /** The first error of the sink. */
  get firstError(): string | undefined {
    return this.error;
  }

  /** Appends an event. All but messages and console lines are handed to the sink at once. */
  append(event: RunEvent): void {
    if (this.closed) {
      this.fail('an event came after the journal was closed', 1);
      return;
    }
    this.buffer += `${formatEvent(event)}\n`;
    this.buffered += 1;
    if (this.buffer.length >= FLUSH_AT || !BUFFERED.has(event.type)) this.flush();
  }

  /** Hands what is buffered to the sink. What the sink refuses is dropped: the buffer stays bounded. */
  flush(): void {
    if (this.buffered === 0) return;
    const { buffer, buffered } = this;
    this.buffer = '';
    this.buffered = 0;
    try {
      this.sink.write(buffer);
    } catch (error) {
      this.fail(messageOf(error), buffered);
      // Part of it may have been written: the next line must not continue a torn one.
      this.buffer = '\n';
    }
  }

  /** Flushes and closes the sink. */
  close(): void {
    if (this.closed) return;
    this.flush();
    this.closed = true;
    try {
      this.sink.close();
    } catch (error) {
      this.fail(messageOf(error), 0);
    }
  }

  private fail(message: string, events: number): void {
    this.error ??= message;
    this.dropped += events;
  }
}

/** A line longer than this is no event, and is skipped in pieces. */
const LONGEST_LINE = 1_048_576;

/** Tells of a line that was skipped or may be read in part; lines count from 1. */
export type JournalWarning = (message: string) => void;

/** Read at a time: large enough that reading costs nothing beside parsing. */
const CHUNK_BYTES = 1_048_576;

/**
 * The events of a journal, one by one. Lines that are torn, damaged or unknown are skipped with a warning. It reads
 * while it is asked, without an event loop between: a soak has millions of events.
 * Throws `USAGE` when the file cannot be read.
 */
export function* readJournal(
  path: string,
  warn: JournalWarning = () => undefined,
): Generator<RunEvent, void, void> {
  let lineNumber = 0;
  for (const { lines, torn } of linesOf(path)) {
    for (const line of lines) {
      lineNumber += 1;
      if (line === '') continue;
      const { event, warning } = parseEvent(line);
      if (warning !== undefined) {
        const what =
          torn && event === undefined ? 'the last line is torn, the run was cut off here' : warning;
        warn(`${path}:${lineNumber}: ${what}`);
      }
      if (event !== undefined) yield event;
    }
  }
}

interface Lines {
  readonly lines: readonly string[];
  /** The end of the line is missing. */
  readonly torn: boolean;
}

/** The lines of a file, as many at a time as come with a chunk. */
function* linesOf(path: string): Generator<Lines, void, void> {
  let rest = '';
  for (const text of chunksOf(path)) {
    const lines = `${rest}${text}`.split('\n');
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    yield { lines, torn: false };
  }
  if (rest !== '') yield { lines: [rest], torn: true };
}

function* chunksOf(path: string): Generator<string, void, void> {
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  const handle = attempt(path, () => openSync(path, 'r'));
  try {
    for (;;) {
      const length = attempt(path, () => readSync(handle, buffer));
      if (length === 0) break;
      yield decoder.write(buffer.subarray(0, length));
    }
    yield decoder.end();
  } finally {
    closeSync(handle);
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new RigError('USAGE', `The journal "${path}" cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
