/** The process around a command, handed in so that tests can be that process. */
import { randomInt } from 'node:crypto';

/** A stream of text that somebody reads. */
export interface TextOutput {
  write(text: string): void;
  readonly isTty: boolean;
  /** Its width now, in columns. */
  columns(): number;
}

/** What somebody types, or a program sends. */
export interface ByteInput {
  readonly isTty: boolean;
  /**
   * Calls `listener` with what arrives. In a terminal every key arrives at once, and nothing is echoed or taken for a
   * signal, until the returned function is called. `ended` is called when nothing more comes.
   */
  listen(listener: (bytes: Uint8Array) => void, ended?: () => void): () => void;
}

export interface Surroundings {
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly input: ByteInput;
  readonly output: TextOutput;
  readonly errors: TextOutput;
  /** Wall-clock time, to label a run. */
  today(): Date;
  /** Monotonic wall-clock milliseconds, for speed and redrawing. */
  wallMs(): number;
  /** A fresh 32-bit seed. */
  newSeed(): number;
  /** Calls `listener` at every interrupt (SIGINT, SIGTERM, SIGHUP). Returns a function that stops that. */
  onInterrupt(listener: () => void): () => void;
  /** Calls `listener` with what was thrown where nobody catches it. Returns a function that stops that. */
  onCrash(listener: (error: unknown) => void): () => void;
  /** Ends the process at once. */
  exitNow(status: number): void;
}

/** Width of what is no terminal: a log that people read in 80 columns or more. */
const COLUMNS_ELSEWHERE = 100;
/** Seeds are unsigned 32-bit numbers. */
export const SEED_LIMIT = 2 ** 32;

export function processSurroundings(): Surroundings {
  return {
    workingDirectory: process.cwd(),
    environment: process.env,
    input: byteInput(() => process.stdin),
    output: textOutput(process.stdout),
    errors: textOutput(process.stderr),
    today: () => new Date(),
    wallMs: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
    newSeed: () => randomInt(SEED_LIMIT),
    onInterrupt: (listener) => {
      // SIGHUP: the terminal is gone, as when an ssh session ends. The bench must be made safe then too.
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
    onCrash: (listener) => {
      const events = ['uncaughtException', 'unhandledRejection'] as const;
      for (const event of events) process.on(event, listener);
      return () => {
        for (const event of events) process.off(event, listener);
      };
    },
    exitNow: (status) => process.exit(status),
  };
}

/** The stream is made when it is first used: commands that read nothing leave it alone. */
function byteInput(stream: () => NodeJS.ReadStream): ByteInput {
  return {
    get isTty() {
      return stream().isTTY === true;
    },
    listen: (listener, ended = () => undefined) => {
      const input = stream();
      const ignore = () => undefined;
      if (input.isTTY) input.setRawMode(true);
      input.on('data', listener).on('error', ignore).on('end', ended);
      return () => {
        input.off('data', listener).off('error', ignore).off('end', ended);
        if (input.isTTY) input.setRawMode(false);
        input.pause();
      };
    },
  };
}

function textOutput(stream: NodeJS.WriteStream): TextOutput {
  let open = true;
  // The reader may go away (`rig run … | head`): the run goes on, its folder is the record.
  stream.on('error', () => {
    open = false;
  });
  return {
    write: (text) => {
      if (open) stream.write(text);
    },
    isTty: stream.isTTY === true,
    columns: () => (stream.isTTY === true ? stream.columns : COLUMNS_ELSEWHERE),
  };
}
