/**
 * The read-eval-print loop on UART0. It is MicroPython's own, compiled into the interpreter: line editing, history,
 * completion, paste mode and raw REPL are what a board has. Three things are different there and put right here: it
 * is given its characters one by one, its banner names another machine, and it has no raw-paste mode of its own.
 */

import type { ProgramOutput } from './program-output.js';
import { RawPaste } from './raw-paste.js';

const control = { a: 0x01, b: 0x02, c: 0x03, d: 0x04, e: 0x05 } as const;
const LINE_FEED = 0x0a;
const SPACE = 0x20;

/** Ctrl-E, a letter, Ctrl-A in raw mode asks for a protocol; `A` is raw-paste. */
const RAW_PASTE = 'A'.charCodeAt(0);

const RAW_PROMPT = 'raw REPL; CTRL-B to exit\r\n>';
/** What raw mode prints before it runs a program; in raw-paste mode the end of the transfer says it. */
const ACKNOWLEDGED = 'OK';
const INTERRUPTED = '\x04KeyboardInterrupt: \r\n\x04>';

/** The interpreter's banner, and the port's. */
const MACHINE = { interpreter: 'JS with Emscripten', port: 'ESP module with ESP8266' } as const;

/** The interpreter's own loop. */
export interface InterpreterRepl {
  replInit(): void;
  replProcessChar(character: number): number;
}

export interface ReplOptions {
  readonly interpreter: InterpreterRepl;
  readonly output: ProgramOutput;
  /** Waits for the next character; undefined when the chip has been stopped. */
  nextByte(): number | undefined;
}

/** How a loop ended. In raw mode, the next one begins in raw mode. */
export interface ReplEnd {
  readonly reason: 'softReset' | 'stopped';
  readonly raw: boolean;
}

export class Repl {
  private readonly options: ReplOptions;
  private raw = false;
  /** In raw mode: the characters since the last prompt, as far as they can be a request for a protocol. */
  private rawHead: number[] = [];

  constructor(options: ReplOptions) {
    this.options = options;
  }

  /** Runs until a soft reset is asked for, or the chip has been stopped. `raw`: begins in raw mode. */
  run({ raw }: { readonly raw: boolean }): ReplEnd {
    this.start(raw);
    for (;;) {
      const byte = this.options.nextByte();
      if (byte === undefined) return { reason: 'stopped', raw: this.raw };
      if (this.take(byte)) return { reason: 'softReset', raw: this.raw };
    }
  }

  private start(raw: boolean): void {
    const { interpreter, output } = this.options;
    const banner = output.captured(() => interpreter.replInit());
    if (!raw) {
      output.write(ofThePort(banner));
      return;
    }
    output.captured(() => interpreter.replProcessChar(control.a));
    output.write(RAW_PROMPT);
    this.enterRaw();
  }

  /** Takes one character; true when it has left the loop for a soft reset. */
  private take(byte: number): boolean {
    if (this.raw) return this.takeRaw(byte);
    if (byte === control.a || byte === control.b) {
      this.takeModeKey(byte);
      return false;
    }
    return this.process(byte);
  }

  /** Ctrl-A may enter raw mode, Ctrl-B may print the banner; neither runs a program. */
  private takeModeKey(byte: number): void {
    const { output } = this.options;
    const printed = output.captured(() => this.process(byte));
    output.write(ofThePort(printed));
    if (printed.endsWith(RAW_PROMPT)) this.enterRaw();
  }

  private enterRaw(): void {
    this.raw = true;
    this.rawHead = [];
  }

  private takeRaw(byte: number): boolean {
    const isRequest = this.rawHead.length === 2 && this.rawHead[0] === control.e;
    if (byte === control.a && isRequest && this.rawHead[1] === RAW_PASTE) return this.rawPaste();
    if (byte === control.b) {
      this.raw = false;
      this.takeModeKey(byte);
      return false;
    }
    if (byte === control.a || byte === control.c || byte === control.d) this.rawHead = [];
    else if (this.rawHead.length <= 2) this.rawHead.push(byte);
    return this.process(byte);
  }

  /** Receives a program and runs it as raw mode does; true when it left the loop. */
  private rawPaste(): boolean {
    const { output, nextByte } = this.options;
    this.rawHead = [];
    this.process(control.c);
    const paste = new RawPaste((bytes) => output.write(String.fromCharCode(...bytes)));
    for (;;) {
      const byte = nextByte();
      if (byte === undefined) return false;
      const state = paste.take(byte);
      if (state === 'complete') return this.execute(paste.source);
      if (state === 'abandoned') {
        output.write(INTERRUPTED);
        return false;
      }
    }
  }

  private execute(source: readonly number[]): boolean {
    // The loop would take an empty program for a soft reset.
    for (const byte of source.length === 0 ? [LINE_FEED] : source) {
      // And these for commands. In a program they can only stand in a string or comment.
      this.process(byte === control.a || byte === control.b ? SPACE : byte);
    }
    this.options.output.skip(ACKNOWLEDGED.length);
    return this.process(control.d);
  }

  private process(byte: number): boolean {
    return this.options.interpreter.replProcessChar(byte) !== 0;
  }
}

function ofThePort(text: string): string {
  return text.replace(MACHINE.interpreter, MACHINE.port);
}
