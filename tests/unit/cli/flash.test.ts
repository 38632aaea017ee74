/** `rig flash` and `rig console` as a user meets them; the board is at the other end of a pseudo terminal. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { compose } from '../../../cli/compose.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { makeImage } from '../../fixtures/esp-loader/image.js';
import { LoaderChip } from '../../fixtures/esp-loader/loader-chip.js';
import { FakeBench } from '../../fixtures/pi/fake-drivers.js';
import { MicroPythonPeer } from '../../fixtures/repl/micropython-peer.js';
import { noPty, Pty } from '../../fixtures/serial/pty.js';
import { Terminal } from '../../fixtures/serial/terminal.js';
import { runInProcess } from './in-process.js';

const program = fileURLToPath(new URL('../../../cli/rig.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'rig-flash-'));
test.after.always(() => rmSync(root, { recursive: true }));
let benches = 0;

const link = `link:
  role: target
  i2c: {driver: bsc}
  syn: {driver: gpio, line: GPIO5}
  ack: {driver: gpio, line: GPIO6}
server: {host: 192.168.50.1}
`;
const benchText = (sections: string, board = '{kind: esp8266}'): string =>
  `name: lab-3\nboard: ${board}\n${sections}${link}`;
const consoleAt = (path: string): string => `console: {driver: serial, path: "${path}"}\n`;

/** A folder with a bench file, an image and firmware in it. */
function newFolder(bench?: string) {
  benches += 1;
  const path = join(root, `${benches}`);
  mkdirSync(join(path, 'firmware', 'lib'), { recursive: true });
  mkdirSync(join(path, 'empty'));
  writeFileSync(join(path, 'firmware', 'main.py'), 'import lib.part\n');
  writeFileSync(join(path, 'firmware', 'lib', 'part.py'), 'X = 1\n');
  writeFileSync(join(path, 'image.bin'), makeImage(30_000));
  writeFileSync(join(path, 'esp32.bin'), makeImage(30_000, 0x4008_0400));
  writeFileSync(join(path, 'cut.bin'), makeImage(30_000).subarray(0, 700));
  if (bench !== undefined) writeFileSync(join(path, 'bench.yaml'), bench);
  const fake = new FakeBench();
  const composition = compose(async () => ({
    drivers: fake.drivers,
    folders: { state: join(path, 'state'), locks: path },
  }));
  const rig = (words: string, onPrinted: (text: string, interrupt: () => void) => void = () => undefined) =>
    runInProcess(words.split(' '), { composition, workingDirectory: path, onPrinted });
  return { path, rig, fake };
}

const wrong: readonly [words: string, bench: string | undefined, message: RegExp][] = [
  ['flash', undefined, /"rig flash" writes the flash of real hardware, and there is no bench\.yaml here/],
  ['flash image.bin', undefined, /there is no bench\.yaml here/],
  ['flash', benchText(consoleAt('/dev/x')), /bench\.yaml: it names no board\.firmware/],
  ['flash missing.bin', benchText(''), /missing\.bin: there is no such file or directory/],
  ['flash bench.yaml', benchText(''), /bench\.yaml: It does not begin with 0xe9/],
  ['flash esp32.bin', benchText(''), /esp32\.bin: .*another chip/],
  ['flash cut.bin', benchText(''), /cut\.bin: It is cut off/],
  ['flash empty', benchText(''), /empty: there is neither main\.py nor boot\.py/],
  ['flash image.bin --mirror', benchText(''), /--mirror is for a directory; image\.bin is a file/],
  ['flash firmware --keep-files', benchText(''), /--keep-files is for a file; firmware is a directory/],
  ['flash firmware --flash-mode dio', benchText(''), /--flash-mode is for a file/],
  ['flash image.bin --baud fast', benchText(''), /--baud: fast is no rate/],
  ['flash image.bin --flash-mode dual', benchText(''), /"dual" is none of keep, dio/],
  ['flash image.bin', benchText(''), /bench "lab-3" has no console/],
  ['flash image.bin', benchText(consoleAt('/dev/x'), '{kind: other}'), /bench "lab-3" is no ESP8266/],
  ['console', undefined, /"rig console" shows the UART of real hardware, and there is no bench\.yaml here/],
  ['console', 'name: v\nkind: virtual\nboard: {kind: esp8266}\n', /"v" \(bench\.yaml:2.*\) is virtual/],
  ['console', benchText(''), /bench "lab-3" has no console/],
];

for (const [words, bench, message] of wrong) {
  test(`"rig ${words}" is refused: ${message.source}`, async (t) => {
    const { status, output, errors } = await newFolder(bench).rig(words);
    t.regex(errors, message);
    t.regex(errors, /^rig: [^\n]+\n$/);
    t.is(output, '');
    t.is(status, 2);
  });
}

test('a port that is not there ends with the next step, and lets go of the bench', async (t) => {
  const { rig } = newFolder(benchText(consoleAt('/dev/no-such-port')));
  for (const words of ['flash image.bin', 'flash firmware', 'console']) {
    const { status, errors } = await rig(words);
    t.regex(errors, /^rig: \/dev\/no-such-port: .*plugged in/);
    t.is(status, 4);
  }
});

/** As soon as the command says what it is. */
const interruptAtOnce = (text: string, interrupt: () => void): void => {
  if (text.startsWith('rig: ')) setTimeout(interrupt, 50);
};

async function withPty(body: (pty: Pty) => Promise<void>): Promise<void> {
  const pty = new Pty();
  try {
    await pty.plugIn();
    await body(pty);
  } finally {
    await pty.remove();
  }
}

/** A board with buttons, which a person presses. */
function boardWithButtons(pty: Pty) {
  const chip = new LoaderChip();
  chip.onSent = (bytes) => pty.print(bytes);
  pty.onReceived = (bytes) => chip.receive(bytes, 115_200);
  const start = (gpio0: boolean) => {
    chip.gpio0 = gpio0;
    chip.holdReset();
    chip.releaseReset();
  };
  return { chip, start };
}

async function flashesByHand(t: ExecutionContext): Promise<void> {
  await withPty(async (pty) => {
    const { chip, start } = boardWithButtons(pty);
    const { rig } = newFolder(benchText(consoleAt(pty.path)));
    const { status, output, errors } = await rig('flash image.bin', (text) => {
      if (text.startsWith('Hold GPIO0')) start(false);
      // A person takes a moment.
      if (text.startsWith('Press and release')) setTimeout(() => start(true), 100);
    });
    t.is(errors, '');
    t.is(status, 0);
    t.regex(
      output,
      /^Hold GPIO0 low .*press and release reset, then let go of GPIO0\.\nThe loader answers\.\nESP8266EX/,
    );
    t.regex(output, /\n +\d\d % {2}written\n *100 % {2}written\nVerified/);
    t.regex(output, /image\.bin, 30,000 bytes, is on the ESP8266EX 84:0d:8e:cd:ef:ab, and starts\.\n$/);
    t.deepEqual(Buffer.from(chip.flash.subarray(4, 30_000)), Buffer.from(makeImage(30_000).subarray(4)));
  });
}

async function stopsOnInterrupt(t: ExecutionContext): Promise<void> {
  await withPty(async (pty) => {
    const { rig } = newFolder(benchText(consoleAt(pty.path)));
    const { status, errors } = await rig('flash image.bin', (text, interrupt) => {
      if (text.startsWith('Hold GPIO0')) setTimeout(interrupt, 100);
    });
    t.regex(errors, /letting go of the bench.*\n.*Flashing was cancelled/);
    t.is(status, 130);
    t.is((await rig('console', interruptAtOnce)).status, 130, 'the port is free again');
  });
}

async function uploads(t: ExecutionContext): Promise<void> {
  await withPty(async (pty) => {
    const peer = await MicroPythonPeer.start(new SystemClock());
    peer.put('lib/part.py', 'old');
    peer.put('notes.txt', 'mine');
    peer.console.onChunk(({ bytes }) => pty.print(bytes));
    pty.onReceived = (bytes) => peer.console.write(bytes);
    const board = '{kind: esp8266, firmware: firmware}';
    const { rig } = newFolder(benchText(consoleAt(pty.path), board));
    const { status, output, errors } = await rig('flash');
    t.is(errors, '');
    t.is(status, 0);
    t.regex(
      output,
      /3 files written, 0 were there already\.\nRemoved: lib\/part\.py\.\n.*notes\.txt\. --mirror/,
    );
    t.deepEqual([...peer.files().keys()].sort(), ['board.json', 'lib/part.mpy', 'main.py', 'notes.txt']);
    t.is(Buffer.from(peer.files().get('board.json') ?? []).toString(), '{"i2c_hz":20000}\n');
    t.is(peer.mode, 'running');
    t.regex(
      (await rig('flash firmware --mirror')).output,
      /0 files written, 3 were there already\.\nRemoved: notes\.txt\.\n$/,
    );
  });
}

async function shows(t: ExecutionContext): Promise<void> {
  await withPty(async (pty) => {
    const { rig } = newFolder(benchText(consoleAt(pty.path)));
    const { status, output, errors } = await rig('console', (text, interrupt) => {
      if (text.startsWith('rig: Console')) setTimeout(() => pty.print('hello\r\nbell \x07\r\n'), 50);
      if (text.startsWith('bell')) interrupt();
    });
    t.is(output, 'hello\nbell \\x07\n');
    t.regex(errors, /^rig: Console of bench "lab-3": .* at 115200 baud\. Ctrl-C ends\.\n$/);
    t.is(status, 130);
    const rom = await rig('console --rom', interruptAtOnce);
    t.regex(rom.errors, /at 74880 baud/);
  });
}

async function passesKeys(t: ExecutionContext): Promise<void> {
  await withPty(async (pty) => {
    let received = '';
    pty.onReceived = (bytes) => {
      received += Buffer.from(bytes).toString('latin1');
    };
    const { path } = newFolder(benchText(consoleAt(pty.path)));
    const terminal = new Terminal(process.execPath, [program, 'console'], path);
    try {
      await until(t, () => terminal.screen.includes('Ctrl-] leaves'));
      pty.print('\x1b[1m>>> ');
      await until(t, () => terminal.screen.endsWith('\x1b[1m>>> '));
      terminal.type('a\x03\x04\r\x1d');
      t.is((await terminal.ended()).split(' ')[0], '0');
      t.is(received, 'a\x03\x04\r');
      t.true(terminal.screen.endsWith('>>> \r\n'), 'nothing was echoed, and the shell has its line');
    } finally {
      terminal.kill();
    }
  });
}

async function until(t: ExecutionContext, holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 2_000 && !holds(); waited += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  t.true(holds());
}

const missing = noPty();
if (missing !== undefined) {
  test.skip(`commands on a pseudo terminal: not run, since ${missing}`, (t) => t.fail());
} else {
  test('an image is flashed by hand, and the board starts', flashesByHand);
  test('Ctrl-C while a person is waited for ends it at once', stopsOnInterrupt);
  test.serial('a directory is uploaded, compiled, and mirrored where that is asked for', uploads);
  test('in a terminal every key goes to the board, until Ctrl-]', passesKeys);
  test('the console shows lines where there is no terminal', shows);
}
