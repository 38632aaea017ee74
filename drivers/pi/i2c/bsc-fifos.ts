/**
 * What is armed in the FIFOs of an enabled BSC. What fits them is in place before anything is clocked; of more, the rest
 * is fed, and what comes in is taken out, while the controller clocks. Where the host may have been too slow for that, the
 * next call rejects with `INVALID`.
 */
import { RigError } from '../../../rig/errors.js';
import type { Clock } from '../../../rig/time/clock.js';
import { type DurationUs, type InstantUs, later, ORIGIN, seconds } from '../../../rig/time/units.js';
import type { Turns } from '../turns.js';
import { type Prefetch, Reception, Transmission } from './bsc-counts.js';
import { emptyFifos } from './bsc-empty.js';
import type { BscLink } from './bsc-link.js';
import { answering } from './bsc-registers.js';
import type { Visits } from './refill-window.js';

/** The FIFOs are served for this long after something was armed: longer than the client waits for the device. */
const SERVING_SPAN: DurationUs = seconds(2);

export interface BscFifosOptions {
  readonly link: BscLink;
  readonly clock: Clock;
  /** Whoever uses the peripheral takes one; the methods here are called in a turn. */
  readonly turns: Turns;
  readonly visits: Visits;
  readonly address: number;
  readonly prefetch: Prefetch;
}

export class BscFifos {
  private readonly options: BscFifosOptions;
  private transmission: Transmission | undefined;
  private reception = new Reception(0);
  /** What serving failed with, for the next call. */
  private failure: unknown;
  private isServing = false;
  private servingUntilUs: InstantUs = ORIGIN;
  private isDropped = false;

  constructor(options: BscFifosOptions) {
    this.options = options;
  }

  /** Arms `payload` instead of what was armed. */
  async transmit(payload: Uint8Array): Promise<void> {
    const { link, address, prefetch, visits } = this.options;
    await this.settle();
    this.transmission = undefined;
    await emptyFifos(link, address);
    const transmission = new Transmission(payload, prefetch);
    visits.begin();
    const answer = await link.transfer(answering(address), transmission.rest);
    this.reception.note(answer);
    if (!transmission.preload(answer)) throw notInPlace();
    this.transmission = transmission;
    this.startServing();
  }

  /** Takes what is written from now on. */
  async receive(lengthBytes: number): Promise<void> {
    await this.settle();
    this.reception = new Reception(lengthBytes);
    this.options.visits.begin();
    this.startServing();
  }

  /** What was written. */
  async received(): Promise<Uint8Array> {
    await this.settle();
    return this.reception.take(this.options.visits.advice());
  }

  /** The peripheral is no longer enabled: leaves it alone. */
  drop(): void {
    this.isDropped = true;
  }

  /** Serves the FIFOs once, and judges what was armed last: by now the controller has read it, or will not. */
  private async settle(): Promise<void> {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    await this.serve();
    if (this.transmission === undefined || this.transmission.isCertain) return;
    this.transmission = undefined;
    const advice = this.options.visits.advice();
    throw new RigError(
      'INVALID',
      `The BSC's transmit FIFO may have run dry while the controller read. ${advice}`,
    );
  }

  private async serve(): Promise<void> {
    const { link, address, visits } = this.options;
    if (this.needsServing) visits.note();
    const answer = await link.transfer(answering(address), this.transmission?.rest);
    this.transmission?.note(answer);
    this.reception.note(answer);
  }

  private get needsServing(): boolean {
    return !this.isDropped && ((this.transmission?.rest.length ?? 0) > 0 || this.reception.isOpen);
  }

  private startServing(): void {
    const { clock } = this.options;
    this.servingUntilUs = later(clock.now(), SERVING_SPAN);
    if (this.isServing || !this.needsServing) return;
    this.isServing = true;
    void this.keepServing();
  }

  /** Serves as often as it can, until nothing more is to come or to go. */
  private async keepServing(): Promise<void> {
    const { clock, turns } = this.options;
    try {
      while (this.needsServing && clock.now() < this.servingUntilUs) {
        await turns.take(async () => {
          if (this.needsServing) await this.serve();
        });
      }
    } catch (error) {
      this.failure = error;
    } finally {
      this.isServing = false;
    }
  }
}

const notInPlace = (): RigError =>
  new RigError(
    'INVALID',
    "The BSC's transmit FIFO did not take what an empty one takes: the controller was reading while it was armed, or " +
      'another program uses the peripheral.',
  );
