/**
 * The host as I2C target of a device that may have no power: off meanwhile, and on again when the device can start. What
 * is asked of it without power fails as a device does that does not answer, for that is what it is.
 */
import { RigError } from '../../rig/errors.js';
import type { I2cTarget } from '../../rig/ports.js';

export class GuardedTarget implements I2cTarget {
  readonly role = 'target';
  private readonly target: I2cTarget;
  /** The address that it was last enabled at; undefined while it is disabled. */
  private wanted: number | undefined;
  private isHeld = false;

  constructor(target: I2cTarget) {
    this.target = target;
  }

  async enable(address: number): Promise<void> {
    this.wanted = address;
    if (!this.isHeld) await this.target.enable(address);
  }

  async disable(): Promise<void> {
    this.wanted = undefined;
    await this.target.disable();
  }

  armTransmit(bytes: Uint8Array): Promise<void> {
    return this.use(() => this.target.armTransmit(bytes));
  }

  armReceive(lengthBytes: number): Promise<void> {
    return this.use(() => this.target.armReceive(lengthBytes));
  }

  received(): Promise<Uint8Array> {
    return this.use(() => this.target.received());
  }

  /** Switches it off until `resume`. */
  async hold(): Promise<void> {
    if (this.isHeld) return;
    this.isHeld = true;
    if (this.wanted !== undefined) await this.target.disable();
  }

  /** Switches it on again, if it is to be. */
  async resume(): Promise<void> {
    if (!this.isHeld) return;
    this.isHeld = false;
    if (this.wanted === undefined) return;
    await this.target.enable(this.wanted);
    // Whoever disabled it meanwhile may have come before.
    if (this.wanted === undefined) await this.target.disable();
  }

  private async use<T>(call: () => Promise<T>): Promise<T> {
    this.requirePower();
    try {
      return await call();
    } catch (error) {
      this.requirePower();
      throw error;
    }
  }

  private requirePower(): void {
    if (this.isHeld) throw new RigError('PROTOCOL', 'The device has no power: nothing is on the bus.');
  }
}
