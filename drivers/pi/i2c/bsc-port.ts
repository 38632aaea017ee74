/**
 * `I2cTarget` on the BSC slave. What fits its FIFOs of 16 bytes is in place before anything is clocked; of more, the rest
 * is fed, and what comes in is taken out, while the controller clocks. Where the host may have been too slow for that,
 * the next call rejects with `INVALID`.
 */
import { RigError } from '../../../rig/errors.js';
import type { I2cTarget } from '../../../rig/ports.js';
import type { Clock } from '../../../rig/time/clock.js';
import {
  type DurationUs,
  elapsed,
  type InstantUs,
  later,
  seconds,
  toMs,
  us,
} from '../../../rig/time/units.js';
import type { Opened } from '../device.js';
import { emptyFifos, measurePrefetch } from './bsc-empty.js';
import { type Prefetch, Reception, Transmission } from './bsc-fifo.js';
import type { BscPins } from './bsc-host.js';
import type { BscLink } from './bsc-link.js';
import { answering, MAX_CALL_BYTES, OFF } from './bsc-registers.js';
import { highestBusHz } from './refill-window.js';

/** The FIFOs are served for this long after something was armed: longer than the client waits for the device. */
const SERVING_SPAN: DurationUs = seconds(2);

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
  /** Where it answers, while it is enabled. */
  private address: number | undefined;
  private mayBeOn = false;
  private isClosed = false;
  private prefetch: Prefetch | undefined;
  private transmission: Transmission | undefined;
  private reception = new Reception(0);
  /** What serving the FIFOs failed with, for the next call. */
  private failure: unknown;
  private isServing = false;
  private servingUntilUs: InstantUs | undefined;
  private servedUs: InstantUs | undefined;
  private worstIntervalUs = 0;
  /** The end of the last turn: one user at a time. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(link: BscLink, clock: Clock, pins: BscPins) {
    this.link = link;
    this.clock = clock;
    this.pins = pins;
  }

  async enable(address: number): Promise<void> {
    await this.disable();
    await this.inTurn(async () => {
      this.requireOpen();
      this.mayBeOn = true;
      try {
        this.prefetch ??= await measurePrefetch(this.link, address);
        await emptyFifos(this.link, address);
        await this.link.transfer(answering(address));
      } catch (error) {
        await this.link.transfer(OFF).catch(() => undefined);
        throw error;
      }
      this.requireOpen();
      this.address = address;
    });
  }

  async disable(): Promise<void> {
    this.requireOpen();
    this.forget();
    await this.switchOff();
  }

  async armTransmit(bytes: Uint8Array): Promise<void> {
    const payload = Uint8Array.from(bytes);
    requireLength(payload.length);
    await this.whenEnabled(async (address) => {
      await this.settle(address);
      this.transmission = undefined;
      await emptyFifos(this.link, address);
      const transmission = new Transmission(payload, this.prefetch ?? 0);
      this.servedUs = this.clock.now();
      const answer = await this.link.transfer(answering(address), transmission.rest);
      this.reception.note(answer);
      if (!transmission.preload(answer)) throw notInPlace();
      this.transmission = transmission;
      this.startServing();
    });
  }

  async armReceive(lengthBytes: number): Promise<void> {
    requireLength(lengthBytes);
    await this.whenEnabled(async (address) => {
      await this.settle(address);
      this.reception = new Reception(lengthBytes);
      this.servedUs = this.clock.now();
      this.startServing();
    });
  }

  received(): Promise<Uint8Array> {
    return this.whenEnabled(async (address) => {
      await this.settle(address);
      return this.reception.take(this.advice());
    });
  }

  /** Switches the peripheral off where it may be on, and lets go of it. Rejects with `BENCH` when that fails. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.forget();
    try {
      if (this.mayBeOn) await this.switchOff();
    } finally {
      this.link.close();
    }
  }

  get worstInterval(): DurationUs {
    return us(this.worstIntervalUs);
  }

  private forget(): void {
    this.address = undefined;
    this.transmission = undefined;
    this.reception = new Reception(0);
    this.failure = undefined;
  }

  private async switchOff(): Promise<void> {
    if (this.link.isOpen) await this.link.interrupt();
    await this.inTurn(async () => {
      await this.link.revive();
      await this.link.transfer(OFF);
      this.mayBeOn = false;
    });
  }

  /** Serves the FIFOs once, and judges what was armed last: by now the controller has read it, or will not. */
  private async settle(address: number): Promise<void> {
    await this.serve(address);
    if (this.transmission === undefined || this.transmission.isCertain) return;
    this.transmission = undefined;
    throw new RigError(
      'INVALID',
      `The BSC's transmit FIFO may have run dry while the controller read. ${this.advice()}`,
    );
  }

  private async serve(address: number): Promise<void> {
    const { transmission, reception } = this;
    if (this.needsServing) this.noteVisit();
    const answer = await this.link.transfer(answering(address), transmission?.rest);
    transmission?.note(answer);
    reception.note(answer);
  }

  private get needsServing(): boolean {
    return (this.transmission?.rest.length ?? 0) > 0 || this.reception.isOpen;
  }

  private startServing(): void {
    this.servingUntilUs = later(this.clock.now(), SERVING_SPAN);
    if (this.isServing || !this.needsServing) return;
    this.isServing = true;
    void this.keepServing();
  }

  /** Serves the FIFOs as often as it can, until nothing more is to come or to go. */
  private async keepServing(): Promise<void> {
    try {
      while (this.needsServing && this.clock.now() < (this.servingUntilUs ?? 0)) {
        await this.inTurn(async () => {
          if (this.address === undefined || !this.needsServing) return;
          await this.serve(this.address);
        });
      }
    } catch (error) {
      this.failure = error;
    } finally {
      this.isServing = false;
    }
  }

  private noteVisit(): void {
    const nowUs = this.clock.now();
    if (this.servedUs !== undefined) {
      this.worstIntervalUs = Math.max(this.worstIntervalUs, elapsed(this.servedUs, nowUs));
    }
    this.servedUs = nowUs;
  }

  private advice(): string {
    if (this.worstIntervalUs === 0) return 'Lower the bus frequency of the device.';
    const khz = Math.floor(highestBusHz(this.worstInterval) / 1_000);
    return (
      `This host came back to the FIFOs after ${toMs(this.worstInterval).toFixed(1)} ms at worst, which is soon enough ` +
      `for ${khz} kHz: lower the bus frequency of the device, or what else runs on the host.`
    );
  }

  private whenEnabled<T>(use: (address: number) => Promise<T>): Promise<T> {
    return this.inTurn(async () => {
      const address = this.requireEnabled();
      const failure = this.failure;
      this.failure = undefined;
      if (failure !== undefined) throw failure;
      const result = await use(address);
      // Closed or disabled meanwhile, it did not do what was asked.
      this.requireEnabled();
      return result;
    });
  }

  private inTurn<T>(use: () => Promise<T>): Promise<T> {
    const result = this.turn.then(use);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private requireOpen(): void {
    if (this.isClosed) throw new RigError('CLOSED', 'The I2C target is closed.');
  }

  private requireEnabled(): number {
    this.requireOpen();
    if (this.address !== undefined) return this.address;
    throw new RigError('BENCH', 'The I2C target is not enabled: call enable() first.');
  }
}

function requireLength(lengthBytes: number): void {
  if (Number.isInteger(lengthBytes) && lengthBytes >= 0 && lengthBytes <= MAX_CALL_BYTES) return;
  throw new RigError('USAGE', `The BSC is armed for 0 to ${MAX_CALL_BYTES} bytes, not ${lengthBytes}.`);
}

const notInPlace = (): RigError =>
  new RigError(
    'INVALID',
    "The BSC's transmit FIFO did not take what an empty one takes: the controller was reading while it was armed, or " +
      'another program uses the peripheral.',
  );
