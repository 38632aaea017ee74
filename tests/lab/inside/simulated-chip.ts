/**
 * A GPIO chip of the kernel's simulator (Documentation/admin-guide/gpio/gpio-sim.rst): made over configfs; the test
 * is what the lines are wired to, by way of sysfs.
 */
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Level } from '../../../rig/ports.js';

const CONFIG = '/sys/kernel/config/gpio-sim';

interface Wire {
  readonly pull: number;
  readonly value: number;
}

export class SimulatedChip {
  /** As the kernel names it: `gpiochip0`. */
  readonly device: string;
  readonly label: string;
  private readonly folder: string;
  private readonly names: readonly string[];
  private readonly wires: ReadonlyMap<string, Wire>;
  private live = true;

  private constructor(
    label: string,
    device: string,
    names: readonly string[],
    wires: ReadonlyMap<string, Wire>,
  ) {
    this.label = label;
    this.device = device;
    this.names = names;
    this.wires = wires;
    this.folder = join(CONFIG, label);
  }

  /** Makes a chip with one line for each name, at offsets from 0; every line is pulled down, as the kernel has it. */
  static async create(label: string, names: readonly string[]): Promise<SimulatedChip> {
    const folder = join(CONFIG, label);
    await mkdir(folder);
    await mkdir(join(folder, 'bank0'));
    await writeFile(join(folder, 'bank0/num_lines'), `${names.length}`);
    await writeFile(join(folder, 'bank0/label'), label);
    for (const [offset, name] of names.entries()) {
      await mkdir(join(folder, `bank0/line${offset}`));
      await writeFile(join(folder, `bank0/line${offset}/name`), name);
    }
    await writeFile(join(folder, 'live'), '1');
    const parent = (await readFile(join(folder, 'dev_name'), 'utf8')).trim();
    const device = (await readFile(join(folder, 'bank0/chip_name'), 'utf8')).trim();
    const lines = join('/sys/devices/platform', parent, device);
    const wires = names.map((name, offset): [string, Wire] => [
      name,
      {
        pull: openSync(join(lines, `sim_gpio${offset}/pull`), 'r+'),
        value: openSync(join(lines, `sim_gpio${offset}/value`), 'r'),
      },
    ]);
    return new SimulatedChip(label, device, names, new Map(wires));
  }

  /** What is on the other end of the wire pulls it; a line that the host drives does not care. */
  pull(name: string, level: Level): void {
    writeSync(this.wire(name).pull, level === 1 ? 'pull-up' : 'pull-down', 0);
  }

  /** The level on the wire. */
  level(name: string): Level {
    const byte = Buffer.alloc(1);
    readSync(this.wire(name).value, byte, 0, 1, 0);
    return byte.toString() === '1' ? 1 : 0;
  }

  /** The number of the first line in sysfs. */
  base(): number {
    return Number(readFileSync(`/sys/bus/gpio/devices/${this.device}/gpio/base`, 'utf8'));
  }

  /** Takes the chip away, whoever uses it. */
  async unplug(): Promise<void> {
    if (!this.live) return;
    this.live = false;
    for (const { pull, value } of this.wires.values()) {
      closeSync(pull);
      closeSync(value);
    }
    await writeFile(join(this.folder, 'live'), '0');
  }

  /** Takes it away and forgets it. */
  async remove(): Promise<void> {
    await this.unplug();
    for (const offset of this.names.keys()) await rmdir(join(this.folder, `bank0/line${offset}`));
    await rmdir(join(this.folder, 'bank0'));
    await rmdir(this.folder);
  }

  private wire(name: string): Wire {
    const wire = this.wires.get(name);
    if (wire === undefined) throw new Error(`The simulated chip ${this.label} has no line ${name}.`);
    return wire;
  }
}
