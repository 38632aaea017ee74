/** Faults of the virtual bench's wires: shorts on the wires themselves, and what happens to transfers on the bus. */
import { RigError } from '../../rig/errors.js';
import type { Level } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import { type DurationUs, us } from '../../rig/time/units.js';
import {
  type LinkWire,
  linkWires,
  type TransferFault,
  type TransferSizes,
  type WireFaults,
} from '../../rig/wire-faults.js';
import { hostRecord, transferFault } from './esp8266/lockstep/records.js';
import { TRANSFER_FAULTS_LIMIT, TransferFaults } from './transfer-faults.js';
import type { Wire } from './wire.js';

const MILLIONTHS = 1_000_000;

export interface VirtualWireFaultsOptions {
  readonly clock: Clock;
  readonly wires: Readonly<Record<LinkWire, Wire>>;
  /** Tells the board what happens on the bus that it clocks. */
  readonly tellBoard: (kind: number, a: number, b?: number, bytes?: Uint8Array) => void;
}

export class VirtualWireFaults implements WireFaults {
  /** For the host, where it clocks the bus. */
  readonly ofHost = new TransferFaults();
  private readonly options: VirtualWireFaultsOptions;
  private readonly changes = new Map<LinkWire, number>();
  /** By how much the clock of each transfer is stretched. */
  stretchUs: DurationUs = us(0);

  constructor(options: VirtualWireFaultsOptions) {
    this.options = options;
    for (const name of linkWires) {
      options.wires[name].onChange(() => this.changes.set(name, (this.changes.get(name) ?? 0) + 1));
    }
  }

  isLow(wire: LinkWire): boolean {
    return this.options.wires[wire].level === 0;
  }

  async hold(wire: LinkWire, level: Level): Promise<void> {
    this.options.wires[wire].force(level);
  }

  async glitch(wire: LinkWire, width: DurationUs): Promise<void> {
    const { clock, wires } = this.options;
    wires[wire].force(wires[wire].level === 0 ? 1 : 0);
    try {
      await clock.sleep('glitch', width);
    } finally {
      wires[wire].force(undefined);
    }
  }

  /** What the board has not come to when it is reset is forgotten. */
  async disturb(faults: readonly TransferFault[], sizes: TransferSizes): Promise<void> {
    if (faults.length > TRANSFER_FAULTS_LIMIT) {
      throw new RigError('FULL', `At most ${TRANSFER_FAULTS_LIMIT} transfers can be disturbed at a time.`);
    }
    const bytes = Uint8Array.of(Math.min(sizes.leastBytes, 255), Math.min(sizes.mostBytes, 255));
    for (const fault of faults) {
      this.ofHost.add(fault, sizes);
      const millionths = fault.kind === 'flip' ? Math.floor(fault.place * MILLIONTHS) : 0;
      this.options.tellBoard(hostRecord.i2cFault, transferFault[fault.kind], millionths, bytes);
    }
  }

  async stretch(duration: DurationUs): Promise<void> {
    this.stretchUs = duration;
    this.boardStarted();
  }

  async clear(): Promise<void> {
    for (const name of linkWires) this.options.wires[name].force(undefined);
    this.ofHost.clear();
    this.options.tellBoard(hostRecord.i2cFault, transferFault.clear);
    if (this.stretchUs > 0) await this.stretch(us(0));
  }

  async edges(wire: LinkWire): Promise<number> {
    return this.changes.get(wire) ?? 0;
  }

  /** A board that starts meets the bus as it is. */
  boardStarted(): void {
    this.options.tellBoard(hostRecord.i2cStretch, this.stretchUs);
  }
}
