/** `I2cTarget` on the BSC slave: when it is on and off, and who uses it. */
import { RigError } from '../../../rig/errors.js';
import type { I2cTarget } from '../../../rig/ports.js';
import type { Clock } from '../../../rig/time/clock.js';
import type { DurationUs } from '../../../rig/time/units.js';
import type { Opened } from '../device.js';
import { Turns } from '../turns.js';
import type { Prefetch } from './bsc-counts.js';
import { emptyFifos, measurePrefetch } from './bsc-empty.js';
import { BscFifos } from './bsc-fifos.js';
import type { BscPins } from './bsc-host.js';
import type { BscLink } from './bsc-link.js';
import { answering, MAX_CALL_BYTES, OFF } from './bsc-registers.js';
import { Visits } from './refill-window.js';

export interface BscTarget extends I2cTarget {
  /** The lines of the bus, by their BCM numbers. */
  readonly pins: BscPins;
  /** The longest time between two visits to the FIFOs while they were served; `highestBusHz` tells for which bus it does. */
  readonly worstInterval: DurationUs;
}

export class BscPort implements Opened<BscTarget> {
  readonly role = 'target';
  readonly pins: BscPins;
  private readonly link: BscLink;
  private readonly clock: Clock;
  private readonly visits: Visits;
  private readonly turns = new Turns('I2C target');
  /** While it is enabled. */
  private fifos: BscFifos | undefined;
  private prefetch: Prefetch | undefined;
  private mayBeOn = false;
  private isClosed = false;

  constructor(link: BscLink, clock: Clock, pins: BscPins) {
    this.link = link;
    this.clock = clock;
    this.pins = pins;
    this.visits = new Visits(clock);
  }

  get worstInterval(): DurationUs {
    return this.visits.worstInterval;
  }

  async enable(address: number): Promise<void> {
    await this.disable();
    await this.turns.take(async () => {
      this.mayBeOn = true;
      try {
        this.fifos = await this.switchOn(address);
      } catch (error) {
        await this.link.transfer(OFF).catch(() => undefined);
        throw error;
      }
      this.requireOpen();
    });
  }

  async disable(): Promise<void> {
    this.requireOpen();
    this.forget();
    await this.interrupt();
    await this.turns.take(() => this.switchOff());
  }

  async armTransmit(bytes: Uint8Array): Promise<void> {
    const payload = Uint8Array.from(bytes);
    requireLength(payload.length);
    await this.whenEnabled((fifos) => fifos.transmit(payload));
  }

  async armReceive(lengthBytes: number): Promise<void> {
    requireLength(lengthBytes);
    await this.whenEnabled((fifos) => fifos.receive(lengthBytes));
  }

  received(): Promise<Uint8Array> {
    return this.whenEnabled((fifos) => fifos.received());
  }

  /** Switches the peripheral off where it may be on, and lets go of it. Rejects with `BENCH` when that fails. */
  close(): Promise<void> {
    if (!this.isClosed) {
      this.isClosed = true;
      this.forget();
      // Where this fails, so does what follows, and tells.
      this.interrupt().catch(() => undefined);
    }
    return this.turns.close(async () => {
      try {
        if (this.mayBeOn) await this.switchOff();
      } finally {
        this.link.close();
      }
    });
  }

  private async switchOn(address: number): Promise<BscFifos> {
    const { link, clock, turns, visits } = this;
    this.prefetch ??= await measurePrefetch(link, address);
    await emptyFifos(link, address);
    await link.transfer(answering(address));
    return new BscFifos({ link, clock, turns, visits, address, prefetch: this.prefetch });
  }

  private async switchOff(): Promise<void> {
    // It may have been switched on in the turn before this one.
    this.forget();
    await this.link.revive();
    await this.link.transfer(OFF);
    this.mayBeOn = false;
  }

  /** Ends a call that the peripheral keeps busy; it would keep everybody else waiting. */
  private async interrupt(): Promise<void> {
    if (this.link.isOpen) await this.link.interrupt();
  }

  private forget(): void {
    this.fifos?.drop();
    this.fifos = undefined;
  }

  private whenEnabled<T>(use: (fifos: BscFifos) => Promise<T>): Promise<T> {
    return this.turns.take(async () => {
      const result = await use(this.requireEnabled());
      // Closed or disabled meanwhile, it did not do what was asked.
      this.requireEnabled();
      return result;
    });
  }

  private requireOpen(): void {
    if (this.isClosed) throw new RigError('CLOSED', 'The I2C target is closed.');
  }

  private requireEnabled(): BscFifos {
    this.requireOpen();
    if (this.fifos !== undefined) return this.fifos;
    throw new RigError('BENCH', 'The I2C target is not enabled: call enable() first.');
  }
}

function requireLength(lengthBytes: number): void {
  if (Number.isInteger(lengthBytes) && lengthBytes >= 0 && lengthBytes <= MAX_CALL_BYTES) return;
  throw new RigError('USAGE', `The BSC is armed for 0 to ${MAX_CALL_BYTES} bytes, not ${lengthBytes}.`);
}
