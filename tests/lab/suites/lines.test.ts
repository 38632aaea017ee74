/** The contract of lines, for both GPIO drivers, on the kernel's own interfaces and its simulated chip. */
import test from 'ava';
import { loadOnoff, type SysfsGpioClass } from '../../../drivers/pi/gpio/onoff-package.js';
import {
  type GpioSystem,
  openInputLine,
  openOpenDrainLine,
  openOutputLine,
} from '../../../drivers/pi/gpio/open-lines.js';
import type { LineConfig } from '../../../rig/bench-file/values.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { testLineDevice, type WithLineDevice } from '../../contract/line-device-suite.js';
import { becomeNobody, becomeRootAgain } from '../inside/another-user.js';
import { must, Program } from '../inside/program.js';
import { SimulatedChip } from '../inside/simulated-chip.js';
import { until } from '../inside/wait.js';

const NAMES = ['GPIO0', 'GPIO1', 'GPIO2', 'GPIO3'];
const LINE = 'GPIO2';
const OFFSET = NAMES.indexOf(LINE);

/** Another program takes the line, as `gpioset` does for the character device. */
async function occupy(chip: SimulatedChip): Promise<Program> {
  const program = new Program('gpioset', ['--mode=signal', chip.device, `${OFFSET}=1`]);
  await until('gpioset', async () => /gpioset/.test(await must('gpioinfo', chip.device)) || undefined);
  return program;
}

/** Hears when `onoff` has told its listeners of an edge: one that comes after that is sure to be told apart. */
class Notifications {
  private heard: (() => void) | undefined;

  watched(Gpio: SysfsGpioClass): SysfsGpioClass {
    const hear = () => this.heard?.();
    return class extends Gpio {
      override watch(listener: Parameters<InstanceType<SysfsGpioClass>['watch']>[0]): void {
        super.watch((error, level) => {
          listener(error, level);
          hear();
        });
      }
    };
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.heard = resolve;
    });
  }
}

const withDriver =
  (driver: LineConfig['driver']): WithLineDevice =>
  async (body) => {
    const chip = await SimulatedChip.create('pinctrl-bcm2711', NAMES);
    const clock = new SystemClock();
    const notifications = new Notifications();
    const system = driver === 'onoff' ? await watched(notifications) : undefined;
    let occupant: Program | undefined;
    chip.pull(LINE, 1);
    try {
      await body({
        clock,
        config: { driver, line: LINE, activeLow: false },
        openInput: (config) => openInputLine(config, 'test', clock, system),
        openOutput: (config) => openOutputLine(config, 'test', system),
        openOpenDrain: (config) => openOpenDrainLine(config, 'test', system),
        drive: async (level) => chip.pull(LINE, level ?? 1),
        level: async () => chip.level(LINE),
        ...(driver === 'onoff' ? { apart: () => notifications.next() } : {}),
        unplug: () => chip.unplug(),
        forbid: async () => becomeNobody(),
        occupy: async () => {
          occupant = await occupy(chip);
          return driver === 'gpio' ? 'gpioset' : undefined;
        },
      });
    } finally {
      becomeRootAgain();
      await occupant?.end();
      await chip.remove();
    }
  };

/** `onoff` as the host has it, with its notifications heard. */
async function watched(notifications: Notifications): Promise<GpioSystem> {
  const sysfs = { Gpio: notifications.watched(await loadOnoff()), root: '/', openNumbers: new Set<number>() };
  return {
    sysfs: async () => sysfs,
    characterDevice: () => Promise.reject(new Error('This test is of onoff.')),
  };
}

const troubles = { unplug: true, forbid: true, occupy: true };
testLineDevice('GPIO character device', withDriver('gpio'), troubles);
testLineDevice('onoff', withDriver('onoff'), troubles);

test('a line of the rig is listed with its user, and is unused once it is closed', async (t) => {
  const chip = await SimulatedChip.create('pinctrl-bcm2711', NAMES);
  try {
    const line = await openOutputLine({ driver: 'gpio', line: LINE, activeLow: false }, 'syn');
    await line.write(1);
    t.regex(await must('gpioinfo', chip.device), /"GPIO2"\s+"rig syn"\s+output/);
    await line.close();
    t.regex(await must('gpioinfo', chip.device), /"GPIO2"\s+unused\s+input/);
  } finally {
    await chip.remove();
  }
});
