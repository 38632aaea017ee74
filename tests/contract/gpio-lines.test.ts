/**
 * The contract of lines, for both GPIO drivers of the Raspberry Pi, on stand-ins for the kernel's interfaces. On the
 * kernel itself the same suite runs where there is one with gpio-sim.
 */
import {
  type GpioSystem,
  openInputLine,
  openOpenDrainLine,
  openOutputLine,
} from '../../drivers/pi/gpio/open-lines.js';
import { LinePoller } from '../../drivers/pi/gpio/poller.js';
import type { LineConfig } from '../../rig/bench-file/values.js';
import { SystemClock } from '../../rig/time/system-clock.js';
import { FakeChip, FakeKernel } from '../unit/gpio/fake-kernel.js';
import { FakeSysfs } from '../unit/gpio/fake-sysfs.js';
import { type LineDevice, testLineDevice } from './line-device-suite.js';
import { oneAtATime } from './one-at-a-time.js';

const LINE = 5;
const BASE = 571;
const names = Array.from({ length: 28 }, (_, offset) => `GPIO${offset}`);
const all = { unplug: true, forbid: true, occupy: true };

const absent = (): never => {
  throw new Error('not in this test');
};

/** What is the same for both drivers: lines are opened as a bench does. */
function device(config: LineConfig, system: GpioSystem): Omit<LineDevice, 'drive' | 'level'> {
  const clock = new SystemClock();
  return {
    clock,
    config,
    openInput: (wanted) => openInputLine(wanted, 'test', clock, system),
    openOutput: (wanted) => openOutputLine(wanted, 'test', system),
    openOpenDrain: (wanted) => openOpenDrainLine(wanted, 'test', system),
  };
}

testLineDevice(
  'GPIO character device',
  oneAtATime(async (body) => {
    const chip = new FakeChip('gpiochip0', 'pinctrl-bcm2711', names);
    const kernel = new FakeKernel([chip, new FakeChip('gpiochip1', 'raspberrypi-exp-gpio', ['BT_ON'])]);
    const poller = new LinePoller(kernel);
    const line = chip.lines[LINE] ?? absent();
    const system = { characterDevice: async () => ({ kernel, poller }), sysfs: absent };
    await body({
      ...device({ driver: 'gpio', line: `GPIO${LINE}`, activeLow: false }, system),
      drive: async (level) => line.wire.driveFromFar(level),
      level: async () => line.wire.level,
      unplug: async () => kernel.unplug(chip),
      forbid: async () => {
        chip.forbidden = true;
      },
      occupy: async () => {
        line.consumer = 'spi0 CS0';
        return line.consumer;
      },
    });
  }),
  all,
);

testLineDevice(
  'onoff',
  oneAtATime(async (body) => {
    const sysfs = new FakeSysfs([
      { label: 'pinctrl-bcm2711', device: 'gpiochip0', base: BASE, lines: names.length, names },
      { label: 'raspberrypi-exp-gpio', device: 'gpiochip1', base: BASE - 8, lines: 8 },
    ]);
    const line = sysfs.line(BASE + LINE);
    const system = { characterDevice: absent, sysfs: async () => sysfs };
    try {
      await body({
        ...device({ driver: 'onoff', line: `GPIO${LINE}`, activeLow: false }, system),
        drive: async (level) => line.wire.driveFromFar(level),
        level: async () => line.wire.level,
        // Three rounds of the event loop take a notification all the way.
        apart: async () => {
          for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setImmediate(resolve));
        },
        unplug: async () => sysfs.unplug(),
        forbid: async () => {
          sysfs.forbidden = true;
        },
        occupy: async () => {
          line.busy = true;
          return undefined;
        },
      });
    } finally {
      sysfs.remove();
    }
  }),
  all,
);
