/**
 * A virtual board in a shell's pipe: what comes in is typed, line by line, as a patient person would; what the board
 * prints is shown. It is over when all is typed and the board has come to rest.
 */
import type { LiveBoard } from '../drivers/virtual/live-board.js';
import { RigError } from '../rig/errors.js';
import { Redactor } from '../rig/run/redaction.js';
import { type DurationUs, ms } from '../rig/time/units.js';
import { BoardConsole } from './board-console.js';
import { withReturns } from './console-session.js';
import { consoleView } from './console-view.js';
import type { Surroundings } from './surroundings.js';

/** What a board that waits for input has printed last: the prompts of the REPL, of its paste mode and of its raw mode. */
const PROMPTS = ['>>> ', '... ', '=== ', '\x04>', 'exit\r\n>'] as const;
const PROMPT_CHARACTERS = 6;
/** How often it is looked whether the board prints. */
const LOOK_PERIOD: DurationUs = ms(10);
/** Silence after a prompt. An echo takes 16 ms through an adapter's latency timer. */
const PROMPT_SILENCE: DurationUs = ms(50);
/** Silence of a board that shows no prompt: longer than a boot is silent. */
const PROGRAM_SILENCE: DurationUs = ms(2_000);
/** A program that never stops printing is sent the next line after this all the same: it may be a Ctrl-C. */
const LINE_PATIENCE: DurationUs = ms(10_000);
/** Waiting input: as much as the chip's flash holds. */
const INPUT_LIMIT_BYTES = 4 * 1024 * 1024;
const CARRIAGE_RETURN = 0x0d;

export type PipeEnd = 'done' | 'interrupted';

export interface BoardPipeOptions {
  readonly board: LiveBoard;
  readonly surroundings: Pick<Surroundings, 'input' | 'output' | 'onInterrupt'>;
}

/** Rejects with `BENCH` when the board breaks, with `FULL` when input comes far faster than the board reads. */
export async function runBoardPipe({ board, surroundings }: BoardPipeOptions): Promise<PipeEnd> {
  const console = new BoardConsole(board);
  const view = consoleView(surroundings.output, false, new Redactor([]));
  const waiting = new WaitingInput();
  const quiet = new Quiet(board);
  const stops: (() => void)[] = [];
  try {
    return await new Promise<PipeEnd>((resolve, reject) => {
      stops.push(
        console.onChunk((chunk) => {
          view.show(chunk);
          quiet.printed(chunk.bytes);
        }),
        console.onNotice(({ detail }) => reject(new RigError('BENCH', detail))),
        surroundings.onInterrupt(() => resolve('interrupted')),
        surroundings.input.listen(
          (bytes) => waiting.add(withReturns(bytes), reject),
          () => waiting.end(),
        ),
      );
      typeAll(board, waiting, quiet).then(() => resolve('done'), reject);
    });
  } finally {
    for (const stop of stops) stop();
    view.flush();
  }
}

async function typeAll(board: LiveBoard, waiting: WaitingInput, quiet: Quiet): Promise<void> {
  await quiet.wait(LINE_PATIENCE);
  for (;;) {
    const line = await waiting.next();
    if (line === undefined) break;
    await board.uart.write(line);
    await quiet.wait(LINE_PATIENCE);
  }
  await quiet.wait();
}

/** What came in and is not typed yet, a line at a time. */
class WaitingInput {
  private readonly lines: Uint8Array[] = [];
  private bytes = 0;
  private isOver = false;
  private wake: () => void = () => undefined;

  add(bytes: Uint8Array, refuse: (error: RigError) => void): void {
    this.bytes += bytes.length;
    if (this.bytes > INPUT_LIMIT_BYTES) {
      refuse(
        new RigError('FULL', `More than ${INPUT_LIMIT_BYTES} bytes wait to be typed. Send less at a time.`),
      );
      return;
    }
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf(CARRIAGE_RETURN, from);
      const to = end < 0 ? bytes.length : end + 1;
      this.lines.push(bytes.slice(from, to));
      from = to;
    }
    this.wake();
  }

  end(): void {
    this.isOver = true;
    this.wake();
  }

  /** The next line, or the piece of one that has come; undefined when there is no more. */
  async next(): Promise<Uint8Array | undefined> {
    while (this.lines.length === 0 && !this.isOver) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const line = this.lines.shift();
    this.bytes -= line?.length ?? 0;
    return line;
  }
}

/** Knows whether the board has said what it had to say. Its time is the board's: a slow machine makes no difference. */
class Quiet {
  private readonly board: LiveBoard;
  private tail = '';
  private printedBytes = 0;

  constructor(board: LiveBoard) {
    this.board = board;
  }

  printed(bytes: Uint8Array): void {
    this.printedBytes += bytes.length;
    const text = this.tail + String.fromCharCode(...bytes.subarray(-PROMPT_CHARACTERS));
    this.tail = text.slice(-PROMPT_CHARACTERS);
  }

  /** Resolves when the board is silent, or when it was not for so long. */
  async wait(patience = Number.POSITIVE_INFINITY): Promise<void> {
    let silentUs = 0;
    for (let waitedUs = 0; waitedUs < patience; waitedUs += LOOK_PERIOD) {
      const before = this.printedBytes;
      await this.board.enter('quiet', () => this.board.clock.sleep('quiet', LOOK_PERIOD));
      silentUs = this.printedBytes === before ? silentUs + LOOK_PERIOD : 0;
      if (silentUs >= (this.isAtPrompt() ? PROMPT_SILENCE : PROGRAM_SILENCE)) return;
    }
  }

  private isAtPrompt(): boolean {
    return PROMPTS.some((prompt) => this.tail.endsWith(prompt));
  }
}
