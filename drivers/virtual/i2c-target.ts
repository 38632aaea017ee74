/** The host's I2C target on the virtual bus. What is armed is mirrored into the device, which clocks the bus. */
import { RigError } from '../../rig/errors.js';
import type { I2cTarget } from '../../rig/ports.js';

/** The device's end of the bus, as the target needs it. */
export interface BusMirror {
  answerAt(address: number | undefined): void;
  armTransmit(bytes: Uint8Array): void;
  armReceive(lengthBytes: number): void;
}

export class VirtualI2cTarget implements I2cTarget {
  readonly role = 'target';
  private readonly bus: BusMirror;
  private readonly writes: Uint8Array[] = [];
  private enabled = false;
  private closed = false;

  constructor(bus: BusMirror) {
    this.bus = bus;
  }

  async enable(address: number): Promise<void> {
    this.requireOpen();
    this.enabled = true;
    this.writes.length = 0;
    this.bus.answerAt(address);
  }

  async disable(): Promise<void> {
    this.enabled = false;
    this.writes.length = 0;
    this.bus.answerAt(undefined);
  }

  async armTransmit(bytes: Uint8Array): Promise<void> {
    this.requireEnabled();
    this.bus.armTransmit(bytes);
  }

  async armReceive(lengthBytes: number): Promise<void> {
    this.requireEnabled();
    this.writes.length = 0;
    this.bus.armReceive(lengthBytes);
  }

  async received(): Promise<Uint8Array> {
    this.requireEnabled();
    return new Uint8Array(Buffer.concat(this.writes));
  }

  /** The controller wrote, and the target acknowledged, `bytes`. */
  written(bytes: Uint8Array): void {
    if (this.enabled) this.writes.push(bytes);
  }

  close(): void {
    this.closed = true;
  }

  private requireOpen(): void {
    if (this.closed) throw new RigError('CLOSED', 'The I2C target is closed.');
  }

  private requireEnabled(): void {
    this.requireOpen();
    if (!this.enabled) throw new RigError('BENCH', 'The I2C target is not enabled: call enable() first.');
  }
}
