/**
 * Injects faults, proves each by another instrument than the one that made it, and waits for recovery. A fault
 * that cannot be proved makes the run INVALID; a link that does not recover within the limit fails it.
 */
import { RigError } from '../errors.js';
import type { BenchPorts, RailReading } from '../ports.js';
import type { FaultControl, FaultTimes } from '../run/scenario.js';
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
import { fallText, isRailOff, stayText } from './rail.js';

/** From the end of a fault to fresh messages on every stream. Far above any recovery of a healthy link. */
export const RECOVERY_LIMIT: DurationUs = seconds(180);
/** The ROM prints its message within 100 ms of the release of reset; USB serial adapters add some. */
export const ROM_MESSAGE_LIMIT: DurationUs = seconds(2);
const RAIL_FALL_LIMIT: DurationUs = seconds(2);
const RAIL_POLL: DurationUs = ms(5);
const SILENCE_POLL: DurationUs = ms(50);

/** What the injector needs to see of the rest of the rig. */
export interface Sightings {
  /** When the server last received anything from the device. */
  lastHeardUs(): InstantUs | undefined;
  /** When the console last showed a ROM message, and the cause that it gave. */
  lastRom(): { readonly atUs: InstantUs; readonly cause: number } | undefined;
  /** The link's timeout: the device sends something every quarter of it. */
  readonly linkTimeout: DurationUs;
}

export interface InjectorOptions {
  readonly clock: Clock;
  readonly ports: BenchPorts;
  readonly log: FaultLog;
  readonly sightings: Sightings;
  /** Aborts every wait. */
  readonly signal: AbortSignal;
}

export class FaultInjector implements FaultControl {
  private readonly options: InjectorOptions;

  constructor(options: InjectorOptions) {
    this.options = options;
  }

  async wifiOutage(duration: DurationUs): Promise<FaultTimes> {
    const accessPoint = this.require('accessPoint');
    const { log } = this.options;
    const fault = log.inject('wifi-outage', `access point off for ${toSeconds(duration)} s`);
    const until = later(fault.injectedUs, duration);
    await accessPoint.off();
    try {
      await this.proveSilence(fault, until);
      await this.sleepUntil(until);
    } finally {
      await accessPoint.on();
    }
    log.cleared(fault);
    return await this.recovery(fault);
  }

  async powerCut(duration: DurationUs): Promise<FaultTimes> {
    const power = this.require('power');
    const { log } = this.options;
    const fault = log.inject('power-cut', `supply off for ${toMs(duration)} ms`);
    const until = later(fault.injectedUs, duration);
    await power.off();
    try {
      await this.proveRailOff(fault);
      await this.sleepUntil(until);
    } finally {
      await power.on();
    }
    log.cleared(fault);
    return await this.recovery(fault);
  }

  async resetPress(pulse: DurationUs): Promise<FaultTimes> {
    const reset = this.require('reset');
    const { log } = this.options;
    const fault = log.inject('reset-press', `reset held low for ${toMs(pulse)} ms`);
    await reset.press(pulse);
    log.cleared(fault);
    await this.proveRomMessage(fault);
    return await this.recovery(fault);
  }

  /** The device must send every quarter of the timeout: hearing nothing for twice that is its absence. */
  private async proveSilence(fault: ActiveFault, until: InstantUs): Promise<void> {
    const { clock, log, sightings } = this.options;
    const silence = (sightings.linkTimeout / 2) as DurationUs;
    while (clock.now() < until) {
      const heard = sightings.lastHeardUs() ?? fault.injectedUs;
      const silentFor = elapsed(latest(heard, fault.injectedUs), clock.now());
      if (silentFor >= silence) {
        log.proved(fault, `the server heard nothing for ${Math.round(toMs(silentFor))} ms`);
        return;
      }
      await this.sleep(SILENCE_POLL);
    }
    throw unproved(
      fault,
      'the server still heard the device at its end; check that the access point really went off',
    );
  }

  private async proveRailOff(fault: ActiveFault): Promise<void> {
    const { clock, log } = this.options;
    const power = this.require('power');
    const limit = later(clock.now(), RAIL_FALL_LIMIT);
    let reading: RailReading | undefined;
    while (clock.now() < limit) {
      reading = await power.rail();
      if (reading === undefined) {
        throw unproved(
          fault,
          'the bench has no instrument on the supply rail; add a sense to its power section',
        );
      }
      if (isRailOff(reading)) {
        log.proved(fault, fallText(reading));
        return;
      }
      await this.sleep(RAIL_POLL);
    }
    throw unproved(fault, `${stayText(reading)}; look for back-feeding through signal lines`);
  }

  private async proveRomMessage(fault: ActiveFault): Promise<void> {
    const { clock, log, sightings } = this.options;
    const limit = later(clock.now(), ROM_MESSAGE_LIMIT);
    while (clock.now() < limit) {
      const rom = sightings.lastRom();
      if (rom !== undefined && rom.atUs >= fault.injectedUs) {
        log.proved(fault, `the ROM printed rst cause:${rom.cause}`);
        return;
      }
      await this.sleep(RAIL_POLL);
    }
    throw unproved(fault, 'no ROM message was seen on the console; check the reset wire and the console');
  }

  /** Waits until the fault is over. Rejects with `TIMEOUT` when the link does not recover. */
  private async recovery(fault: ActiveFault): Promise<FaultTimes> {
    const { clock, log, signal } = this.options;
    if (fault.recoveredUs !== undefined) return fault.times();
    await new Promise<void>((resolve, reject) => {
      const settle = () => {
        timer.cancel();
        signal.removeEventListener('abort', abort);
      };
      const abort = () => {
        settle();
        reject(new RigError('CANCELLED', 'The wait for recovery was cancelled.'));
      };
      const timer = clock.at('recovery limit', later(clock.now(), RECOVERY_LIMIT), () => {
        settle();
        log.abandon();
        reject(notRecovered(fault));
      });
      fault.onRecovered = () => {
        settle();
        resolve();
      };
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    });
    return fault.times();
  }

  private async sleepUntil(until: InstantUs): Promise<void> {
    const left = elapsed(this.options.clock.now(), until);
    if (left > 0) await this.sleep(left);
  }

  private sleep(duration: DurationUs): Promise<void> {
    return this.options.clock.sleep('fault', duration, this.options.signal);
  }

  private require<Name extends keyof BenchPorts>(name: Name): NonNullable<BenchPorts[Name]> {
    const port = this.options.ports[name];
    if (port === undefined) throw new RigError('BENCH', `The bench has no ${name}; the scenario needs one.`);
    return port;
  }
}

function unproved(fault: ActiveFault, why: string): RigError {
  return new RigError('INVALID', `Fault ${fault.number} (${fault.kind}) was not proved: ${why}.`);
}

function notRecovered(fault: ActiveFault): RigError {
  const seen = [...fault.steps.keys()].join(', ') || 'nothing';
  return new RigError(
    'TIMEOUT',
    `The link did not recover from fault ${fault.number} (${fault.kind}) within ` +
      `${toSeconds(RECOVERY_LIMIT)} s. Seen of it: ${seen}.`,
  );
}
