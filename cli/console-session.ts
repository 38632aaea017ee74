/** A person, or a program, at the device's UART: what it prints is shown, what is typed is sent, until Ctrl-]. */
import { printable } from '../reports/text/printable.js';
import { isRigError, messageOf, RigError } from '../rig/errors.js';
import type { UartConsole } from '../rig/ports.js';
import type { Redactor } from '../rig/run/redaction.js';
import { consoleView } from './console-view.js';
import type { Surroundings } from './surroundings.js';

/** Ctrl-], as in telnet and miniterm: MicroPython and most programs do not use it. */
const LEAVE = 0x1d;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface ConsoleSessionOptions {
  readonly console: UartConsole;
  /** What it is the console of. */
  readonly title: string;
  readonly timestamps: boolean;
  /** For what is printed as lines. */
  readonly redactor: Redactor;
  readonly surroundings: Pick<Surroundings, 'input' | 'output' | 'errors' | 'onInterrupt'>;
}

/** How it ended: by Ctrl-], or by an interrupt. Rejects with `BENCH` when the port is gone for good. */
export type SessionEnd = 'left' | 'interrupted';

export async function runConsoleSession(options: ConsoleSessionOptions): Promise<SessionEnd> {
  const { console, title, timestamps, redactor, surroundings } = options;
  const { input, output, errors } = surroundings;
  const view = consoleView(output, timestamps, redactor);
  const say = (text: string) => {
    view.flush();
    errors.write(`rig: ${printable(text)}\n`);
  };
  say(`${title}. ${input.isTty ? 'Ctrl-] leaves; all other keys go to the board.' : 'Ctrl-C ends.'}`);
  const stops: (() => void)[] = [];
  try {
    return await new Promise<SessionEnd>((resolve, reject) => {
      const typist = new Typist(console, say, () => resolve('left'));
      stops.push(
        console.onChunk((chunk) => view.show(chunk)),
        console.onNotice(({ kind, detail }) => {
          if (kind === 'gone') reject(new RigError('BENCH', detail));
          else say(detail);
        }),
        input.listen((bytes) => typist.type(input.isTty ? bytes : withReturns(bytes))),
        surroundings.onInterrupt(() => resolve('interrupted')),
      );
    });
  } finally {
    for (const stop of stops) stop();
    view.flush();
  }
}

/** Sends keys; says once why it cannot, not with every key. */
class Typist {
  private readonly console: UartConsole;
  private readonly say: (text: string) => void;
  private readonly leave: () => void;
  private said: string | undefined;

  constructor(console: UartConsole, say: (text: string) => void, leave: () => void) {
    this.console = console;
    this.say = say;
    this.leave = leave;
  }

  type(bytes: Uint8Array): void {
    const end = bytes.indexOf(LEAVE);
    const keys = end < 0 ? bytes : bytes.subarray(0, end);
    if (keys.length > 0) void this.send(keys);
    if (end >= 0) this.leave();
  }

  private async send(keys: Uint8Array): Promise<void> {
    try {
      await this.console.write(keys);
      this.said = undefined;
    } catch (error) {
      const message = messageOf(error);
      if (message !== this.said && !isRigError(error, 'CLOSED')) this.say(`Not sent: ${message}`);
      this.said = message;
    }
  }
}

/** A file's lines end in line feeds; the key that ends a line is Return. */
export const withReturns = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte) => (byte === LINE_FEED ? CARRIAGE_RETURN : byte));
