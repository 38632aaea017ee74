/** Instruments on the rail: voltages by the datasheets' registers, chips that are not the one named, and a comparator. */
import test from 'ava';
import type { Opened } from '../../../drivers/pi/device.js';
import { I2cBuses } from '../../../drivers/pi/i2c/shared-bus.js';
import { openRailSense, type RailSenseParts } from '../../../drivers/pi/power/rail-sense.js';
import type { SenseSection } from '../../../rig/bench-file/bench-file.js';
import { isRigError } from '../../../rig/errors.js';
import { isRailOff } from '../../../rig/faults/rail.js';
import type { InputLine, Level } from '../../../rig/ports.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { FakeAdapter, type FakeI2cTarget, FakeMemoryTarget } from '../../fixtures/i2c/fake-i2c-bus.js';
import { FakeIna219, FakeIna226 } from '../../fixtures/i2c/fake-ina.js';

const ADDRESS = 0x41;
const noLine: RailSenseParts['openInputLine'] = () => Promise.reject(new Error('no line is to be opened'));

/** A bus with one chip. Conversions take a millisecond or two of real time. */
function setUp(chip: FakeI2cTarget) {
  const adapter = new FakeAdapter();
  adapter.targets.set(ADDRESS, chip);
  const buses = new I2cBuses(adapter.open);
  const open = (driver: 'ina219' | 'ina226') =>
    openRailSense({ driver, bus: 7, address: ADDRESS }, new SystemClock(), { openInputLine: noLine, buses });
  return { adapter, buses, open };
}

for (const [driver, Chip, step] of [
  ['ina219', FakeIna219, 0.004],
  ['ina226', FakeIna226, 0.00125],
] as const) {
  test(`${driver}: the voltage is that of the rail, to one step of the register`, async (t) => {
    const chip = new Chip();
    const { open } = setUp(chip);
    const sense = await open(driver);
    for (const volts of [0, 0.05, 0.49, 0.51, 1.8, 3.3, 5.25]) {
      chip.volts = volts;
      const reading = await sense.rail();
      if (reading.kind !== 'voltmeter') return t.fail();
      t.true(Math.abs(reading.volts - volts) <= step / 2 + 1e-9, `${volts} V read as ${reading.volts}`);
      t.is(isRailOff(reading), volts < 0.5);
    }
    await sense.close();
  });

  test(`${driver}: whatever mode the chip was left in, it converts anew before the first reading`, async (t) => {
    const chip = new Chip();
    // Power-down: the register keeps the reading of long ago.
    chip.volts = 3.3;
    chip.read(2);
    chip.written([0, 0x00, 0x00]);
    chip.volts = 0.1;
    const { open } = setUp(chip);
    const sense = await open(driver);
    t.true(isRailOff(await sense.rail()));
    await sense.close();
  });

  test(`${driver}: a chip that makes no conversions is refused`, async (t) => {
    const chip = new Chip();
    chip.converts = false;
    const { adapter, open } = setUp(chip);
    const error = await t.throwsAsync(open(driver));
    t.true(isRigError(error, 'BENCH'));
    t.regex(error.message, /at 0x41 on \/dev\/i2c-7: it makes no conversions/);
    t.is(adapter.opened, adapter.closed);
  });

  test(`${driver}: what is not there, or stops answering, is the bench's fault and not the device's`, async (t) => {
    const { adapter, open } = setUp(new Chip());
    const sense = await open(driver);
    adapter.targets.clear();
    const silent = await t.throwsAsync(sense.rail());
    t.true(isRigError(silent, 'BENCH'));
    t.regex(silent.message, /^INA2\d\d at 0x41 on \/dev\/i2c-7: .*not acknowledged/);
    t.true(isRigError(await t.throwsAsync(open(driver)), 'BENCH'));
    adapter.present = false;
    t.true(isRigError(await t.throwsAsync(sense.rail()), 'BENCH'));
    await sense.close();
    t.true(isRigError(await t.throwsAsync(sense.rail()), 'CLOSED'));
  });
}

test('a chip of the other kind is refused, by what it cannot have in its registers', async (t) => {
  for (const [driver, chip] of [
    ['ina219', new FakeIna226()],
    ['ina226', new FakeIna219()],
    ['ina226', new FakeMemoryTarget()],
  ] as const) {
    const error = await t.throwsAsync(setUp(chip).open(driver));
    t.true(isRigError(error, 'BENCH'));
    t.regex(error.message, /another chip answers .*check the address and the driver/);
  }
});

test('a chip that does not keep the configuration of an INA219 is not one', async (t) => {
  const error = await t.throwsAsync(
    setUp({ written: () => undefined, read: () => [0x10, 0] }).open('ina219'),
  );
  t.true(isRigError(error, 'BENCH'));
  t.regex(error.message, /another chip answers \(its configuration stays 0x1000\)/);
});

test('the sensor shares the bus with others', async (t) => {
  const { adapter, buses, open } = setUp(new FakeIna219());
  adapter.targets.set(0x12, new FakeMemoryTarget());
  const link = await buses.share(7);
  const sense = await open('ina219');
  await Promise.all([sense.rail(), link.read(0x12, 4), sense.rail(), link.write(0x12, Uint8Array.of(1))]);
  t.is(adapter.mostAtOnce, 1);
  t.is(adapter.opened, 1);
  await sense.close();
  await link.close();
});

test('a comparator says yes or no, and no volts', async (t) => {
  let level: Level = 1;
  let closed = false;
  const line: Opened<InputLine> = {
    read: async () => level,
    nextEdge: () => Promise.reject(new Error('no edge is to be awaited')),
    discardEdges: () => undefined,
    missedEdges: 0,
    close: async () => {
      closed = true;
    },
  };
  const opened: unknown[] = [];
  const rail = { driver: 'gpio', line: 'GPIO25', activeLow: false } as const;
  const section: SenseSection = { driver: 'comparator', rail };
  const sense = await openRailSense(section, new SystemClock(), {
    openInputLine: async (config, name) => {
      opened.push([config, name]);
      return line;
    },
  });
  t.deepEqual(opened, [[rail, 'rail sense']]);
  t.deepEqual(await sense.rail(), { kind: 'comparator', isUp: true });
  level = 0;
  t.deepEqual(await sense.rail(), { kind: 'comparator', isUp: false });
  await sense.close();
  t.true(closed);
});
