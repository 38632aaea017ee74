/** The host's hold on the wires of the bus, which are the board's boot straps. The bus traffic does not travel on them. */
import type { BusLines, Level, OpenDrainLine } from '../../rig/ports.js';
import type { Wire } from './wire.js';

const HOST = 'host';

class VirtualOpenDrainLine implements OpenDrainLine {
  private readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  async pull(): Promise<void> {
    this.wire.drive(HOST, 0);
  }

  async release(): Promise<void> {
    this.wire.drive(HOST, undefined);
  }

  async read(): Promise<Level> {
    return this.wire.level;
  }
}

export function virtualBusLines(wires: { readonly scl: Wire; readonly sda: Wire }): BusLines {
  return { scl: new VirtualOpenDrainLine(wires.scl), sda: new VirtualOpenDrainLine(wires.sda) };
}
