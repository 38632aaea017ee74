/** A reset pin and the two straps on a GPIO character device that exists in memory, in virtual time. */
import type { OpenLine } from '../../../drivers/pi/bus-straps.js';
import type { Opened } from '../../../drivers/pi/device.js';
import { openOpenDrainLine } from '../../../drivers/pi/gpio/open-lines.js';
import { LinePoller } from '../../../drivers/pi/gpio/poller.js';
import { openReset, type SupplyAwareReset } from '../../../drivers/pi/reset.js';
import type { ResetSection } from '../../../rig/bench-file/bench-file.js';
import type { LineConfig } from '../../../rig/bench-file/values.js';
import { ms } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { FakeChip, FakeKernel } from './fake-kernel.js';
import type { FakeWire } from './fake-wire.js';

const PINS = { reset: 13, scl: 11, sda: 10 };
const names = Array.from({ length: 28 }, (_, offset) => `GPIO${offset}`);

const line = (offset: number): LineConfig => ({ driver: 'gpio', line: offset, activeLow: false });

export const plainReset: ResetSection = { ...line(PINS.reset), pulse: ms(200) };
export const strappedReset: ResetSection = {
  ...plainReset,
  straps: { scl: line(PINS.scl), sda: line(PINS.sda) },
};

export class FakeResetBench {
  readonly clock = new VirtualClock();
  readonly chip = new FakeChip('gpiochip0', 'pinctrl-bcm2711', names);
  readonly kernel = new FakeKernel([this.chip]);
  readonly pin = this.wire(PINS.reset);
  readonly bus = { scl: this.wire(PINS.scl), sda: this.wire(PINS.sda) };

  open(section: ResetSection): Promise<Opened<SupplyAwareReset>> {
    return openReset(section, this.clock, this.openLine);
  }

  /** The bus lines by themselves, as a bench offers them. */
  readonly openLine: OpenLine = (config, name) => {
    const poller = new LinePoller(this.kernel);
    const system = {
      characterDevice: async () => ({ kernel: this.kernel, poller }),
      sysfs: () => Promise.reject(new Error('not in this test')),
    };
    return openOpenDrainLine(config, name, system);
  };

  private wire(offset: number): FakeWire {
    const found = this.chip.lines[offset];
    if (found === undefined) throw new Error(`no line ${offset}`);
    return found.wire;
  }
}
