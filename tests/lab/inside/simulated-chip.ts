/**
 * A GPIO chip of the kernel's simulator (Documentation/admin-guide/gpio/gpio-sim.rst), made over configfs; the test
 * is what its lines are wired to.
 */
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Level } from '../../../rig/ports.js';
import { SimulatedWires } from './simulated-wires.js';

const CONFIG = '/sys/kernel/config/gpio-sim';

/** In the label of a chip, it wires each line of the lower half to one of the upper (gpio-sim.patch). */
const WIRED = '-wired';
/** Before the name of a line: the other end of its wire, on such a chip. */
export const FAR = 'FAR_';

export class SimulatedChip {
  /** As the kernel names it: `gpiochip0`. */
  readonly device: string;
  readonly label: string;
  /** Where the kernel has its lines. */
  readonly folder: string;
  readonly names: readonly string[];
  private readonly wires: SimulatedWires;
  private live = true;

  private constructor(label: string, device: string, folder: string, names: readonly string[]) {
    this.label = label;
    this.device = device;
    this.folder = folder;
    this.names = names;
    this.wires = new SimulatedWires(folder, names);
  }

  /** Makes a chip with one line for each name, at offsets from 0; every line is pulled down, as the kernel has it. */
  static async create(label: string, names: readonly string[]): Promise<SimulatedChip> {
    const config = join(CONFIG, label);
    await mkdir(join(config, 'bank0'), { recursive: true });
    await writeFile(join(config, 'bank0/num_lines'), `${names.length}`);
    await writeFile(join(config, 'bank0/label'), label);
    for (const [offset, name] of names.entries()) {
      await mkdir(join(config, `bank0/line${offset}`));
      await writeFile(join(config, `bank0/line${offset}/name`), name);
    }
    await writeFile(join(config, 'live'), '1');
    const parent = (await readFile(join(config, 'dev_name'), 'utf8')).trim();
    const device = (await readFile(join(config, 'bank0/chip_name'), 'utf8')).trim();
    return new SimulatedChip(label, device, join('/sys/devices/platform', parent, device), names);
  }

  /** As `create`, with a far end for each line, which follows what the host does to the line. */
  static createWired(name: string, lines: readonly string[]): Promise<SimulatedChip> {
    return SimulatedChip.create(`${name}${WIRED}`, [...lines, ...lines.map((line) => `${FAR}${line}`)]);
  }

  /** See `SimulatedWires`. */
  pull(name: string, level: Level): void {
    this.wires.pull(name, level);
  }

  /** The level on the wire. */
  level(name: string): Level {
    return this.wires.level(name);
  }

  /** Takes the chip away, whoever uses it. */
  async unplug(): Promise<void> {
    if (!this.live) return;
    this.live = false;
    this.wires.close();
    await writeFile(join(CONFIG, this.label, 'live'), '0');
  }

  /** Takes it away and forgets it. */
  async remove(): Promise<void> {
    await this.unplug();
    const config = join(CONFIG, this.label);
    for (const offset of this.names.keys()) await rmdir(join(config, `bank0/line${offset}`));
    await rmdir(join(config, 'bank0'));
    await rmdir(config);
  }
}
