/**
 * The device's prompt, reached by Ctrl-C: its application is gone then, while its interrupt handlers and timers live on.
 * What is typed here works on any board with a console. Nothing is restarted, unlike in `rig/repl/raw-repl.ts`.
 */
import { isRigError } from '../errors.js';
import type { UartConsole } from '../ports.js';
import { ReplyReader } from '../repl/reply-reader.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, ms, seconds } from '../time/units.js';

const CTRL_C = '\x03';
const PROMPT = '>>> ';
/** What the prompt echoes and no program prints. */
const PROBE = '#';
/** A program may catch an interrupt or two. */
const ATTEMPTS = 3;
/** From Ctrl-C to the prompt: what the program does when it ends, and a traceback of some hundred characters. */
const PROMPT_LIMIT: DurationUs = seconds(1);
/** A line of a hundred characters there and back takes 20 ms, an adapter adds 16 ms each way. */
const ECHO_LIMIT: DurationUs = ms(300);

export class BoardPrompt {
  private readonly console: UartConsole;
  private readonly reader: ReplyReader;

  constructor(console: UartConsole, clock: Clock, signal: AbortSignal) {
    this.console = console;
    this.reader = new ReplyReader(console, clock, signal);
  }

  /** Types Ctrl-C; true when a prompt has come. */
  async interrupt(): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      this.reader.rest();
      await this.type(CTRL_C);
      if (await this.shows(PROMPT, PROMPT_LIMIT)) return true;
    }
    return false;
  }

  /** Types a line of Python that prints one line; resolves with that. Rejects with `TIMEOUT` when none comes. */
  async ask(line: string): Promise<string> {
    this.reader.rest();
    await this.type(`${line}\r`);
    await this.reader.until(`${line}\r\n`, ECHO_LIMIT);
    return (await this.reader.until('\r\n', PROMPT_LIMIT)).trim();
  }

  /** Types a line of Python that does not end; resolves once it has been read. Rejects with `TIMEOUT` when it is not. */
  async start(line: string): Promise<void> {
    this.reader.rest();
    await this.type(`${line}\r`);
    await this.reader.until(`${line}\r\n`, ECHO_LIMIT);
  }

  /** True when what is typed is echoed: the prompt is there, and no program runs. */
  async echoes(): Promise<boolean> {
    this.reader.rest();
    await this.type(PROBE);
    return await this.shows(PROBE, ECHO_LIMIT);
  }

  close(): void {
    this.reader.close();
  }

  private async shows(text: string, limit: DurationUs): Promise<boolean> {
    try {
      await this.reader.until(text, limit);
      return true;
    } catch (error) {
      if (isRigError(error, 'TIMEOUT')) return false;
      throw error;
    }
  }

  private type(text: string): Promise<void> {
    return this.console.write(new TextEncoder().encode(text));
  }
}
