/**
 * The access point that hostapd makes of one of the host's radios: switched and its stations thrown out through
 * hostapd, its packets lost or delayed by the kernel. Each change is in the undo log before it is made.
 */
import type { AccessPointSection } from '../../../rig/bench-file/bench-file.js';
import { RigError } from '../../../rig/errors.js';
import type { AccessPoint, Impairment } from '../../../rig/ports.js';
import type { Clock } from '../../../rig/time/clock.js';
import { type DurationUs, later, ms, seconds, toSeconds } from '../../../rig/time/units.js';
import type { CommandRunner } from '../command.js';
import type { Device } from '../device.js';
import type { UndoEntry, UndoLog } from '../safety/undo-log.js';
import { Turns } from '../turns.js';
import type { AccessPointStatus, AccessPointWatch } from './access-point-status.js';
import { HostapdControl } from './hostapd-control.js';
import { LinkImpairment } from './impairment.js';
import { mayTouchPackets, packetTools } from './packet-privilege.js';
import { Silence } from './silence.js';

export type HostapdSection = Extract<AccessPointSection, { driver: 'hostapd' }>;

export interface HostapdContext {
  readonly passphrase: string;
  readonly clock: Clock;
  readonly undo: UndoLog;
  readonly run: CommandRunner;
  /** This process may change what happens to packets; found out unless told. */
  readonly isPrivileged?: boolean;
}

/** From the order until hostapd says that it is done: it may look for other networks before it goes on the air. */
export const SWITCH_LIMIT: DurationUs = seconds(10);
const SWITCH_POLL: DurationUs = ms(100);
/** An order to go off that nobody waited for has been carried out by then. */
const LATE_OFF_LIMIT: DurationUs = seconds(2);

/** Opens the access point. Rejects with `BENCH` when hostapd does not answer, or serves another network. */
export async function openHostapd(
  section: HostapdSection,
  context: HostapdContext,
): Promise<HostapdAccessPoint> {
  const accessPoint = new HostapdAccessPoint(section, context);
  await accessPoint.requireNetwork();
  return accessPoint;
}

export class HostapdAccessPoint implements AccessPoint, AccessPointWatch, Device {
  readonly ssid: string;
  readonly passphrase: string;
  private readonly section: HostapdSection;
  private readonly context: HostapdContext;
  private readonly control: HostapdControl;
  private readonly silentLoss: Silence;
  private readonly impairment: LinkImpairment;
  private readonly turns: Turns;
  /** The device's address, where the bench file has it. */
  private readonly station: string | undefined;
  private offEntry: UndoEntry | undefined;
  /** hostapd was told to go off the air, and was not seen to have done so. */
  private isGoingOff = false;

  constructor(section: HostapdSection, context: HostapdContext) {
    const { run, undo } = context;
    this.ssid = section.ssid;
    this.passphrase = context.passphrase;
    this.section = section;
    this.context = context;
    this.control = new HostapdControl({ control: section.control, interface: section.interface, run });
    this.station = section.station?.toLowerCase();
    const tools = packetTools(run, section.interface, context.isPrivileged ?? mayTouchPackets());
    const packets = { interface: section.interface, station: this.station, tools, undo };
    this.silentLoss = new Silence(packets);
    this.impairment = new LinkImpairment(packets);
    this.turns = new Turns(`access point ${section.interface}`);
  }

  /** Rejects with `BENCH` unless hostapd answers and serves the bench's network on the interface. */
  async requireNetwork(): Promise<void> {
    const { ssids } = await this.control.status();
    const served = ssids.get(this.section.interface);
    if (served === this.ssid) return;
    throw new RigError(
      'BENCH',
      `${this.control.name} serves ${served === undefined ? 'no network' : `"${served}"`}, but the bench file's ` +
        `accessPoint.ssid is "${this.ssid}". Make the two agree.`,
    );
  }

  off(): Promise<void> {
    return this.turns.take(async (signal) => {
      const { state } = await this.control.status();
      if (state === 'DISABLED') return;
      this.offEntry ??= await this.context.undo.add({
        name: `access point ${this.section.interface} on`,
        command: this.control.argv('enable'),
        check: { command: this.control.argv('status'), contains: 'state=ENABLED' },
      });
      this.isGoingOff = true;
      await this.control.order('disable');
      await this.until('DISABLED', signal, SWITCH_LIMIT);
      this.isGoingOff = false;
    });
  }

  on(): Promise<void> {
    return this.turns.take((signal) => this.makeWhole(signal));
  }

  kick(): Promise<void> {
    return this.turns.take(async () => {
      const stations = this.station === undefined ? await this.control.associated() : [this.station];
      for (const each of stations) await this.control.order('deauthenticate', each);
    });
  }

  silence(): Promise<void> {
    return this.turns.take(() => this.silentLoss.begin());
  }

  degrade(impairment: Impairment): Promise<void> {
    return this.turns.take(() => this.impairment.begin(impairment));
  }

  stations(): Promise<readonly string[]> {
    return this.turns.take(() => this.control.associated());
  }

  status(): Promise<AccessPointStatus> {
    return this.turns.take(async () => {
      const { state, channel } = await this.control.status();
      const isOnAir = state === 'ENABLED';
      const stations = isOnAir ? await this.control.associated() : [];
      const where = channel === undefined ? '' : ` on channel ${channel}`;
      const detail = `${this.control.name} is ${state}${where} with ${stations.length} stations`;
      return { isOnAir, detail };
    });
  }

  /** Puts right what this run has changed. */
  close(): Promise<void> {
    return this.turns.close(async () => {
      await this.makeWhole(new AbortController().signal, this.offEntry !== undefined);
    });
  }

  /** Each part is tried, whatever became of the others; the first failure is told. */
  private async makeWhole(signal: AbortSignal, switchOn = true): Promise<void> {
    const failures: unknown[] = [];
    const attempt = (part: Promise<void>) => part.catch((error: unknown) => void failures.push(error));
    await attempt(this.silentLoss.end());
    await attempt(this.impairment.end());
    if (switchOn) await attempt(this.switchOn(signal));
    if (failures.length > 0) throw failures[0];
  }

  private async switchOn(signal: AbortSignal): Promise<void> {
    // One that goes off after it was found on would stay off.
    if (this.isGoingOff) await this.until('DISABLED', signal, LATE_OFF_LIMIT).catch(() => undefined);
    this.isGoingOff = false;
    const { state } = await this.control.status();
    if (state === 'DISABLED') await this.control.order('enable');
    if (state !== 'ENABLED') await this.until('ENABLED', signal, SWITCH_LIMIT);
    await this.offEntry?.done();
    this.offEntry = undefined;
  }

  private async until(wanted: 'ENABLED' | 'DISABLED', signal: AbortSignal, limit: DurationUs): Promise<void> {
    const { clock } = this.context;
    const deadlineUs = later(clock.now(), limit);
    for (;;) {
      const { state } = await this.control.status();
      if (state === wanted) return;
      if (clock.now() >= deadlineUs) {
        throw new RigError(
          'BENCH',
          `${this.control.name} is still ${state} after ${toSeconds(limit)} s instead of ${wanted}. ` +
            'Its log says why: journalctl -u hostapd',
        );
      }
      await clock.sleep('access point', SWITCH_POLL, signal);
    }
  }
}
