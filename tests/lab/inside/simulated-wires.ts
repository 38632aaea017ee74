/** The far side of a simulated chip's lines, by way of sysfs: pulls wires and sees their levels. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Level } from '../../../rig/ports.js';

interface Wire {
  readonly pull: number;
  readonly value: number;
}

export class SimulatedWires {
  private readonly wires: ReadonlyMap<string, Wire>;

  /** `folder` is the chip's below /sys/devices; `names` are its lines' from offset 0. */
  constructor(folder: string, names: readonly string[]) {
    this.wires = new Map(
      names.map((name, offset) => [
        name,
        {
          pull: openSync(join(folder, `sim_gpio${offset}/pull`), 'r+'),
          value: openSync(join(folder, `sim_gpio${offset}/value`), 'r'),
        },
      ]),
    );
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

  close(): void {
    for (const { pull, value } of this.wires.values()) {
      closeSync(pull);
      closeSync(value);
    }
  }

  private wire(name: string): Wire {
    const wire = this.wires.get(name);
    if (wire === undefined) throw new Error(`The simulated chip has no line ${name}.`);
    return wire;
  }
}
