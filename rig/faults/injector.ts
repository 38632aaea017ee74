/**
 * Injects faults, proves each by another instrument than the one that made it, and waits for recovery. A fault
 * that cannot be proved makes the run INVALID; a link that does not recover within the limit fails it.
 */
import { RigError } from '../errors.js';
import type { AccessPoint, BenchPorts, BusLines, Impairment } from '../ports.js';
import type { Random } from '../random.js';
import type { FaultControl, FaultTimes } from '../run/scenario.js';
import type { ServerBreak } from '../server/breakable-network.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, elapsed, type InstantUs, later, toMs, toSeconds } from '../time/units.js';
import { AirProofs, type AirSightings } from './air-proofs.js';
import { BoardProofs, type BoardSightings } from './board-proofs.js';
import type { ActiveFault, FaultLog } from './fault-log.js';
import { LinkFaults, type Start } from './link-faults.js';
import type { Credentials, LinkHandle } from './link-handle.js';
import type { LinkSightings } from './link-sightings.js';
import { OldClock } from './old-clock.js';
import { type LineFate, OversizeLines } from './oversize-line.js';
import { type HangPlace, type ProgramDeath, ProgramFaults, type ProgramSightings } from './program-faults.js';
import { awaitRecovery } from './recovery.js';
import { StartFaults, type StartRecord } from './start-faults.js';
import { type TlsTrial, TlsTrials, type TlsTrialsOutcome } from './tls-trials.js';
import { type Flood, UnreadFlood } from './unread-flood.js';
import { type WireFault, WireNoise } from './wire-noise.js';
import type { WrongBoot } from './wrong-boot.js';

/** What the injector needs to see of the rest of the rig. */
export interface Sightings extends AirSightings, BoardSightings {
  /** The server has a connection of the device that stands. */
  serverUp(): boolean;
}

export interface InjectorOptions {
  readonly clock: Clock;
  readonly ports: BenchPorts;
  readonly log: FaultLog;
  readonly sightings: Sightings;
  readonly link: LinkHandle;
  readonly lines: LinkSightings;
  readonly program: ProgramSightings;
  /** Aborts every wait. */
  readonly signal: AbortSignal;
  readonly device: StartRecord;
}

export class FaultInjector implements FaultControl {
  private readonly options: InjectorOptions;
  private readonly air: AirProofs;
  private readonly board: BoardProofs;
  private readonly link: LinkFaults;

  constructor(options: InjectorOptions) {
    this.options = options;
    this.air = new AirProofs(options);
    this.board = new BoardProofs(options);
    this.link = new LinkFaults(options);
  }

  async wifiOutage(duration: DurationUs): Promise<FaultTimes> {
    const accessPoint = this.require('accessPoint');
    const { log } = this.options;
    const fault = log.inject('wifi-outage', `access point off for ${toSeconds(duration)} s`);
    const until = later(fault.injectedUs, duration);
    await this.whileBroken(
      accessPoint,
      () => accessPoint.off(),
      async () => {
        await this.air.silence(fault, until, 'check that the access point really went off');
        await this.sleepUntil(until);
      },
    );
    log.cleared(fault);
    return await this.recovery(fault);
  }

  async stationKick(): Promise<FaultTimes> {
    const { log } = this.options;
    const accessPoint = this.require('accessPoint');
    const kick = this.able('kick', accessPoint.kick?.bind(accessPoint));
    const stations = accessPoint.stations?.bind(accessPoint);
    const before = await stations?.();
    const fault = log.inject('wifi-kick', 'the access point throws the device out');
    await kick();
    log.cleared(fault);
    await this.air.kick(fault, stations, before);
    this.connectionMayStand();
    return await this.recovery(fault);
  }

  async silentLoss(duration: DurationUs): Promise<FaultTimes> {
    const { log } = this.options;
    const accessPoint = this.require('accessPoint');
    const silence = this.able('silence', accessPoint.silence?.bind(accessPoint));
    const fault = log.inject(
      'wifi-blackhole',
      `every packet of the device lost for ${toSeconds(duration)} s`,
    );
    const until = later(fault.injectedUs, duration);
    await this.whileBroken(accessPoint, silence, async () => {
      await this.air.silence(fault, until, 'check that the packets which are lost are those of the device');
      await this.sleepUntil(until);
    });
    log.cleared(fault);
    this.connectionMayStand();
    return await this.recovery(fault);
  }

  async degradedLink(duration: DurationUs, impairment: Impairment): Promise<FaultTimes> {
    const { log, sightings } = this.options;
    const accessPoint = this.require('accessPoint');
    const degrade = this.able('degrade', accessPoint.degrade?.bind(accessPoint));
    const { loss, latencyUs, jitterUs } = impairment;
    const fault = log.inject(
      'wifi-degraded',
      `each way ${+(loss * 100).toFixed(2)} % of packets lost, ${toMs(latencyUs)} ± ${toMs(jitterUs)} ms added, ` +
        `for ${toSeconds(duration)} s`,
    );
    const until = later(fault.injectedUs, duration);
    try {
      await this.whileBroken(
        accessPoint,
        () => degrade(impairment),
        async () => {
          sightings.transits.begin(this.options.clock.now());
          await this.air.degradation(fault, until, impairment);
          await this.sleepUntil(until);
        },
      );
    } finally {
      sightings.transits.end();
    }
    log.cleared(fault);
    this.connectionMayStand();
    return await this.recovery(fault);
  }

  async powerCut(duration: DurationUs): Promise<FaultTimes> {
    const power = this.require('power');
    const { log } = this.options;
    const fault = log.inject('power-cut', `supply off for ${toMs(duration)} ms`);
    const until = later(fault.injectedUs, duration);
    await power.off();
    try {
      await this.board.railOff(fault, power);
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
    await this.board.romMessage(fault);
    return await this.recovery(fault);
  }

  serverOutage(how: ServerBreak, duration: DurationUs): Promise<FaultTimes> {
    return this.link.serverOutage(how, duration);
  }

  startWithout(...starts: readonly Start[]): Promise<FaultTimes> {
    return this.link.startWithout(...starts);
  }

  unreadFlood(flood: Flood): Promise<FaultTimes> {
    return new UnreadFlood(this.options).run(flood);
  }

  restart(credentials: Credentials): Promise<FaultTimes> {
    return this.link.restart(credentials);
  }

  async oversizeLine(lengthBytes: number): Promise<FaultTimes & { readonly fate: LineFate }> {
    const { log } = this.options;
    const { fault, fate } = await new OversizeLines(this.options).send(lengthBytes);
    log.cleared(fault);
    this.connectionMayStand();
    return { ...(await this.recovery(fault)), fate };
  }

  async brownOut(duration: DurationUs): Promise<FaultTimes> {
    const power = this.require('power');
    const sag = power.sag?.bind(power);
    if (sag === undefined) {
      throw new RigError('BENCH', "The bench's supply cannot sag; the scenario needs that.");
    }
    return await this.starts().brownOut(power, sag, duration);
  }

  async strapHeld(line: keyof BusLines, duration: DurationUs): Promise<FaultTimes> {
    return await this.starts().strapHeld(this.require('bus'), this.require('reset'), line, duration);
  }

  async wrongBoot(kind: WrongBoot, duration: DurationUs): Promise<FaultTimes> {
    return await this.starts().wrongBoot(kind, duration);
  }

  private starts(): StartFaults {
    return new StartFaults({ ...this.options, console: this.require('console') });
  }

  async wireFault(fault: WireFault): Promise<FaultTimes> {
    const active = await new WireNoise(this.options).make(fault, this.require('wires'));
    this.options.log.cleared(active);
    this.connectionMayStand();
    return await this.recovery(active);
  }

  appCrash(question?: string): Promise<ProgramDeath> {
    return new ProgramFaults(this.options).crash(question);
  }

  hang(place: HangPlace, withWatchdog: boolean): Promise<ProgramDeath> {
    return new ProgramFaults(this.options).hang(place, withWatchdog);
  }

  oldClock(remaining: DurationUs): Promise<FaultTimes | undefined> {
    return new OldClock(this.options).start(remaining, this.require('reset'));
  }

  tlsTrials(trials: readonly TlsTrial[], random: Random): Promise<FaultTimes & TlsTrialsOutcome> {
    return new TlsTrials(this.options).run(trials, random);
  }

  leakMemory(bytes: number): Promise<void> {
    return this.require('memory').leak(bytes);
  }

  /** Breaks something, and makes it whole whatever happens meanwhile. */
  private async whileBroken(
    accessPoint: AccessPoint,
    breakIt: () => Promise<void>,
    meanwhile: () => Promise<void>,
  ): Promise<void> {
    try {
      await breakIt();
      await meanwhile();
    } finally {
      await accessPoint.on();
    }
  }

  /**
   * A connection that outlived the fault need not come up again; should it break yet, that step is taken back. One from
   * before the client rebooted the device has not outlived it: the server does not know yet.
   */
  private connectionMayStand(): void {
    const { log, sightings, lines } = this.options;
    const rebootUs = lines.lastReboot()?.atUs;
    const isOfThisBoot = rebootUs === undefined || (sightings.lastConnectionUs() ?? 0) >= rebootUs;
    if (sightings.serverUp() && isOfThisBoot) log.seen('server up');
  }

  private recovery(fault: ActiveFault): Promise<FaultTimes> {
    return awaitRecovery(fault, this.options);
  }

  private async sleepUntil(until: InstantUs): Promise<void> {
    const left = elapsed(this.options.clock.now(), until);
    if (left > 0) await this.sleep(left);
  }

  private sleep(duration: DurationUs): Promise<void> {
    return this.options.clock.sleep('fault', duration, this.options.signal);
  }

  /** A fault that not every access point can make. */
  private able<Fault>(name: string, fault: Fault | undefined): Fault {
    if (fault !== undefined) return fault;
    throw new RigError(
      'BENCH',
      `The bench's access point cannot ${name}; the scenario needs that. Its driver, or a command in its section of ` +
        'the bench file, decides what it can.',
    );
  }

  private require<Name extends keyof BenchPorts>(name: Name): NonNullable<BenchPorts[Name]> {
    const port = this.options.ports[name];
    if (port === undefined) throw new RigError('BENCH', `The bench has no ${name}; the scenario needs one.`);
    return port;
  }
}
