/** The host's I2C controller on the virtual bus: it clocks transfers to and from the device's target, one after the other. */
import { RigError } from '../../rig/errors.js';
import type { I2cController } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import { type DurationUs, us } from '../../rig/time/units.js';
import type { TransferFault } from '../../rig/wire-faults.js';
import { asTransferred, TransferFaults } from './transfer-faults.js';

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

/** What is wrong with the bus. */
export interface BusTrouble {
  readonly ofHost: TransferFaults;
  readonly stretchUs: DurationUs;
  isLow(wire: 'scl' | 'sda'): boolean;
}

export interface ControllerSettings {
  readonly hertz?: number;
  readonly trouble?: BusTrouble;
}

const NO_TROUBLE: BusTrouble = { ofHost: new TransferFaults(), stretchUs: us(0), isLow: () => false };

export class VirtualI2cController implements I2cController {
  readonly role = 'controller';
  private readonly clock: Clock;
  private readonly bus: TargetBus;
  private readonly hertz: number;
  private readonly trouble: BusTrouble;
  private lastTransfer: Promise<unknown> = Promise.resolve();
  private readonly closing = new AbortController();

  constructor(
    clock: Clock,
    bus: TargetBus,
    { hertz = BUS_HZ, trouble = NO_TROUBLE }: ControllerSettings = {},
  ) {
    this.clock = clock;
    this.bus = bus;
    this.hertz = hertz;
    this.trouble = trouble;
  }

  read(address: number, lengthBytes: number): Promise<Uint8Array> {
    return this.inTurn(async () => {
      requireBytes(lengthBytes);
      const fault = await this.address(address, lengthBytes);
      await this.clockBytes(lengthBytes);
      this.requireFreeBus();
      const answer = await this.bus.readTarget(address, lengthBytes);
      return asTransferred(answer?.bytes ?? new Uint8Array(lengthBytes).fill(IDLE_BUS_BYTE), fault);
    });
  }

  write(address: number, bytes: Uint8Array): Promise<void> {
    const sent = bytes.slice();
    return this.inTurn(async () => {
      requireBytes(sent.length);
      const fault = await this.address(address, sent.length);
      await this.clockBytes(sent.length);
      this.requireFreeBus();
      const arriving = asTransferred(sent, fault);
      const acknowledged = (await this.bus.writeTarget(address, arriving))?.acknowledged ?? 0;
      if (acknowledged < sent.length) throw notAcknowledged(address, `byte ${acknowledged + 1}`);
    });
  }

  /** Rejects the transfers under way; later ones reject as well. */
  close(): void {
    this.closing.abort();
  }

  /** Begins a transfer of so many bytes; what is to go wrong with the rest of it. */
  private async address(address: number, lengthBytes: number): Promise<TransferFault> {
    const fault = this.trouble.ofHost.next(lengthBytes);
    this.requireFreeBus();
    const { stretchUs } = this.trouble;
    if (stretchUs > 0) await this.clock.sleep('stretched I2C clock', stretchUs, this.closing.signal);
    await this.clockBytes(1);
    if (fault.kind === 'nack' || !this.bus.answersAt(address)) throw notAcknowledged(address, 'its address');
    return fault;
  }

  /** A controller whose lines somebody holds low has lost the bus (UM10204 §3.1.8). */
  private requireFreeBus(): void {
    for (const wire of ['scl', 'sda'] as const) {
      if (!this.trouble.isLow(wire)) continue;
      throw new RigError('PROTOCOL', `The I2C bus is not free: somebody holds ${wire} low.`);
    }
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
