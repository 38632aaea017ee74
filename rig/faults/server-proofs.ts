/**
 * Proofs that the server is away, from what the device and the client show: never from what the server, which the rig has
 * broken itself, says.
 */
import type { Clock } from '../time/clock.js';
import { type DurationUs, elapsed, type InstantUs, later, latest, ms, us } from '../time/units.js';
import type { AirSightings } from './air-proofs.js';
import type { ActiveFault, FaultLog } from './fault-log.js';
import type { LinkHandle } from './link-handle.js';
import { unproved } from './unproved.js';

const POLL: DurationUs = ms(50);

export interface ServerProofsOptions {
  readonly clock: Clock;
  readonly log: FaultLog;
  readonly sightings: Pick<AirSightings, 'lastDownUs' | 'linkTimeout'>;
  readonly link: LinkHandle;
  readonly signal: AbortSignal;
}

export class ServerProofs {
  private readonly options: ServerProofsOptions;

  constructor(options: ServerProofsOptions) {
    this.options = options;
  }

  /**
   * The device says that it has lost its server. One that does not notice shows it too: no message of the server comes out of
   * it any more, although some wait.
   */
  async away(fault: ActiveFault, until: InstantUs): Promise<void> {
    const { clock, log, signal } = this.options;
    while (clock.now() < until) {
      const evidence = this.deviceSaysSo(fault) ?? this.nothingComes(fault);
      if (evidence !== undefined) {
        log.proved(fault, evidence);
        return;
      }
      await clock.sleep('fault', POLL, signal);
    }
    throw unproved(
      fault,
      'the device did not say that it had lost its server, and no message for it was missed for as long as the timeout; ' +
        'a longer fault, or more messages to the device, would show',
    );
  }

  private deviceSaysSo(fault: ActiveFault): string | undefined {
    const downUs = this.options.sightings.lastDownUs();
    return downUs !== undefined && downUs >= fault.injectedUs
      ? 'the device said that it had lost its server'
      : undefined;
  }

  private nothingComes(fault: ActiveFault): string | undefined {
    const { clock, link, sightings } = this.options;
    const now = clock.now();
    const sinceUs = latest(link.lastMessageUs ?? fault.injectedUs, fault.injectedUs);
    const silentFor = elapsed(sinceUs, now);
    const isSilent = silentFor >= sightings.linkTimeout;
    if (!isSilent || !link.hasWaitedSince(later(now, us(-sightings.linkTimeout)))) return undefined;
    return `no message came out of the device for ${Math.round(silentFor / 1_000)} ms, although some waited`;
  }
}
