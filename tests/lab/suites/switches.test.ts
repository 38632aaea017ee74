/** Supply and reset pin on the kernel's lines: a relay whose rail an INA219 watches, and an open-drain pin with straps. */
import test from 'ava';
import { createCommandRunner } from '../../../drivers/pi/command.js';
import { openInputLine, openOutputLine } from '../../../drivers/pi/gpio/open-lines.js';
import { openPower } from '../../../drivers/pi/power/open-power.js';
import { openRailSense } from '../../../drivers/pi/power/rail-sense.js';
import { openReset } from '../../../drivers/pi/reset.js';
import type { LineConfig } from '../../../rig/bench-file/values.js';
import { isRigError } from '../../../rig/errors.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { ms } from '../../../rig/time/units.js';
import { testPowerSwitch, testResetButton } from '../../contract/bench-port-suites.js';
import { FakeIna219 } from '../../fixtures/i2c/fake-ina.js';
import { FakeUndoLog } from '../../fixtures/pi/fake-host.js';
import { SimulatedBus } from '../inside/simulated-bus.js';
import { SimulatedChip } from '../inside/simulated-chip.js';

const NAMES = ['RELAY', 'RESET', 'SCL', 'SDA'];
const BUS = 7;
const SENSE_ADDRESS = 0x40;
const RAIL_VOLTS = 3.3;

const line = (name: string): LineConfig => ({ driver: 'gpio', line: name, chip: 'lab', activeLow: false });

async function withChip(body: (chip: SimulatedChip) => Promise<void>): Promise<void> {
  const chip = await SimulatedChip.create('lab', NAMES);
  try {
    for (const pulledUp of ['RESET', 'SCL', 'SDA']) chip.pull(pulledUp, 1);
    await body(chip);
  } finally {
    await chip.remove();
  }
}

/** A rail that is as high as the relay's line. */
async function withRail(chip: SimulatedChip, body: () => Promise<void>): Promise<void> {
  const bus = await SimulatedBus.create(BUS);
  const chipOnBus = new FakeIna219();
  bus.devices.set(SENSE_ADDRESS, {
    written: (bytes) => chipOnBus.written(bytes),
    read: (lengthBytes) => {
      chipOnBus.volts = chip.level('RELAY') * RAIL_VOLTS;
      return chipOnBus.read(lengthBytes);
    },
  });
  try {
    await body();
  } finally {
    await bus.remove();
  }
}

const openRelay = (clock: SystemClock) =>
  openPower(
    {
      driver: 'gpio-relay',
      control: line('RELAY'),
      settle: ms(20),
      // As a line rests that nobody drives.
      leave: 'off',
      sense: { driver: 'ina219', bus: BUS, address: SENSE_ADDRESS },
    },
    {
      clock,
      undo: new FakeUndoLog(),
      run: createCommandRunner({ clock }),
      openOutputLine,
      openRailSense: (section) =>
        openRailSense(section, clock, {
          openInputLine: (config, name) => openInputLine(config, name, clock),
        }),
    },
  );

testPowerSwitch('relay with INA219', (body) =>
  withChip((chip) =>
    withRail(chip, async () => {
      const clock = new SystemClock();
      const power = await openRelay(clock);
      try {
        await body({ clock, power, boardRuns: () => chip.level('RELAY') === 1 });
      } finally {
        await power.close();
      }
    }),
  ),
);

testResetButton('reset on an open-drain line', (body) =>
  withChip(async (chip) => {
    const clock = new SystemClock();
    const straps = { scl: line('SCL'), sda: line('SDA') };
    const reset = await openReset({ ...line('RESET'), pulse: ms(200), straps }, clock);
    try {
      await body({ clock, reset, held: () => chip.level('RESET') === 0 });
    } finally {
      await reset.close();
    }
  }),
);

for (const strap of ['SCL', 'SDA']) {
  test(`reset: with ${strap} held low it is not released by a press, and the reason is told`, (t) =>
    withChip(async (chip) => {
      const straps = { scl: line('SCL'), sda: line('SDA') };
      const reset = await openReset({ ...line('RESET'), pulse: ms(200), straps }, new SystemClock());
      chip.pull(strap, 0);
      const error = await t.throwsAsync(reset.press(ms(20)));
      t.true(isRigError(error, 'BENCH'), error?.message);
      t.regex(error?.message ?? '', new RegExp(strap));
      t.is(chip.level('RESET'), 0, 'the device stays in reset');
      chip.pull(strap, 1);
      await reset.press(ms(20));
      t.is(chip.level('RESET'), 1);
      await reset.close();
    }));
}
