/** The console's contract on the package `serialport` and a port of the real kernel: a pseudo terminal. */
import { chmodSync, realpathSync } from 'node:fs';
import test from 'ava';
import type { Opened } from '../../drivers/pi/device.js';
import { openConsole } from '../../drivers/pi/serial/console.js';
import { isRigError } from '../../rig/errors.js';
import { CONSOLE_WRITE_LIMIT, type UartConsole } from '../../rig/ports.js';
import { SystemClock } from '../../rig/time/system-clock.js';
import { ms, seconds } from '../../rig/time/units.js';
import { noPty, Pty } from '../fixtures/serial/pty.js';
import {
  type PluggableConsoleBench,
  testConsoleOpening,
  testForbiddenConsole,
  testPluggableConsole,
  testUartConsole,
} from './console-suite.js';

const NAME = 'serialport on a pty';
/** The user and group "nobody" of most systems. */
const STRANGER = 65_534;

const open = (path: string, clock = new SystemClock()): Promise<Opened<UartConsole>> =>
  openConsole({ driver: 'serial', path, baud: 115_200, romBaud: 74_880, modemLines: 'unconnected' }, clock);

async function withPty(body: (pty: Pty) => Promise<void>): Promise<void> {
  const pty = new Pty();
  try {
    await pty.plugIn();
    await body(pty);
  } finally {
    await pty.remove();
  }
}

async function withConsole(
  body: (bench: PluggableConsoleBench & { pty: Pty }) => Promise<void>,
): Promise<void> {
  await withPty(async (pty) => {
    const clock = new SystemClock();
    const received: number[] = [];
    pty.onReceived = (bytes) => received.push(...bytes);
    const console = await open(pty.path, clock);
    try {
      await body({
        clock,
        console,
        pty,
        devicePrints: async (text) => pty.print(text),
        deviceReceived: () => [...received],
        unplug: () => pty.unplug(),
        plugIn: () => pty.plugIn(),
      });
    } finally {
      await console.close();
    }
  });
}

/** Root may open anything; as somebody else it may not. What else the process does meanwhile, it does as they. */
async function asStranger(path: string, body: () => Promise<void>): Promise<void> {
  chmodSync(realpathSync(path), 0);
  if (process.geteuid?.() !== 0) return body();
  process.seteuid?.(STRANGER);
  try {
    await body();
  } finally {
    process.seteuid?.(0);
  }
}

const missing = noPty();
if (missing !== undefined) {
  test.skip(`${NAME}: not run, since ${missing}`, (t) => t.fail());
} else {
  testUartConsole(NAME, withConsole);
  testPluggableConsole(NAME, withConsole);
  testConsoleOpening(NAME, (body) => withPty(({ path }) => body({ path, open })));
  testForbiddenConsole(NAME, (body) =>
    withPty(({ path }) => body({ path, open, asStranger: (as) => asStranger(path, as) })),
  );

  test(`${NAME}: of many ports that are unplugged while bytes arrive, every one is noticed`, async (t) => {
    const one = () =>
      withConsole(async ({ clock, console, pty }) => {
        const isLost = new Promise<string>((resolve) => console.onNotice(({ kind }) => resolve(kind)));
        pty.print('x'.repeat(2_000));
        await pty.unplug();
        const limit = clock.sleep('limit', seconds(5)).then(() => 'not noticed');
        t.is(await Promise.race([isLost, limit]), 'lost');
      });
    await Promise.all(Array.from({ length: 12 }, one));
  });

  test(`${NAME}: closed while a device that does not read keeps a write waiting, it rejects that write`, (t) =>
    withConsole(async ({ clock, console, pty }) => {
      pty.suspend();
      const waiting = t.throwsAsync(console.write(new Uint8Array(CONSOLE_WRITE_LIMIT)));
      t.true(isRigError(await t.throwsAsync(console.write(new Uint8Array(1))), 'FULL'));
      await clock.sleep('buffer', ms(100));
      await console.close();
      t.true(isRigError(await waiting, 'CLOSED'));
    }));
}
