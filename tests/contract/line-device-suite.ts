/**
 * The contract of lines that belong to a device of the host, the same for every driver of such lines: what
 * `line-suite.ts` says, and what becomes of a line whose device is absent, taken, forbidden or unplugged. A driver's
 * test gives a `LineDevice`; everything else is here.
 */
import test, { type ExecutionContext } from 'ava';
import type { Opened } from '../../drivers/pi/device.js';
import type { LineConfig } from '../../rig/bench-file/values.js';
import { isRigError } from '../../rig/errors.js';
import type { InputLine, Level, OpenDrainLine, OutputLine } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import { elapsed, ms, seconds, toMs } from '../../rig/time/units.js';
import { testInputLine, testOutputLine } from './line-suite.js';

/** One line of the host with a party at the other end of its wire. It is there, free, and pulled up weakly. */
export interface LineDevice {
  readonly clock: Clock;
  /** How a bench file names the line. */
  readonly config: LineConfig;
  openInput(config: LineConfig): Promise<Opened<InputLine>>;
  openOutput(config: LineConfig): Promise<Opened<OutputLine>>;
  openOpenDrain(config: LineConfig): Promise<Opened<OpenDrainLine>>;
  /**
   * The other party drives the wire, through a resistor that a driven line overcomes, or lets go of it. Resolves at once.
   * With `activeLow`, levels here are still those of the wire.
   */
  drive(level: Level | undefined): Promise<void>;
  /** The level of the wire, by another instrument than the driver. */
  level(): Promise<Level>;
  /** See `InputBench`. */
  apart?(): Promise<void>;
  /** The device goes away. */
  unplug?(): Promise<void>;
  /** This user may not open the device any more, until the test is over. */
  forbid?(): Promise<void>;
  /** Another program takes the line, until the test is over. Resolves to its name where the driver can know that. */
  occupy?(): Promise<string | undefined>;
}

/** Tests run at the same time: each needs a line of its own, or has to wait for its turn. */
export type WithLineDevice = (body: (device: LineDevice) => Promise<void>) => Promise<void>;

/** What a bench can do to its lines; what it cannot is not tested on it. */
export interface LineTroubles {
  readonly unplug: boolean;
  readonly forbid: boolean;
  readonly occupy: boolean;
}

/** Longer than any driver takes to notice that its device is gone. */
const GONE_NOTICED = seconds(2);
/** A wait that is given up ends within this. */
const SOON_MS = 1_000;

export function testLineDevice(name: string, withDevice: WithLineDevice, troubles: LineTroubles): void {
  testOutputLine(`${name}, output`, (body) => withDevice((device) => outputBench(device, body)));
  testInputLine(`${name}, input`, (body) => withDevice((device) => inputBench(device, body)));
  testOpenDrain(name, withDevice);
  testActiveLow(name, withDevice);
  testAbsence(name, withDevice);
  testClosing(name, withDevice);
  if (troubles.occupy) testOccupation(name, withDevice);
  if (troubles.forbid) testPermission(name, withDevice);
  if (troubles.unplug) testUnplugging(name, withDevice);
}

async function outputBench(
  device: LineDevice,
  body: Parameters<Parameters<typeof testOutputLine>[1]>[0],
): Promise<void> {
  const line = await device.openOutput(device.config);
  try {
    await body({
      line,
      level: () => device.level(),
      pullDown: (on) => device.drive(on ? 0 : undefined),
    });
  } finally {
    await line.close();
  }
}

async function inputBench(
  device: LineDevice,
  body: Parameters<Parameters<typeof testInputLine>[1]>[0],
): Promise<void> {
  await device.drive(1);
  const line = await device.openInput(device.config);
  const { clock, apart } = device;
  const drive = (level: Level) => device.drive(level);
  const close = () => line.close();
  try {
    await body(apart === undefined ? { clock, line, drive, close } : { clock, line, drive, close, apart });
  } finally {
    await line.close();
  }
}

function testOpenDrain(name: string, withDevice: WithLineDevice): void {
  test(`${name}, open drain: it pulls the wire low or leaves it alone, and sees who else pulls it`, (t) =>
    withDevice(async (device) => {
      const line = await device.openOpenDrain(device.config);
      t.deepEqual([await device.level(), await line.read()], [1, 1]);
      await line.pull();
      t.deepEqual([await device.level(), await line.read()], [0, 0]);
      await line.release();
      t.deepEqual([await device.level(), await line.read()], [1, 1]);
      await device.drive(0);
      t.is(await line.read(), 0);
      await line.pull();
      await device.drive(undefined);
      await line.close();
      t.is(await device.level(), 1);
    }));
}

function testActiveLow(name: string, withDevice: WithLineDevice): void {
  test(`${name}: with activeLow the port has the level beyond an inverter`, (t) =>
    withDevice(async (device) => {
      const config: LineConfig = { ...device.config, activeLow: true };
      const output = await device.openOutput(config);
      for (const level of [1, 0, 1] as const) {
        await output.write(level);
        t.is(await device.level(), level === 0 ? 1 : 0);
      }
      await output.release();
      t.is(await device.level(), 1);
      await output.close();
      await device.drive(1);
      const input = await device.openInput(config);
      t.is(await input.read(), 0);
      await device.drive(0);
      t.is((await input.nextEdge(ms(1_000))).level, 1);
      await input.close();
    }));
}

function testAbsence(name: string, withDevice: WithLineDevice): void {
  test(`${name}: a chip that is not there is refused, and those that are there are named`, (t) =>
    withDevice(async (device) => {
      for (const attempt of attempts(device, { ...device.config, chip: 'no-such-chip' })) {
        const message = await refusal(t, attempt);
        t.regex(message, /no-such-chip/);
        t.regex(message, /gpiochip\d+ \(.+\d+ lines\)/);
      }
    }));

  test(`${name}: a line that is not there is refused, and what there is is said`, (t) =>
    withDevice(async (device) => {
      for (const line of ['no-such-line', 1_023]) {
        for (const attempt of attempts(device, { ...device.config, line })) {
          t.regex(await refusal(t, attempt), new RegExp(`no line "${line}".*offsets 0 to \\d+`));
        }
      }
    }));
}

function testClosing(name: string, withDevice: WithLineDevice): void {
  test(`${name}: a closed line is free at once; closing it again and using it are harmless and CLOSED`, (t) =>
    withDevice(async (device) => {
      const input = await device.openInput(device.config);
      const waiting = t.throwsAsync(input.nextEdge(seconds(60)));
      const startUs = device.clock.now();
      await input.close();
      t.true(isRigError(await waiting, 'CLOSED'));
      t.true(toMs(elapsed(startUs, device.clock.now())) < SOON_MS);
      input.discardEdges();
      await input.close();
      t.true(isRigError(await t.throwsAsync(input.nextEdge(ms(1))), 'CLOSED'));

      const output = await device.openOutput(device.config);
      await output.write(0);
      await output.close();
      await output.close();
      t.is(await device.level(), 1, 'it drives nothing any more');
      t.true(isRigError(await t.throwsAsync(output.write(1)), 'CLOSED'));
      t.true(isRigError(await t.throwsAsync(output.release()), 'CLOSED'));
      await (await device.openInput(device.config)).close();
    }));

  test(`${name}: a line that another port has open is refused`, (t) =>
    withDevice(async (device) => {
      const first = await device.openOutput(device.config);
      for (const attempt of attempts(device, device.config)) t.regex(await refusal(t, attempt), /is used by/);
      await first.close();
      await (await device.openOutput(device.config)).close();
    }));
}

function testOccupation(name: string, withDevice: WithLineDevice): void {
  test(`${name}: a line that another program uses is refused, with that one's name where it can be known`, (t) =>
    withDevice(async (device) => {
      const consumer = await device.occupy?.();
      for (const attempt of attempts(device, device.config)) {
        const message = await refusal(t, attempt);
        t.regex(message, /use/);
        if (consumer !== undefined) t.true(message.includes(consumer), message);
      }
    }));
}

function testPermission(name: string, withDevice: WithLineDevice): void {
  test(`${name}: a line that this user may not open is refused, and the group to join is said`, (t) =>
    withDevice(async (device) => {
      await device.forbid?.();
      for (const attempt of attempts(device, device.config)) {
        t.regex(await refusal(t, attempt), /EACCES.*group/s);
      }
    }));
}

function testUnplugging(name: string, withDevice: WithLineDevice): void {
  test(`${name}: a wait on a line whose device goes away ends with BENCH, and so does every later use`, (t) =>
    withDevice(async (device) => {
      const input = await device.openInput(device.config);
      const waiting = t.throwsAsync(input.nextEdge(GONE_NOTICED));
      await device.unplug?.();
      t.true(isRigError(await waiting, 'BENCH'));
      t.true(isRigError(await t.throwsAsync(input.nextEdge(ms(1))), 'BENCH'));
      t.true(isRigError(await t.throwsAsync(input.read()), 'BENCH'));
      input.discardEdges();
      await input.close();
      t.true(isRigError(await t.throwsAsync(input.nextEdge(ms(1))), 'CLOSED'));
    }));

  test(`${name}: driving a line whose device went away rejects with BENCH; it can still be closed`, (t) =>
    withDevice(async (device) => {
      const output = await device.openOutput(device.config);
      await output.write(1);
      await device.unplug?.();
      t.true(isRigError(await t.throwsAsync(output.write(0)), 'BENCH'));
      t.true(isRigError(await t.throwsAsync(output.release()), 'BENCH'));
      await t.notThrowsAsync(output.close());
    }));
}

/** Every way to open a line. */
const attempts = (device: LineDevice, config: LineConfig): (() => Promise<unknown>)[] => [
  () => device.openInput(config),
  () => device.openOutput(config),
  () => device.openOpenDrain(config),
];

/** The message with which opening is refused; the code is `BENCH`. */
async function refusal(t: ExecutionContext, attempt: () => Promise<unknown>): Promise<string> {
  const error = await t.throwsAsync(attempt());
  t.true(isRigError(error, 'BENCH'), error?.message);
  return error?.message ?? '';
}
