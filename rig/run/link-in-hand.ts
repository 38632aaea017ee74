/** The link as faults of its own ends have it in hand: what they may do to it, and what it has shown since. */
import type { Credentials, LinkHandle } from '../faults/link-handle.js';
import type { Ledger } from '../ledger/ledger.js';
import type { LinkClient } from '../link/client.js';
import type { LinkState } from '../link/client-options.js';
import type { LinkConfig } from '../link/config.js';
import type { StopReason } from '../link/messages.js';
import type { BreakableNetwork } from '../server/breakable-network.js';
import type { InstantUs } from '../time/units.js';

/** A passphrase that is nobody's. */
const WRONG_PASSPHRASE = 'this is not the passphrase';

export interface LinkInHandOptions {
  readonly client: LinkClient;
  readonly server: BreakableNetwork;
  readonly ledger: Ledger;
  /** What the device is told on a bench that is whole. */
  readonly config: LinkConfig;
}

export class LinkInHand implements LinkHandle {
  lastMessageUs: InstantUs | undefined;
  stopped: StopReason | undefined;
  saysUp = false;
  private readonly options: LinkInHandOptions;

  constructor(options: LinkInHandOptions) {
    this.options = options;
  }

  get server(): BreakableNetwork {
    return this.options.server;
  }

  get state(): LinkState {
    return this.options.client.state;
  }

  tellCredentials(credentials: Credentials): void {
    const { client, config } = this.options;
    const told = {
      right: {},
      wrong: { password: WRONG_PASSPHRASE },
      stored: { ssid: '', password: '' },
    } as const;
    client.useConfig({ ...config, ...told[credentials] });
  }

  restart(reason: string): void {
    this.options.client.reboot(reason);
  }

  hold(reason: string): Promise<() => void> {
    return this.options.client.hold(reason);
  }

  hasWaitedSince(beforeUs: InstantUs): boolean {
    return !this.options.ledger.backlogDrained(beforeUs, 'downlink');
  }

  /** The client's link has changed: what the device said before its reset does not hold any more. */
  sawState(state: LinkState): void {
    if (state !== 'rebooting') return;
    this.stopped = undefined;
    this.saysUp = false;
  }
}
