/** The contracts of the ports through which a bench handles a board: bus, supply and reset. */
import test from 'ava';
import { isRigError } from '../../rig/errors.js';
import { isRailOff } from '../../rig/faults/rail.js';
import type { I2cTarget, PowerSwitch, RailReading, ResetButton } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import { later, ms } from '../../rig/time/units.js';

export interface I2cBench {
  readonly target: I2cTarget;
  /** The controller's reading: undefined when nothing answers. */
  controllerReads(address: number, lengthBytes: number): Promise<number[] | undefined>;
  /** The controller's writing: the number of bytes acknowledged, or undefined when nothing answers. */
  controllerWrites(address: number, bytes: readonly number[]): Promise<number | undefined>;
  close(): void;
}

export interface PowerBench {
  readonly clock: Clock;
  readonly power: PowerSwitch;
  /** True when the board has power, by what the board does. */
  boardRuns(): boolean;
}

export interface ResetBench {
  readonly clock: Clock;
  readonly reset: ResetButton;
  /** True while the pin is held low, by another instrument. */
  held(): boolean;
}

export type With<B> = (body: (bench: B) => Promise<void>) => Promise<void>;

const ADDRESS = 0x12;
/** A board runs above 3 V. */
const ON_VOLTS = 3;

/** A bench without an instrument on the rail shows nothing that could be wrong. */
const showsOff = (reading: RailReading | undefined) => reading === undefined || isRailOff(reading);
const showsOn = (reading: RailReading | undefined) =>
  reading === undefined || (reading.kind === 'voltmeter' ? reading.volts >= ON_VOLTS : reading.isUp);

/** How a target meets a controller that does not keep to what is armed (rig/ports.ts, `I2cTarget`). */
export type Unarmed =
  /** What is not armed is not acknowledged, and reads as an idle bus. */
  | 'refused'
  /** The hardware acknowledges all and answers something; `received` tells of what was too much. */
  | 'noticed';

export function testI2cTarget(name: string, withBench: With<I2cBench>, unarmed: Unarmed = 'refused'): void {
  const byte = (...bytes: number[]) => Uint8Array.from(bytes);

  test(`${name}: it answers at its address from enable to disable, and nowhere else`, (t) =>
    withBench(async ({ target, controllerReads }) => {
      t.is(await controllerReads(ADDRESS, 1), undefined);
      await target.enable(ADDRESS);
      await target.armTransmit(byte(1));
      t.is(await controllerReads(ADDRESS + 1, 1), undefined);
      t.deepEqual(await controllerReads(ADDRESS, 1), [1]);
      await target.disable();
      t.is(await controllerReads(ADDRESS, 1), undefined);
    }));

  test(`${name}: it answers with nothing armed too`, (t) =>
    withBench(async ({ target, controllerReads }) => {
      await target.enable(ADDRESS);
      const read = await controllerReads(ADDRESS, 2);
      if (unarmed === 'refused') t.deepEqual(read, [0xff, 0xff]);
      else t.is(read?.length, 2);
    }));

  test(`${name}: the controller reads what was armed last, in one read or several`, (t) =>
    withBench(async ({ target, controllerReads }) => {
      await target.enable(ADDRESS);
      await target.armTransmit(byte(9, 9, 9, 9));
      await target.armTransmit(byte(1, 2, 3));
      t.deepEqual(await controllerReads(ADDRESS, 2), [1, 2]);
      const beyond = await controllerReads(ADDRESS, 3);
      if (unarmed === 'refused') t.deepEqual(beyond, [3, 0xff, 0xff]);
      else t.is(beyond?.[0], 3);
    }));

  test(`${name}: what is armed does not change with the caller's buffer`, (t) =>
    withBench(async ({ target, controllerReads }) => {
      await target.enable(ADDRESS);
      const bytes = byte(5);
      const arming = target.armTransmit(bytes);
      bytes[0] = 6;
      await arming;
      bytes[0] = 7;
      t.deepEqual(await controllerReads(ADDRESS, 1), [5]);
    }));

  test(`${name}: bytes that nobody read do not come before those armed next`, (t) =>
    withBench(async ({ target, controllerReads }) => {
      await target.enable(ADDRESS);
      for (const left of [1, 2, 16]) {
        await target.armTransmit(new Uint8Array(left + 1).fill(9));
        await controllerReads(ADDRESS, 1);
        await target.armTransmit(byte(1, 2, 3));
        t.deepEqual(await controllerReads(ADDRESS, 3), [1, 2, 3]);
      }
    }));

  test(`${name}: it takes the bytes that it was armed for, in one write or several`, (t) =>
    withBench(async ({ target, controllerWrites }) => {
      await target.enable(ADDRESS);
      await target.armReceive(4);
      t.deepEqual(await target.received(), byte());
      t.is(await controllerWrites(ADDRESS, [1, 2]), 2);
      t.is(await controllerWrites(ADDRESS, [3]), 1);
      t.deepEqual(await target.received(), byte(1, 2, 3));
      await target.armReceive(2);
      t.is(await controllerWrites(ADDRESS, [7, 8]), 2);
      t.deepEqual(await target.received(), byte(7, 8));
    }));

  test(`${name}: bytes that it was not armed for are never handed over`, (t) =>
    withBench(async ({ target, controllerWrites }) => {
      await target.enable(ADDRESS);
      const first = await controllerWrites(ADDRESS, [1]);
      await target.armReceive(2);
      const second = await controllerWrites(ADDRESS, [1, 2, 3]);
      const third = await controllerWrites(ADDRESS, [4]);
      if (unarmed === 'refused') {
        t.deepEqual([first, second, third], [0, 2, 0]);
        t.deepEqual(await target.received(), byte(1, 2));
      } else {
        t.true(isRigError(await t.throwsAsync(target.received()), 'INVALID'));
        await target.armReceive(1);
        t.is(await controllerWrites(ADDRESS, [5]), 1);
        t.deepEqual(await target.received(), byte(5));
      }
    }));

  test(`${name}: what is armed for one direction leaves the other alone`, (t) =>
    withBench(async ({ target, controllerReads, controllerWrites }) => {
      await target.enable(ADDRESS);
      await target.armTransmit(byte(1, 2));
      await target.armReceive(2);
      t.is(await controllerWrites(ADDRESS, [3, 4]), 2);
      t.deepEqual(await controllerReads(ADDRESS, 2), [1, 2]);
      t.deepEqual(await target.received(), byte(3, 4));
    }));

  test(`${name}: enabled anew, it has nothing armed and nothing received`, (t) =>
    withBench(async ({ target, controllerReads, controllerWrites }) => {
      await target.enable(ADDRESS);
      await target.armTransmit(byte(1));
      await target.armReceive(1);
      await controllerWrites(ADDRESS, [2]);
      await target.disable();
      await target.enable(ADDRESS);
      t.deepEqual(await target.received(), byte());
      t.not((await controllerReads(ADDRESS, 1))?.[0], 1);
      if (unarmed === 'refused') t.is(await controllerWrites(ADDRESS, [2]), 0);
    }));

  test(`${name}: to arm a target that is not enabled, or closed, is an error`, (t) =>
    withBench(async ({ target, close }) => {
      t.true(isRigError(await t.throwsAsync(target.armTransmit(byte(1))), 'BENCH'));
      t.true(isRigError(await t.throwsAsync(target.armReceive(1)), 'BENCH'));
      await target.enable(ADDRESS);
      close();
      const uses = [
        () => target.enable(ADDRESS),
        () => target.armTransmit(byte(1)),
        () => target.armReceive(1),
        () => target.received(),
      ];
      for (const use of uses) t.true(isRigError(await t.throwsAsync(use), 'CLOSED'));
    }));
}

export function testPowerSwitch(name: string, withBench: With<PowerBench>): void {
  test(`${name}: the board runs while the switch is on, and off is told by the rail`, (t) =>
    withBench(async ({ clock, power, boardRuns }) => {
      for (let round = 0; round < 2; round += 1) {
        await power.on();
        await clock.sleep('rise', ms(50));
        t.true(boardRuns());
        t.true(showsOn(await power.rail()));
        await power.off();
        await clock.sleep('fall', ms(200));
        t.false(boardRuns());
        t.true(showsOff(await power.rail()));
      }
    }));

  test(`${name}: switching to where it stands changes nothing`, (t) =>
    withBench(async ({ clock, power, boardRuns }) => {
      await power.off();
      t.false(boardRuns());
      await power.on();
      await power.on();
      await clock.sleep('rise', ms(50));
      t.true(boardRuns());
      await power.off();
      await power.off();
      await clock.sleep('fall', ms(200));
      t.true(showsOff(await power.rail()));
      t.false(boardRuns());
    }));
}

export function testResetButton(name: string, withBench: With<ResetBench>): void {
  test(`${name}: a press holds the pin for the pulse and lets go before it resolves`, (t) =>
    withBench(async ({ clock, reset, held }) => {
      t.false(held());
      const startUs = clock.now();
      const press = reset.press(ms(30));
      await clock.sleep('inside', ms(10));
      t.true(held());
      await press;
      t.true(clock.now() >= later(startUs, ms(30)));
      t.false(held());
    }));

  test(`${name}: a release ends a press early, and is harmless when nothing is held`, (t) =>
    withBench(async ({ clock, reset, held }) => {
      await reset.release();
      t.false(held());
      const press = reset.press(ms(30));
      await clock.sleep('inside', ms(10));
      await reset.release();
      t.false(held());
      await press;
      t.false(held());
    }));
}
