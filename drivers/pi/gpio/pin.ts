/** One pin of the host, whichever interface of the kernel it is reached by, and the output ports made of one. */
import { RigError } from '../../../rig/errors.js';
import type { Level, OpenDrainLine, OutputLine } from '../../../rig/ports.js';
import { errnoCode, type Opened } from '../device.js';

/** Its calls take microseconds and do not wait. They throw `BENCH` when the pin is gone. */
export interface Pin {
  /** Drives the pin; from high impedance straight to this level. */
  drive(level: Level): void;
  /** High impedance. */
  letGo(): void;
  /** The level of the wire, whoever drives it. */
  level(): Level;
  /** Lets go of the pin and gives it back to the kernel. Throws when it may still be driven. */
  close(): void;
}

/** True for an error that says that the chip is no more: nothing is driven either then. */
export function isGone(error: unknown): boolean {
  const code = error instanceof RigError ? errnoCode(error.cause) : errnoCode(error);
  return code === 'ENODEV' || code === 'ENOENT';
}

/** Both ports of a pin that is driven. */
export class DrivenLine implements Opened<OutputLine>, Opened<OpenDrainLine> {
  private readonly name: string;
  private readonly pin: Pin;
  private closed = false;

  /** `name` is how messages call the line. The pin is high-impedance. */
  constructor(name: string, pin: Pin) {
    this.name = name;
    this.pin = pin;
  }

  async write(level: Level): Promise<void> {
    this.requireOpen();
    this.pin.drive(level);
  }

  async pull(): Promise<void> {
    await this.write(0);
  }

  async release(): Promise<void> {
    this.requireOpen();
    this.pin.letGo();
  }

  async read(): Promise<Level> {
    this.requireOpen();
    return this.pin.level();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.pin.close();
  }

  private requireOpen(): void {
    if (this.closed) throw new RigError('CLOSED', `Line ${this.name} is closed.`);
  }
}
