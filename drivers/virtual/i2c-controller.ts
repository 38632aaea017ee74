/** The host's I2C controller on the virtual bus: it clocks transfers to and from the device's target, one after the other. */
import { RigError } from '../../rig/errors.js';
import type { I2cController } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import { us } from '../../rig/time/units.js';

/** The standard mode of the bus (UM10204 §3.1), and what a Pi's controller is set to unless told otherwise. */
const BUS_HZ = 100_000;
const BITS_PER_BYTE = 9;

/** What an undriven bus reads as, its lines pulled up. */
const IDLE_BUS_BYTE = 0xff;

/** The device's end of the bus, as the controller needs it. */
export interface TargetBus {
  /** True when a target answers at `address` now. */
  answersAt(address: number): boolean;
  /** A read that has just been clocked; undefined when the target has gone since it was addressed. */
  readTarget(address: number, lengthBytes: number): Promise<{ readonly bytes: Uint8Array } | undefined>;
  /** A write that has just been clocked; undefined as for a read. */
  writeTarget(address: number, bytes: Uint8Array): Promise<{ readonly acknowledged: number } | undefined>;
}

export class VirtualI2cController implements I2cController {
  readonly role = 'controller';
  private readonly clock: Clock;
  private readonly bus: TargetBus;
  private readonly hertz: number;
  private lastTransfer: Promise<unknown> = Promise.resolve();
  private readonly closing = new AbortController();

  constructor(clock: Clock, bus: TargetBus, hertz = BUS_HZ) {
    this.clock = clock;
    this.bus = bus;
    this.hertz = hertz;
  }

  read(address: number, lengthBytes: number): Promise<Uint8Array> {
    return this.inTurn(async () => {
      requireBytes(lengthBytes);
      await this.address(address);
      await this.clockBytes(lengthBytes);
      const answer = await this.bus.readTarget(address, lengthBytes);
      return answer?.bytes ?? new Uint8Array(lengthBytes).fill(IDLE_BUS_BYTE);
    });
  }

  write(address: number, bytes: Uint8Array): Promise<void> {
    const sent = bytes.slice();
    return this.inTurn(async () => {
      requireBytes(sent.length);
      await this.address(address);
      await this.clockBytes(sent.length);
      const acknowledged = (await this.bus.writeTarget(address, sent))?.acknowledged ?? 0;
      if (acknowledged < sent.length) throw notAcknowledged(address, `byte ${acknowledged + 1}`);
    });
  }

  /** Rejects the transfers under way; later ones reject as well. */
  close(): void {
    this.closing.abort();
  }

  private async address(address: number): Promise<void> {
    await this.clockBytes(1);
    if (!this.bus.answersAt(address)) throw notAcknowledged(address, 'its address');
  }

  private clockBytes(count: number): Promise<void> {
    const duration = us((count * BITS_PER_BYTE * 1_000_000) / this.hertz);
    return this.clock.sleep('I2C transfer', duration, this.closing.signal);
  }

  /** Runs `transfer` once those before it have ended, well or not. */
  private inTurn<T>(transfer: () => Promise<T>): Promise<T> {
    const result = this.lastTransfer.then(async () => {
      this.requireOpen();
      try {
        return await transfer();
      } finally {
        this.requireOpen();
      }
    });
    this.lastTransfer = result.catch(() => undefined);
    return result;
  }

  private requireOpen(): void {
    if (this.closing.signal.aborted) throw new RigError('CLOSED', 'The I2C controller is closed.');
  }
}

function requireBytes(lengthBytes: number): void {
  if (lengthBytes < 1) throw new RigError('USAGE', 'An I2C transfer has one byte at least.');
}

const notAcknowledged = (address: number, what: string): RigError =>
  new RigError(
    'PROTOCOL',
    `The I2C target at 0x${address.toString(16)} did not acknowledge ${what}: the device has not enabled it, or has ` +
      'rebooted.',
  );
