/**
 * A line to the device that is longer than an exchange carries. The protocol calls such a payload an error of the sender's
 * (docs/protocol.md §3), and says nothing of what a device does with the line: it may die, cut the line into several
 * payloads, or drop it. That it has read the line at all is proved by one of these.
 */
import type { Clock } from '../time/clock.js';
import { type DurationUs, type InstantUs, later, ms, seconds, toSeconds } from '../time/units.js';
import type { ActiveFault, FaultLog } from './fault-log.js';
import type { LinkSightings } from './link-sightings.js';
import type { StrayLine } from './stray-lines.js';
import { unproved } from './unproved.js';
import { showsBy } from './waits.js';

/** What became of the line, and of the device. */
export type LineFate = 'died' | 'delivered' | 'dropped';

export interface OversizeLinesOptions {
  readonly clock: Clock;
  readonly log: FaultLog;
  readonly lines: LinkSightings;
  readonly signal: AbortSignal;
}

const POLL: DurationUs = ms(50);
/** A connection that stands takes a line at once; the server leaves 150 ms between two, and a few may wait. */
const TAKEN_WITHIN: DurationUs = seconds(5);
/** A device that dies of the line is noticed within this: 4 s without keepalives, and one exchange (docs/protocol.md §4). */
export const DEATH_SHOWS_WITHIN: DurationUs = seconds(6);

export class OversizeLines {
  private readonly options: OversizeLinesOptions;

  constructor(options: OversizeLinesOptions) {
    this.options = options;
  }

  /** Sends one, and watches the device for as long as its death could take to show. */
  async send(lengthBytes: number): Promise<{ readonly fault: ActiveFault; readonly fate: LineFate }> {
    const { clock, log, lines } = this.options;
    const fault = log.inject('oversize-line', `the server sends a line of ${lengthBytes} bytes`);
    const line = lines.strayLines.send(lengthBytes);
    if (!(await this.until(TAKEN_WITHIN, () => line.acceptedUs !== undefined))) {
      throw unproved(
        fault,
        `the server did not get to send the line within ${toSeconds(TAKEN_WITHIN)} s, as messages to the device wait before it; ` +
          'set a longer period, so that the device keeps up',
      );
    }
    await this.until(
      DEATH_SHOWS_WITHIN,
      () => this.rebootSince(line.acceptedUs ?? clock.now()) !== undefined,
    );
    return { fault, fate: this.fateOf(fault, line) };
  }

  private fateOf(fault: ActiveFault, line: StrayLine): LineFate {
    const { log } = this.options;
    const reason = line.acceptedUs === undefined ? undefined : this.rebootSince(line.acceptedUs);
    if (reason !== undefined) {
      log.proved(fault, `the device died of it: ${reason}`);
      return 'died';
    }
    if (line.arrived) {
      log.proved(fault, 'the line arrived at the client, whole');
      return 'delivered';
    }
    if (line.passed) {
      log.proved(fault, 'a message sent after it arrived, the line did not');
      return 'dropped';
    }
    throw unproved(
      fault,
      'the device was not rebooted, and neither the line nor a message sent after it arrived; there must be messages to the device',
    );
  }

  private rebootSince(fromUs: InstantUs): string | undefined {
    const reboot = this.options.lines.lastReboot();
    return reboot !== undefined && reboot.atUs >= fromUs ? reboot.reason : undefined;
  }

  private until(limit: DurationUs, condition: () => boolean): Promise<boolean> {
    return showsBy(this.options, later(this.options.clock.now(), limit), POLL, condition);
  }
}
