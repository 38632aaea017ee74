/**
 * The air between one device and its access point: carries segments both ways with latency, or loses them.
 * It keeps their order, as a WLAN does, and says nothing about what it lost.
 */
import type { Impairment } from '../../../rig/ports.js';
import type { Random } from '../../../rig/random.js';
import type { Clock } from '../../../rig/time/clock.js';
import { type DurationUs, type InstantUs, instant, ms, ORIGIN, us } from '../../../rig/time/units.js';

export interface RadioOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly latencyUs?: DurationUs;
  /** Added to each latency: uniform between 0 and this. */
  readonly jitterUs?: DurationUs;
}

/** One way over a quiet WLAN with the station's power saving off: a ping takes about 4 to 8 ms. */
export const DEFAULT_LATENCY = ms(2);
export const DEFAULT_JITTER = ms(2);

export type Heading = 'toDevice' | 'toHost';

export class Radio {
  /** The station is associated with an access point that is on. Kept by the station and the access point. */
  associated = false;
  /** The device's network interface is up and has an address; it may not know yet that the air is dead. */
  interfaceUp = false;
  /** A fault: everything is lost, though the station stays associated. */
  silent = false;
  /** The device's WiFi stack is deadlocked: it hears nothing, and what it sends is as good as lost. */
  deaf = false;
  /** A fault: what is lost and delayed beyond what the air itself does. */
  impairment: Impairment | undefined;
  private readonly latencyUs: DurationUs;
  private readonly jitterUs: DurationUs;
  private readonly clock: Clock;
  private readonly random: Random;
  /** A stream of its own: what a fault draws shifts nothing else. */
  private readonly faultRandom: Random;
  private readonly lastArrivalUs: Record<Heading, InstantUs> = { toDevice: ORIGIN, toHost: ORIGIN };

  constructor(options: RadioOptions) {
    this.clock = options.clock;
    this.random = options.random.fork('radio');
    this.faultRandom = options.random.fork('impairment');
    this.latencyUs = options.latencyUs ?? DEFAULT_LATENCY;
    this.jitterUs = options.jitterUs ?? DEFAULT_JITTER;
  }

  get carries(): boolean {
    return this.associated && this.interfaceUp && !this.silent && !this.deaf;
  }

  /** Sends something on its way; `deliver` runs when it arrives, unless it is lost now or on the way. */
  carry(heading: Heading, deliver: () => void): void {
    if (!this.carries) return;
    const added = this.addedDelay();
    if (added === undefined) return;
    const delayUs = this.latencyUs + Math.round(this.random.next() * this.jitterUs) + added;
    const arrivalUs = instant(Math.max(this.clock.now() + delayUs, this.lastArrivalUs[heading]));
    this.lastArrivalUs[heading] = arrivalUs;
    this.clock.at('radio', arrivalUs, () => {
      if (this.carries) deliver();
    });
  }

  /** What the fault adds to a segment's latency; undefined when it loses the segment. */
  private addedDelay(): DurationUs | undefined {
    if (this.impairment === undefined) return us(0);
    const { loss, latencyUs, jitterUs } = this.impairment;
    if (this.faultRandom.next() < loss) return undefined;
    return us(Math.max(0, Math.round(latencyUs + (2 * this.faultRandom.next() - 1) * jitterUs)));
  }

  /** True when an exchange of `packets` packets comes to nothing, for whoever does not send them one by one. */
  losesOneOf(packets: number): boolean {
    if (this.silent) return true;
    const loss = this.impairment?.loss ?? 0;
    return loss > 0 && this.faultRandom.next() >= (1 - loss) ** packets;
  }
}
