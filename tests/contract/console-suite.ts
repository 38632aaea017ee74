/**
 * The contract of the console: `testUartConsole` for every bench, the other suites for those whose console is a device
 * that can be absent, in use, or pulled out.
 */
import test, { type ExecutionContext } from 'ava';
import type { Opened } from '../../drivers/pi/device.js';
import { isRigError } from '../../rig/errors.js';
import type { ConsoleChunk, ConsoleNotice, UartConsole } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import { later, ms, seconds } from '../../rig/time/units.js';
import type { With } from './bench-port-suites.js';

export interface ConsoleBench {
  readonly clock: Clock;
  readonly console: UartConsole;
  devicePrints(text: string): Promise<void>;
  /** What the device has received so far. */
  deviceReceived(): number[];
}

export interface PluggableConsoleBench extends ConsoleBench {
  readonly console: Opened<UartConsole>;
  /** Takes the port away, as pulling its plug does. */
  unplug(): Promise<void>;
  /** The port is back at the same path. */
  plugIn(): Promise<void>;
}

/** How a console is opened, and paths at which it cannot be. */
export interface ConsoleOpening {
  open(path: string): Promise<Opened<UartConsole>>;
  /** A port that can be opened. */
  readonly path: string;
}

export interface ForbiddenConsole extends ConsoleOpening {
  /** Runs `body` as a user who may not open the port. */
  asStranger(body: () => Promise<void>): Promise<void>;
}

/** A byte needs 87 µs at 115200 baud, a USB adapter delivers within 20 ms; a simulated machine is slower. */
const ARRIVAL_LIMIT = seconds(10);
const POLL = ms(5);

async function eventually(t: ExecutionContext, clock: Clock, what: string, holds: () => boolean) {
  const limit = later(clock.now(), ARRIVAL_LIMIT);
  while (!holds() && clock.now() < limit) await clock.sleep('eventually', POLL);
  t.true(holds(), what);
}

/** Collects as text what a console hears, until `stop`. */
function hear(t: ExecutionContext, clock: Clock, console: UartConsole) {
  const decoder = new TextDecoder();
  const heard = { text: '' };
  const stop = console.onChunk((chunk: ConsoleChunk) => {
    t.true(chunk.atUs <= clock.now());
    t.true(chunk.baud > 0);
    heard.text += decoder.decode(chunk.bytes, { stream: true });
  });
  return Object.assign(heard, { stop });
}

export function testUartConsole(name: string, withBench: With<ConsoleBench>): void {
  test(`${name}: every listener gets everything in order, until it stops listening`, (t) =>
    withBench(async ({ clock, console, devicePrints }) => {
      const first = hear(t, clock, console);
      const second = hear(t, clock, console);
      await devicePrints('one ');
      await devicePrints('two ');
      await eventually(t, clock, 'both hear it', () => second.text === 'one two ');
      second.stop();
      second.stop();
      await devicePrints('three');
      await eventually(t, clock, 'the first hears on', () => first.text === 'one two three');
      t.is(second.text, 'one two ');
    }));

  test(`${name}: the device receives what is typed, control characters included`, (t) =>
    withBench(async ({ clock, console, deviceReceived }) => {
      await console.write(Uint8Array.from([0x03, 0x04, 0x61, 0xff]));
      await eventually(t, clock, 'all arrives', () => deviceReceived().length >= 4);
      t.deepEqual(deviceReceived(), [0x03, 0x04, 0x61, 0xff]);
    }));

  test(`${name}: the ROM's message is readable when it is expected, and the firmware's lines after it`, (t) =>
    withBench(async ({ clock, console, devicePrints }) => {
      const heard = hear(t, clock, console);
      await console.expectRom(ms(500));
      await devicePrints('\r\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n\r\n~ld\r\n');
      await eventually(t, clock, 'the message arrives', () => heard.text.includes('~ld'));
      // The rate changes behind the message.
      await clock.sleep('rate', ms(50));
      await devicePrints('>>> ');
      await eventually(t, clock, 'the firmware is heard', () => heard.text.endsWith('>>> '));
      t.regex(heard.text, /rst cause:2, boot mode:\(3,6\)/);
    }));
}

export function testPluggableConsole(name: string, withBench: With<PluggableConsoleBench>): void {
  const byte = Uint8Array.from([0x61]);

  test(`${name}: unplugged, it says so and refuses to write; plugged in again, it goes on`, (t) =>
    withBench(async ({ clock, console, devicePrints, deviceReceived, unplug, plugIn }) => {
      const heard = hear(t, clock, console);
      const notices: ConsoleNotice[] = [];
      console.onNotice((notice) => notices.push(notice));
      await devicePrints('before');
      await eventually(t, clock, 'it hears', () => heard.text === 'before');
      for (const round of [1, 2]) {
        await unplug();
        await eventually(t, clock, 'it notices', () => notices.at(-1)?.kind === 'lost');
        const error = await t.throwsAsync(console.write(byte));
        t.true(isRigError(error, 'BENCH'), error?.message);
        await plugIn();
        await eventually(t, clock, 'it is back', () => notices.at(-1)?.kind === 'back');
        heard.text = '';
        const received = deviceReceived().length;
        await devicePrints(`after ${round}`);
        await eventually(t, clock, 'it hears again', () => heard.text === `after ${round}`);
        await console.write(byte);
        await eventually(t, clock, 'it is heard again', () => deviceReceived().length === received + 1);
      }
      t.deepEqual(
        notices.map(({ kind }) => kind),
        ['lost', 'back', 'lost', 'back'],
      );
      for (const { atUs, detail } of notices) {
        t.true(atUs <= clock.now());
        t.not(detail, '');
      }
    }));

  test(`${name}: a boot may be announced while it is unplugged`, (t) =>
    withBench(async ({ clock, console, unplug }) => {
      const notices: ConsoleNotice[] = [];
      console.onNotice((notice) => notices.push(notice));
      await unplug();
      await eventually(t, clock, 'it notices', () => notices.length > 0);
      await t.notThrowsAsync(console.expectRom(ms(50)));
    }));

  test(`${name}: closed, it hears nothing and refuses everything`, (t) =>
    withBench(async ({ clock, console, devicePrints }) => {
      const heard = hear(t, clock, console);
      await console.close();
      await console.close();
      t.true(isRigError(await t.throwsAsync(console.write(byte)), 'CLOSED'));
      t.true(isRigError(await t.throwsAsync(console.expectRom(ms(50))), 'CLOSED'));
      await devicePrints('unheard');
      await clock.sleep('arrival', ms(100));
      t.is(heard.text, '');
    }));

  test(`${name}: closed while it is unplugged, it stops looking for the port`, (t) =>
    withBench(async ({ clock, console, unplug, plugIn }) => {
      const notices: ConsoleNotice[] = [];
      console.onNotice((notice) => notices.push(notice));
      await unplug();
      await eventually(t, clock, 'it notices', () => notices.length > 0);
      await console.close();
      await plugIn();
      await clock.sleep('reopen', seconds(1.5));
      t.deepEqual(
        notices.map(({ kind }) => kind),
        ['lost'],
      );
      t.true(isRigError(await t.throwsAsync(console.write(byte)), 'CLOSED'));
      t.deepEqual(
        clock.pending().filter((timer) => timer.startsWith('console')),
        [],
      );
    }));
}

export function testConsoleOpening(name: string, withOpening: With<ConsoleOpening>): void {
  test(`${name}: a port that is not there is refused, with what to look at`, (t) =>
    withOpening(({ open }) => refused(t, open('/dev/no-such-port'), /no-such-port.*plugged in/)));

  test(`${name}: what is no serial port is refused`, (t) =>
    withOpening(({ open }) => refused(t, open('/dev/null'), /\/dev\/null.*no serial port/)));

  test(`${name}: a port that another program has open is refused, and is free again afterwards`, (t) =>
    withOpening(async ({ open, path }) => {
      const first = await open(path);
      await refused(t, open(path), /Another program/);
      await first.close();
      await (await open(path)).close();
    }));
}

/** For benches that can arrange for a user who may not open the port. */
export function testForbiddenConsole(name: string, withOpening: With<ForbiddenConsole>): void {
  test.serial(`${name}: a port that this user may not open is refused, with the group to join`, (t) =>
    withOpening(({ open, path, asStranger }) => asStranger(() => refused(t, open(path), /dialout/))),
  );
}

async function refused(t: ExecutionContext, opening: Promise<unknown>, pattern: RegExp): Promise<void> {
  const error = await t.throwsAsync(opening);
  t.true(isRigError(error, 'BENCH'), error?.message);
  t.regex(error?.message ?? '', pattern);
}
