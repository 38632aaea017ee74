/** The contract of the I2C controller, on the kernel's device file, and the instruments on the rail behind it. */
import test from 'ava';
import { openI2cController } from '../../../drivers/pi/i2c/dev-controller.js';
import { openRailSense } from '../../../drivers/pi/power/rail-sense.js';
import { isRigError } from '../../../rig/errors.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import {
  type I2cTrouble,
  testI2cController,
  testI2cControllerDevice,
} from '../../contract/i2c-controller-suite.js';
import { FakeMemoryTarget } from '../../fixtures/i2c/fake-i2c-bus.js';
import { FakeIna219, FakeIna226 } from '../../fixtures/i2c/fake-ina.js';
import { becomeNobody, becomeRootAgain } from '../inside/another-user.js';
import { SimulatedBus } from '../inside/simulated-bus.js';

const BUS = 7;
const ADDRESS = 0x12;
const SENSE_ADDRESS = 0x40;

async function withBus(body: (bus: SimulatedBus) => Promise<void>): Promise<void> {
  const bus = await SimulatedBus.create(BUS);
  try {
    await body(bus);
  } finally {
    becomeRootAgain();
    bus.letGo();
    await bus.remove();
  }
}

testI2cController('i2c-dev', (body) =>
  withBus(async (bus) => {
    const target = new FakeMemoryTarget();
    bus.devices.set(ADDRESS, target);
    const controller = await openI2cController({ bus: BUS });
    try {
      await body({
        controller,
        address: ADDRESS,
        emptyAddress: ADDRESS + 1,
        targetHolds: async (bytes) => {
          target.holds = bytes;
        },
        targetGot: async () => target.got,
      });
    } finally {
      await controller.close();
    }
  }),
);

const begin = (bus: SimulatedBus): Record<I2cTrouble, () => Promise<void>> => ({
  absent: () => bus.unplug(),
  unplugged: () => bus.unplug(),
  denied: async () => becomeNobody(),
  busy: async () => {
    bus.busyAddress = ADDRESS;
  },
  slow: async () => bus.hold(),
});

const end = (bus: SimulatedBus): Record<I2cTrouble, () => Promise<void>> => ({
  absent: () => bus.plug(),
  unplugged: () => bus.plug(),
  denied: async () => becomeRootAgain(),
  busy: async () => {
    bus.busyAddress = undefined;
  },
  slow: async () => bus.letGo(),
});

testI2cControllerDevice('i2c-dev', (body) =>
  withBus(async (bus) => {
    bus.devices.set(ADDRESS, new FakeMemoryTarget());
    await body({
      address: ADDRESS,
      open: () => openI2cController({ bus: BUS }),
      begin: (trouble) => begin(bus)[trouble](),
      end: (trouble) => end(bus)[trouble](),
    });
  }),
);

const noLine = () => Promise.reject(new Error('This instrument is on the bus.'));
const instruments = { ina219: FakeIna219, ina226: FakeIna226 };

for (const driver of ['ina219', 'ina226'] as const) {
  test(`${driver}: it tells the rail's voltage, and BENCH while the bus is gone`, (t) =>
    withBus(async (bus) => {
      const chip = new instruments[driver]();
      bus.devices.set(SENSE_ADDRESS, chip);
      const section = { driver, bus: BUS, address: SENSE_ADDRESS };
      const sense = await openRailSense(section, new SystemClock(), { openInputLine: noLine });
      t.deepEqual(await sense.rail(), { kind: 'voltmeter', volts: 3.3 });
      chip.volts = 0;
      t.deepEqual(await sense.rail(), { kind: 'voltmeter', volts: 0 });
      await bus.unplug();
      t.true(isRigError(await t.throwsAsync(sense.rail()), 'BENCH'));
      await bus.plug();
      t.deepEqual(await sense.rail(), { kind: 'voltmeter', volts: 0 });
      await sense.close();
    }));

  test(`${driver}: where nothing answers it is BENCH at open, with the address`, (t) =>
    withBus(async () => {
      const section = { driver, bus: BUS, address: SENSE_ADDRESS };
      const opening = openRailSense(section, new SystemClock(), { openInputLine: noLine });
      const error = await t.throwsAsync(opening);
      t.true(isRigError(error, 'BENCH'));
      t.regex(error.message, /0x40 on \/dev\/i2c-7/);
    }));
}
