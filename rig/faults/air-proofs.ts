/**
 * Proofs that something happened to the air between device and access point, each from what the rig's server, its client
 * or the device itself saw: never from what the access point says of itself.
 */
import type { AccessPoint, Impairment } from '../ports.js';
import type { Clock } from '../time/clock.js';
import {
  type DurationUs,
  elapsed,
  type InstantUs,
  later,
  latest,
  ms,
  seconds,
  toMs,
  toSeconds,
} from '../time/units.js';
import type { ActiveFault, FaultLog } from './fault-log.js';
import type { TransitWatch } from './transit-watch.js';
import { unproved } from './unproved.js';

/** What the rest of the rig has seen of the link. */
export interface AirSightings {
  /** When the server last received anything from the device. */
  lastHeardUs(): InstantUs | undefined;
  /** When a connection last arrived at the server. */
  lastConnectionUs(): InstantUs | undefined;
  /** When the device last said that it had lost its server. */
  lastDownUs(): InstantUs | undefined;
  readonly transits: TransitWatch;
  /** The link's timeout: the device sends something every quarter of it. */
  readonly linkTimeout: DurationUs;
}

export interface AirProofsOptions {
  readonly clock: Clock;
  readonly log: FaultLog;
  readonly sightings: AirSightings;
  readonly signal: AbortSignal;
}

const POLL: DurationUs = ms(50);
/** A device that was thrown out shows it within this, if at all. */
export const KICK_PROOF_LIMIT: DurationUs = seconds(10);
/** So many messages under an added latency, none of them faster than it allows, are no chance. */
const PROVING_MESSAGES = 3;
/** An added latency below this drowns in what a message takes anyway. */
const LEAST_PROVABLE_LATENCY: DurationUs = ms(40);

export class AirProofs {
  private readonly options: AirProofsOptions;

  constructor(options: AirProofsOptions) {
    this.options = options;
  }

  /** The device must send every quarter of the timeout: hearing nothing for twice that is its absence. */
  async silence(fault: ActiveFault, until: InstantUs, hint: string): Promise<void> {
    const isProved = await this.poll(until, () => this.provenSilence(fault));
    if (!isProved) throw unproved(fault, `the server still heard the device at its end; ${hint}`);
  }

  /**
   * A device that was thrown out falls silent while it joins again, says that it lost its server, or connects anew.
   * One that is too fast for all of this is seen to join again, if the access point tells its stations; `before` are
   * those that it had.
   */
  async kick(
    fault: ActiveFault,
    stations: AccessPoint['stations'],
    before: readonly string[] | undefined,
  ): Promise<void> {
    const { clock, sightings } = this.options;
    const gone = new Set<string>();
    const isProved = await this.poll(later(clock.now(), KICK_PROOF_LIMIT), async () => {
      if (this.provenSilence(fault)) return true;
      if (since(fault, sightings.lastDownUs()))
        return this.proved(fault, 'the device said that it had lost its server');
      if (since(fault, sightings.lastConnectionUs())) return this.proved(fault, 'the device connected anew');
      const now = await stations?.();
      if (now === undefined || before === undefined) return false;
      if (now.some((station) => gone.has(station))) {
        return this.proved(fault, 'the device left the list of stations and joined again');
      }
      for (const station of before) if (!now.includes(station)) gone.add(station);
      return false;
    });
    if (isProved) return;
    throw unproved(
      fault,
      `in ${toSeconds(KICK_PROOF_LIMIT)} s the device neither fell silent nor said or showed that it had lost the network; ` +
        'check that it is a station of this access point',
    );
  }

  /**
   * An added latency shows in messages, none of which is faster any more than it allows. A loss shows in a silence: what is
   * lost is only sent again after a while. Where both were asked for, the silence has to do if no messages come through.
   */
  async degradation(fault: ActiveFault, until: InstantUs, impairment: Impairment): Promise<void> {
    const { linkTimeout } = this.options.sightings;
    const leastAddedUs = impairment.latencyUs - impairment.jitterUs;
    const byLatency = leastAddedUs >= LEAST_PROVABLE_LATENCY;
    let longestUs = 0;
    const isProved = await this.poll(until, () => {
      longestUs = Math.max(longestUs, this.silentFor(fault));
      return byLatency ? this.provenLatency(fault, leastAddedUs) : this.provenSilence(fault);
    });
    if (isProved || (impairment.loss > 0 && longestUs >= linkTimeout / 2)) {
      if (!isProved) this.proved(fault, silenceText(longestUs));
      return;
    }
    throw unproved(
      fault,
      byLatency
        ? `${this.transitText()}; check that the added latency is on the device's packets`
        : 'the server was never without news of the device for long; more loss, a longer fault or an added latency above ' +
            `${toMs(LEAST_PROVABLE_LATENCY)} ms would show`,
    );
  }

  private provenSilence(fault: ActiveFault): boolean {
    const silentFor = this.silentFor(fault);
    if (silentFor < this.options.sightings.linkTimeout / 2) return false;
    return this.proved(fault, silenceText(silentFor));
  }

  /** Since the fault, how long the server has heard nothing. */
  private silentFor(fault: ActiveFault): DurationUs {
    const { clock, sightings } = this.options;
    const heardUs = sightings.lastHeardUs() ?? fault.injectedUs;
    return elapsed(latest(heardUs, fault.injectedUs), clock.now());
  }

  private provenLatency(fault: ActiveFault, leastAddedUs: number): boolean {
    const { before, during } = this.options.sightings.transits;
    // Half: the end of an exchange is noted some time after the device has begun to send.
    const isSlow = during.count >= PROVING_MESSAGES && during.fastestUs >= leastAddedUs / 2;
    const wasFast = before.count >= PROVING_MESSAGES && before.fastestUs < leastAddedUs / 2;
    return isSlow && wasFast ? this.proved(fault, this.transitText()) : false;
  }

  private transitText(): string {
    const { before, during } = this.options.sightings.transits;
    const text = ({ count, fastestUs }: typeof before) =>
      count === 0
        ? 'there were no messages'
        : `the fastest of ${count} messages took ${Math.round(fastestUs / 1_000)} ms`;
    return `${text(during)}; before, ${text(before)}`;
  }

  private proved(fault: ActiveFault, evidence: string): true {
    this.options.log.proved(fault, evidence);
    return true;
  }

  /** Looks again and again; false when `until` has come. */
  private async poll(until: InstantUs, isProved: () => boolean | Promise<boolean>): Promise<boolean> {
    const { clock, signal } = this.options;
    while (clock.now() < until) {
      if (await isProved()) return true;
      await clock.sleep('fault', POLL, signal);
    }
    return false;
  }
}

const silenceText = (silentForUs: number): string =>
  `the server heard nothing for ${Math.round(silentForUs / 1_000)} ms`;

/** True for something that happened after the fault was injected. */
const since = (fault: ActiveFault, atUs: InstantUs | undefined): boolean =>
  atUs !== undefined && atUs >= fault.injectedUs;
