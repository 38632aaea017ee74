/** What a person at the console sees and sends. */
import test, { type ExecutionContext } from 'ava';
import { runConsoleSession, type SessionEnd } from '../../../cli/console-session.js';
import { isRigError, RigError } from '../../../rig/errors.js';
import type { ConsoleChunk, ConsoleNotice, UartConsole } from '../../../rig/ports.js';
import { Redactor } from '../../../rig/run/redaction.js';
import { instant } from '../../../rig/time/units.js';

class FakeConsole implements UartConsole {
  readonly sent: number[] = [];
  refusal: RigError | undefined;
  private listener: ((chunk: ConsoleChunk) => void) | undefined;
  private noticeListener: ((notice: ConsoleNotice) => void) | undefined;

  onChunk(listener: (chunk: ConsoleChunk) => void): () => void {
    this.listener = listener;
    return () => {
      this.listener = undefined;
    };
  }

  onNotice(listener: (notice: ConsoleNotice) => void): () => void {
    this.noticeListener = listener;
    return () => {
      this.noticeListener = undefined;
    };
  }

  async expectRom(): Promise<void> {}

  async write(bytes: Uint8Array): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    this.sent.push(...bytes);
  }

  prints(text: string | Uint8Array, atUs = 0): void {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    this.listener?.({ bytes, atUs: instant(atUs), baud: 115_200 });
  }

  notes(kind: ConsoleNotice['kind'], detail: string): void {
    this.noticeListener?.({ kind, atUs: instant(0), detail });
  }

  get isWatched(): boolean {
    return this.listener !== undefined || this.noticeListener !== undefined;
  }
}

function begin({ isTty, timestamps = false }: { isTty: boolean; timestamps?: boolean }) {
  const console = new FakeConsole();
  const shown = { output: '', errors: '', isListening: false };
  let typed: (bytes: Uint8Array) => void = () => undefined;
  let interrupt = () => undefined as undefined;
  const write = (name: 'output' | 'errors') => ({
    write: (text: string) => {
      shown[name] += text;
    },
    isTty,
    columns: () => 80,
  });
  const ended: Promise<SessionEnd> = runConsoleSession({
    console,
    title: 'Console of lab-3, /dev/ttyUSB0 at 115200 baud',
    timestamps,
    redactor: new Redactor(['correct horse']),
    surroundings: {
      output: write('output'),
      errors: write('errors'),
      input: {
        isTty,
        listen: (listener) => {
          typed = listener;
          shown.isListening = true;
          return () => {
            shown.isListening = false;
          };
        },
      },
      onInterrupt: (listener) => {
        interrupt = () => {
          listener();
          return undefined;
        };
        return () => undefined;
      },
    },
  });
  const type = (text: string) => typed(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  return { console, shown, type, interrupt: () => interrupt(), ended };
}

async function left(t: ExecutionContext, session: ReturnType<typeof begin>): Promise<void> {
  session.type('\x1d');
  t.is(await session.ended, 'left');
  t.false(session.console.isWatched);
  t.false(session.shown.isListening);
}

test('in a terminal everything passes unchanged, both ways, and the start says what it is', async (t) => {
  const session = begin({ isTty: true });
  const { console, shown, type } = session;
  t.regex(shown.errors, /^rig: Console of lab-3, \/dev\/ttyUSB0 at 115200 baud\. Ctrl-\] leaves/);
  console.prints('\x1b[31mred\x1b[0m\r\n>>> ');
  const euro = new TextEncoder().encode('€');
  console.prints(euro.subarray(0, 1));
  console.prints(euro.subarray(1));
  t.is(shown.output, '\x1b[31mred\x1b[0m\r\n>>> €');
  type('a\x03\x04\r');
  type('b');
  t.deepEqual(console.sent, [0x61, 3, 4, 0x0d, 0x62]);
  await left(t, session);
  t.true(shown.output.endsWith('€\n'), 'the shell’s prompt gets a line of its own');
});

test('keys before Ctrl-] are sent, those behind it are not', async (t) => {
  const session = begin({ isTty: true });
  session.type('ab\x1dcd');
  t.is(await session.ended, 'left');
  t.deepEqual(session.console.sent, [0x61, 0x62]);
});

test('with timestamps in a terminal, each line has the time of its first character', async (t) => {
  const session = begin({ isTty: true, timestamps: true });
  session.console.prints('one\r\n\r', 1_000);
  session.console.prints('\ntw', 2_000_000);
  session.console.prints('o\r\n>>> ', 3_000_000);
  session.console.prints('x', 12_345_678);
  t.is(session.shown.output, '[    0.001] one\r\n\r\n[    2.000] two\r\n[    3.000] >>> x');
  await left(t, session);
});

test('without a terminal there are plain lines, harmless to whatever reads them', async (t) => {
  const session = begin({ isTty: false, timestamps: true });
  session.console.prints('\x1b[31mred\x1b[0m\r\nbell \x07', 1_000);
  session.console.prints('\r\nunfinished', 2_000_000);
  t.is(session.shown.output, '[    0.001] red\n[    0.001] bell \\x07\n');
  session.type('print(1)\n');
  t.is(Buffer.from(session.console.sent).toString(), 'print(1)\r');
  session.interrupt();
  t.is(await session.ended, 'interrupted');
  t.true(session.shown.output.endsWith('[    2.000] unfinished\n'));
});

test('a port that comes and goes is told; one that is gone ends it', async (t) => {
  const session = begin({ isTty: true });
  const { console, shown, type } = session;
  console.prints('>>> ');
  console.notes('lost', 'the port went away');
  t.true(shown.output.endsWith('>>> \n'), 'what is said begins a line');
  console.refusal = new RigError('BENCH', 'unplugged');
  type('abc');
  await new Promise((resolve) => setImmediate(resolve));
  type('d');
  await new Promise((resolve) => setImmediate(resolve));
  console.notes('back', 'the port is back');
  t.deepEqual(shown.errors.split('\n').slice(1), [
    'rig: the port went away',
    'rig: Not sent: unplugged',
    'rig: the port is back',
    '',
  ]);
  console.notes('gone', 'it did not come back');
  const error = await t.throwsAsync(session.ended);
  t.true(isRigError(error, 'BENCH'));
  t.false(shown.isListening);
});

test('lines, which may go into a file, are without the passphrase', async (t) => {
  const { console, shown, interrupt, ended } = begin({ isTty: false });
  console.prints('joining rig with correct ho');
  console.prints('rse\n');
  t.is(shown.output, 'joining rig with [secret]\n');
  interrupt();
  await ended;
});
