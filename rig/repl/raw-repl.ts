/**
 * MicroPython's raw REPL: a program is sent, it runs, and comes back as what it printed or why it failed. Described in
 * MicroPython's documentation, "The MicroPython Interactive Interpreter Mode (aka REPL)", raw mode and raw-paste mode.
 */
import { isRigError, messageOf, RigError } from '../errors.js';
import type { UartConsole } from '../ports.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, ms, seconds } from '../time/units.js';
import { interruptAgainAndAgain } from './interrupt.js';
import { ReplyReader } from './reply-reader.js';

const CTRL_A = '\x01';
const CTRL_B = '\x02';
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const RAW_PASTE_REQUEST = '\x05A\x01';

/** That of the friendly REPL, once something has been typed at it. */
const PROMPT = '\r\n>>> ';
const BANNER = 'raw REPL; CTRL-B to exit\r\n>';
/** A program may catch an interrupt or two. */
const ENTER_ATTEMPTS = 5;
/** From Ctrl-C to the prompt: the device prints a traceback, 200 characters of which take 17 ms. */
const INTERRUPT_PAUSE: DurationUs = ms(100);
const BANNER_LIMIT: DurationUs = seconds(1);
/** A loop is caught by one of its starts, each of which is a fraction of a second apart. */
const CATCH_LIMIT: DurationUs = seconds(10);
/** A soft reset runs `boot.py`. */
const SOFT_RESET_LIMIT: DurationUs = seconds(10);
const PROTOCOL_LIMIT: DurationUs = seconds(2);
/** Without flow control: the port's receive buffer holds 256 bytes, and a device that writes to flash does not read. */
const PLAIN_CHUNK_BYTES = 64;
const PLAIN_PAUSE: DurationUs = ms(10);

/** What raw-paste mode says within the transfer: another window may be sent, or the device has given up. */
const WINDOW_GRANTED = '\x01';
const GIVEN_UP = CTRL_D;

export interface RawReplOptions {
  readonly console: UartConsole;
  readonly clock: Clock;
  /** Aborts every wait. */
  readonly signal: AbortSignal;
  /** What a program may print; 65,536 bytes unless told. */
  readonly outputLimitBytes?: number;
}

/** What came of a program. */
export interface RawResult {
  /** What it printed, decoded as UTF-8. */
  readonly output: string;
  /** The traceback of what ended it; empty when it came to its end. */
  readonly failure: string;
}

export class RawRepl {
  private readonly console: UartConsole;
  private readonly clock: Clock;
  private readonly signal: AbortSignal;
  private readonly reader: ReplyReader;
  private hasRawPaste = true;

  private constructor({ console, clock, signal, outputLimitBytes }: RawReplOptions) {
    this.console = console;
    this.clock = clock;
    this.signal = signal;
    this.reader = new ReplyReader(console, clock, signal, outputLimitBytes);
  }

  /**
   * Interrupts what runs on the device, enters raw mode and restarts the interpreter there, so that nothing of the
   * program is left: no timers, no interrupt handlers, an empty heap. Rejects with `TIMEOUT` when no MicroPython answers.
   */
  static async enter(options: RawReplOptions): Promise<RawRepl> {
    const repl = new RawRepl(options);
    try {
      await repl.interrupt();
      await repl.softReset();
      return repl;
    } catch (error) {
      repl.reader.close();
      throw error;
    }
  }

  /**
   * Gets into raw mode by Ctrl-C again and again, and does not restart the interpreter there: its boot.py would run, and that
   * may be what the device is to be rescued from. Resolves also with what the device printed meanwhile. Rejects with
   * `TIMEOUT` when no prompt appears within `CATCH_LIMIT`.
   */
  static async catch(options: RawReplOptions): Promise<{ readonly repl: RawRepl; readonly printed: string }> {
    const repl = new RawRepl(options);
    try {
      // One that is in raw mode shows no prompt at Ctrl-C; elsewhere Ctrl-B does nothing.
      await repl.type(CTRL_B);
      const printed = await interruptAgainAndAgain(options, CATCH_LIMIT, (text) => text.includes(PROMPT));
      await repl.interrupt();
      return { repl, printed };
    } catch (error) {
      repl.reader.close();
      throw error;
    }
  }

  /**
   * Runs `program` and resolves with what it printed. Rejects with `PROTOCOL` and the device's traceback when it fails,
   * with `TIMEOUT` when it does not end within `limit`.
   */
  async run(program: string, limit: DurationUs): Promise<string> {
    const { output, failure } = await this.execute(program, limit);
    if (failure !== '') throw new RigError('PROTOCOL', `The device failed: ${lastLine(failure)}`);
    return output;
  }

  /** Runs `program`, which may fail. Rejects with `TIMEOUT` when it does not end within `limit`. */
  async execute(program: string, limit: DurationUs): Promise<RawResult> {
    await this.send(program);
    const output = (await this.reader.until(CTRL_D, limit)).slice(0, -1);
    const failure = (await this.reader.until(CTRL_D, limit)).slice(0, -1);
    await this.reader.until('>', PROTOCOL_LIMIT);
    return { output: utf8(output), failure: utf8(failure) };
  }

  /** Starts `program` and does not wait for it: it may be the last that is heard of this interpreter. */
  async launch(program: string): Promise<void> {
    await this.send(program);
    this.reader.close();
  }

  /** Listens no more; the device stays in raw mode. */
  close(): void {
    this.reader.close();
  }

  /** Leaves raw mode by a soft reset: the device starts its own program again. Whether it does is not looked at. */
  async leave(): Promise<void> {
    this.reader.close();
    await this.type(`\r${CTRL_C}${CTRL_B}${CTRL_D}`);
  }

  private async interrupt(): Promise<void> {
    let failure: unknown;
    for (let attempt = 0; attempt < ENTER_ATTEMPTS; attempt += 1) {
      await this.type(`\r${CTRL_C}`);
      await this.clock.sleep('raw REPL: interrupt', INTERRUPT_PAUSE, this.signal);
      this.reader.rest();
      await this.type(`\r${CTRL_A}`);
      try {
        await this.reader.until(BANNER, BANNER_LIMIT);
        return;
      } catch (error) {
        if (!isRigError(error, 'TIMEOUT')) throw error;
        failure = error;
      }
    }
    throw new RigError(
      'TIMEOUT',
      `No MicroPython prompt after ${ENTER_ATTEMPTS} attempts to interrupt the program. ${messageOf(failure)} Is ` +
        "MicroPython on the board, does console.baud match, and is the console's TX wired to the board's RX?",
      { cause: failure },
    );
  }

  private async softReset(): Promise<void> {
    await this.type(CTRL_D);
    try {
      await this.reader.until(BANNER, SOFT_RESET_LIMIT);
    } catch (error) {
      if (!isRigError(error, 'TIMEOUT')) throw error;
      const message = `The interpreter did not restart; does a boot.py on the board go on for ever? ${messageOf(error)}`;
      throw new RigError('TIMEOUT', message, { cause: error });
    }
  }

  private async send(program: string): Promise<void> {
    const bytes = new TextEncoder().encode(program);
    if (this.hasRawPaste && (await this.requestRawPaste())) return await this.paste(bytes);
    for (let from = 0; from < bytes.length; from += PLAIN_CHUNK_BYTES) {
      await this.console.write(bytes.subarray(from, from + PLAIN_CHUNK_BYTES));
      await this.clock.sleep('raw REPL: pace', PLAIN_PAUSE, this.signal);
    }
    await this.type(CTRL_D);
    await this.reader.until('OK', PROTOCOL_LIMIT);
  }

  /** False, once and for all, for an interpreter that has no raw-paste mode. */
  private async requestRawPaste(): Promise<boolean> {
    await this.type(RAW_PASTE_REQUEST);
    const answer = await this.reader.exactly(2, PROTOCOL_LIMIT);
    if (answer === 'R\x01') return true;
    this.hasRawPaste = false;
    // Before 1.14 the request is a program of its own: "ra" is the begin of another banner.
    if (answer !== 'R\x00') await this.reader.until('>', PROTOCOL_LIMIT);
    return false;
  }

  private async paste(bytes: Uint8Array): Promise<void> {
    const [low = 0, high = 0] = [...(await this.reader.exactly(2, PROTOCOL_LIMIT))].map((c) =>
      c.charCodeAt(0),
    );
    const windowBytes = low + 256 * high;
    if (windowBytes === 0)
      throw new RigError('PROTOCOL', 'The device offers raw-paste mode with an empty window.');
    let free = windowBytes;
    for (let sent = 0; sent < bytes.length; ) {
      if (free === 0) {
        // A program that cannot be compiled is given up in the middle.
        if (!(await this.granted())) return await this.type(CTRL_D);
        free = windowBytes;
      }
      const chunk = bytes.subarray(sent, sent + free);
      await this.console.write(chunk);
      sent += chunk.length;
      free -= chunk.length;
    }
    await this.type(CTRL_D);
    // Windows that were granted and not used may stand before it.
    await this.reader.until(CTRL_D, PROTOCOL_LIMIT);
  }

  /** Waits for the next window. False when the device has given up on the program, and will say why. */
  private async granted(): Promise<boolean> {
    const answer = await this.reader.exactly(1, PROTOCOL_LIMIT);
    if (answer === WINDOW_GRANTED) return true;
    if (answer === GIVEN_UP) return false;
    throw new RigError('PROTOCOL', `The device sent ${JSON.stringify(answer)} within a raw-paste transfer.`);
  }

  private type(text: string): Promise<void> {
    return this.console.write(new TextEncoder().encode(text));
  }
}

/** What says why: the exception, at the end of a traceback. */
const lastLine = (traceback: string): string => traceback.trim().split('\n').at(-1)?.trim() ?? '';

/** Text of characters that are bytes, decoded. */
const utf8 = (bytes: string): string =>
  new TextDecoder().decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
