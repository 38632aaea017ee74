/** Faults of the link's own ends: the server is away, or the device starts where something is missing. */
import { RigError } from '../errors.js';
import type { StopReason } from '../link/messages.js';
import type { AccessPoint, BenchPorts } from '../ports.js';
import type { FaultTimes } from '../run/scenario.js';
import type { ServerBreak } from '../server/breakable-network.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, elapsed, type InstantUs, later, ms, seconds, toSeconds } from '../time/units.js';
import type { AirSightings } from './air-proofs.js';
import type { ActiveFault, FaultLog } from './fault-log.js';
import type { Credentials, LinkHandle } from './link-handle.js';
import { awaitRecovery } from './recovery.js';
import { ServerProofs } from './server-proofs.js';
import { unproved } from './unproved.js';
import { showsBy, sleepUntil } from './waits.js';

/** What the device finds when it starts. */
export type Start =
  | { readonly missing: 'server' }
  | { readonly missing: 'access point'; readonly credentials: Credentials }
  | { readonly missing: 'credentials' };

export interface LinkFaultsOptions {
  readonly clock: Clock;
  readonly ports: Pick<BenchPorts, 'accessPoint'>;
  readonly log: FaultLog;
  readonly sightings: AirSightings;
  readonly link: LinkHandle;
  /** Aborts every wait. */
  readonly signal: AbortSignal;
}

const POLL: DurationUs = ms(50);
/** From a reset to the configuration: the device boots and synchronises, after several attempts if need be. */
const CONFIGURED_LIMIT: DurationUs = seconds(60);
/** Two sets of credentials for 20 s each (docs/protocol.md §4), and half as much again: then it will not come. */
export const REPORT_LIMIT: DurationUs = seconds(60);
/** A device that could join would have reached the server by then. */
const ABSENCE: DurationUs = seconds(10);

const WHAT_IT_SAYS: Readonly<Record<Start['missing'], StopReason>> = {
  server: 'bad-server',
  'access point': 'bad-wifi',
  credentials: 'bad-wifi',
};

export class LinkFaults {
  private readonly options: LinkFaultsOptions;
  private readonly proofs: ServerProofs;

  constructor(options: LinkFaultsOptions) {
    this.options = options;
    this.proofs = new ServerProofs(options);
  }

  /** See `FaultControl.serverOutage`. */
  async serverOutage(how: ServerBreak, duration: DurationUs): Promise<FaultTimes> {
    const { log, link } = this.options;
    const fault = log.inject(`server-${how}`, `the server is away (${how}) for ${toSeconds(duration)} s`);
    const until = later(fault.injectedUs, duration);
    try {
      await link.server.break(how);
      await this.proofs.away(fault, until);
      await sleepUntil(this.options, until);
    } finally {
      await link.server.mend();
    }
    log.cleared(fault);
    return await awaitRecovery(fault, this.options);
  }

  /** See `FaultControl.startWithout`. */
  async startWithout(...starts: readonly Start[]): Promise<FaultTimes> {
    const { log, link } = this.options;
    const missing = starts.map(describe).join(', then ');
    const fault = log.inject('bad-start', `the device starts with ${missing}`);
    fault.isOurs = true;
    const reportsUs: (DurationUs | undefined)[] = [];
    const evidence: string[] = [];
    try {
      for (const start of starts) {
        await this.arrange(start);
        const times = await this.start(fault, start);
        reportsUs.push(times.reportUs);
        evidence.push(times.evidence);
      }
      log.proved(fault, evidence.join('; '));
    } finally {
      await this.putRight();
    }
    fault.reportsUs = reportsUs;
    log.cleared(fault);
    // Without a word it does not stop, and nothing makes the client start it again.
    if (reportsUs.at(-1) === undefined) link.restart('the device is to find what it lacked');
    return await awaitRecovery(fault, this.options);
  }

  /** See `FaultControl.restart`. */
  async restart(credentials: Credentials): Promise<FaultTimes> {
    const { log, link } = this.options;
    const fault = log.inject('restart', `the device starts anew with the ${credentials} credentials`);
    fault.isOurs = true;
    try {
      link.tellCredentials(credentials);
      await this.configured(fault);
      log.proved(fault, 'the device synchronised anew, and took its configuration');
      log.cleared(fault);
      return await awaitRecovery(fault, this.options);
    } finally {
      link.tellCredentials('right');
    }
  }

  private async arrange(start: Start): Promise<void> {
    const { link } = this.options;
    if (start.missing === 'server') await link.server.break('refuse');
    if (start.missing === 'access point') {
      link.tellCredentials(start.credentials);
      await this.accessPoint().off();
    }
    if (start.missing === 'credentials') {
      link.tellCredentials('wrong');
      await this.accessPoint().on();
    }
  }

  private async putRight(): Promise<void> {
    const { link, ports } = this.options;
    link.tellCredentials('right');
    await link.server.mend();
    await ports.accessPoint?.on();
  }

  /** Starts the device, and waits for what it says. */
  private async start(
    fault: ActiveFault,
    start: Start,
  ): Promise<{ readonly reportUs: DurationUs | undefined; readonly evidence: string }> {
    const { clock, link } = this.options;
    const configuredUs = await this.configured(fault);
    const until = later(configuredUs, REPORT_LIMIT);
    const isSaid = await this.poll(until, () => link.stopped === WHAT_IT_SAYS[start.missing]);
    const reportUs = isSaid ? elapsed(configuredUs, clock.now()) : undefined;
    return { reportUs, evidence: await this.absence(fault, start, configuredUs) };
  }

  /** Restarts the device. Resolves with when it took its configuration. */
  private async configured(fault: ActiveFault): Promise<InstantUs> {
    const { clock, link } = this.options;
    link.restart(`the scenario starts the device (${fault.kind})`);
    const until = later(clock.now(), CONFIGURED_LIMIT);
    const isDown = await this.poll(until, () => link.state !== 'configured');
    if (isDown && (await this.poll(until, () => link.state === 'configured'))) return clock.now();
    throw new RigError(
      'TIMEOUT',
      `The device did not take its configuration within ${toSeconds(CONFIGURED_LIMIT)} s of its start.`,
    );
  }

  /**
   * Since it was configured, the device has not come through: the server, which is whole, has heard nothing of it for longer
   * than joining takes; or, where it is the server that is away, the device has not called it up.
   */
  private async absence(fault: ActiveFault, start: Start, sinceUs: InstantUs): Promise<string> {
    const { clock, link, sightings } = this.options;
    const isThrough = () =>
      start.missing === 'server' ? link.saysUp : (sightings.lastHeardUs() ?? sinceUs) > sinceUs;
    if (start.missing !== 'server') await this.poll(later(sinceUs, ABSENCE), isThrough);
    if (isThrough()) {
      throw unproved(
        fault,
        `the device got through to the server with ${describe(start)}; does its flash hold what it was not told?`,
      );
    }
    const silentMs = Math.round(elapsed(sinceUs, clock.now()) / 1_000);
    return `with ${describe(start)} the device did not get through to the server for ${silentMs} ms`;
  }

  private accessPoint(): AccessPoint {
    const { accessPoint } = this.options.ports;
    if (accessPoint !== undefined) return accessPoint;
    throw new RigError('BENCH', 'The bench has no accessPoint; the scenario needs one.');
  }

  private poll(until: InstantUs, isThere: () => boolean): Promise<boolean> {
    return showsBy(this.options, until, POLL, isThere);
  }
}

function describe(start: Start): string {
  if (start.missing !== 'access point') return start.missing === 'server' ? 'no server' : 'wrong credentials';
  return `no access point, credentials ${start.credentials}`;
}
