/** A line exported by way of /sys/class/gpio and `onoff`: found, exported, and checked to be what was asked for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LineConfig } from '../../../rig/bench-file/values.js';
import { RigError } from '../../../rig/errors.js';
import type { Level } from '../../../rig/ports.js';
import { deviceError, errnoCode, type NextSteps } from '../device.js';
import { describeChip, findChip, findOffset } from './chips.js';
import type { SysfsGpio, SysfsGpioClass } from './onoff-package.js';
import { isGone, type Pin } from './pin.js';
import { readSysfsChips, sysfsFolder } from './sysfs-chips.js';

const nextSteps: NextSteps = {
  EACCES: 'Join the group that owns it, mostly: sudo usermod -aG gpio $USER; then log in again.',
  EBUSY: 'Another driver or program uses this line: stop it, or use another pin; gpioinfo lists all users.',
  ENODEV: 'The GPIO chip is gone: check its cable, and that its driver is loaded.',
  ENOENT: 'The line is no longer exported: another program gave it back.',
};

/** What the driver needs of its surroundings. */
export interface Sysfs {
  readonly Gpio: SysfsGpioClass;
  /** `/`, or a stand-in for its /sys. */
  readonly root: string;
  /** Numbers of the lines that this process has open: /sys itself gives a line to everybody who asks. */
  readonly openNumbers: Set<number>;
}

export class SysfsLine {
  /** Such as `syn (line 5 of GPIO chip gpiochip0 (pinctrl-bcm2711), number 517)`. */
  readonly name: string;
  readonly gpio: SysfsGpio;
  private readonly number: number;
  private readonly valuePath: string;
  private readonly inverted: boolean;
  private readonly openNumbers: Set<number>;

  /** Exports the line as an input. Throws `BENCH` with the reason when it cannot be had. */
  constructor({ Gpio, root, openNumbers }: Sysfs, config: LineConfig, name: string, edge: 'none' | 'both') {
    const chip = findChip(readSysfsChips(root), config.chip);
    const offset = findOffset(chip, config.line, chip.names);
    this.number = chip.base + offset;
    this.name = `${name} (line ${offset} of ${describeChip(chip)}, number ${this.number})`;
    this.valuePath = join(sysfsFolder(root), `gpio${this.number}`, 'value');
    this.inverted = config.activeLow;
    this.openNumbers = openNumbers;
    if (openNumbers.has(this.number)) {
      throw new RigError('BENCH', `Line ${this.name} is used by another port of this bench file.`);
    }
    this.gpio = this.call(
      () => new Gpio(this.number, 'in', edge, { activeLow: false, reconfigureDirection: true }),
    );
    openNumbers.add(this.number);
    try {
      this.check(edge);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Level on the wire's side of an inverter for that of the pin, or the other way round. */
  outside(level: Level): Level {
    return this.inverted === (level === 1) ? 0 : 1;
  }

  /** The level, read in a way that leaves what `onoff` waits for alone: its own descriptor would count as told. */
  level(): Level {
    return this.outside(this.call(() => (readFileSync(this.valuePath, 'utf8').startsWith('1') ? 1 : 0)));
  }

  /** Sets the direction, and reads it back. */
  direct(direction: 'in' | 'high' | 'low'): void {
    this.call(() => this.gpio.setDirection(direction));
    this.checkDirection(direction === 'in' ? 'in' : 'out');
  }

  close(): void {
    this.openNumbers.delete(this.number);
    this.gpio.unexport();
  }

  /** Runs a call on the line; what fails is told as a `BENCH` error of that line. */
  call<Result>(call: () => Result): Result {
    try {
      return call();
    } catch (error) {
      throw this.error(error);
    }
  }

  error(error: unknown): RigError {
    return deviceError(`Line ${this.name}`, error, nextSteps);
  }

  /** `onoff` keeps errors to itself when a line was exported already, as a crash leaves it. */
  private check(edge: 'none' | 'both'): void {
    this.checkDirection('in');
    if (this.call(() => this.gpio.activeLow())) {
      throw new RigError('BENCH', `Line ${this.name} is inverted by another program, and stays so.`);
    }
    if (edge === 'both') this.checkEdge();
  }

  private checkDirection(wanted: 'in' | 'out'): void {
    const actual = this.call(() => this.gpio.direction());
    if (actual === wanted) return;
    throw new RigError(
      'BENCH',
      `Line ${this.name} stays "${actual}" where "${wanted}" is wanted: may this user write its direction? ` +
        `Otherwise another program holds it: echo ${this.number} | sudo tee /sys/class/gpio/unexport`,
    );
  }

  private checkEdge(): void {
    const actual = this.call(() => this.edge());
    if (actual === 'both') return;
    throw new RigError('BENCH', `Line ${this.name} tells no edges (${actual}): use another pin.`);
  }

  private edge(): string {
    try {
      return this.gpio.edge();
    } catch (error) {
      if (errnoCode(error) === 'ENOENT') return 'it cannot raise interrupts';
      throw error;
    }
  }
}

export class SysfsPin implements Pin {
  private readonly line: SysfsLine;
  private driven = false;

  constructor(sysfs: Sysfs, config: LineConfig, name: string) {
    this.line = new SysfsLine(sysfs, config, name, 'none');
  }

  drive(level: Level): void {
    const pinLevel = this.line.outside(level);
    if (this.driven) this.line.call(() => this.line.gpio.writeSync(pinLevel));
    // "high" and "low" are output and level in one step.
    else this.line.direct(pinLevel === 1 ? 'high' : 'low');
    this.driven = true;
  }

  letGo(): void {
    this.line.direct('in');
    this.driven = false;
  }

  level(): Level {
    return this.line.level();
  }

  /** A line that is given back keeps its direction, so it is let go first. */
  close(): void {
    try {
      if (this.driven) this.letGo();
    } catch (error) {
      if (!isGone(error)) throw error;
    } finally {
      this.line.close();
    }
  }
}
