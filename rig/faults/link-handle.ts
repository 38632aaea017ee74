/** What faults of the link's own ends have in hand: the server's switch, the client's reset, and what both ends have seen. */
import type { LinkState } from '../link/client-options.js';
import type { StopReason } from '../link/messages.js';
import type { BreakableNetwork } from '../server/breakable-network.js';
import type { InstantUs } from '../time/units.js';

/**
 * What the device is told of the WiFi when it starts: the bench's network; the same with a passphrase that is not its; or
 * nothing, so that it has to use what is in its flash.
 */
export type Credentials = 'right' | 'wrong' | 'stored';

export interface LinkHandle {
  readonly server: Pick<BreakableNetwork, 'break' | 'mend'>;
  /** What the device will be told at its next start and from then on. */
  tellCredentials(credentials: Credentials): void;
  /** The client resets the device, synchronises, and gives it its configuration. */
  restart(reason: string): void;
  /** The client leaves the device to the caller, until the function is called; then it resets the device. */
  hold(reason: string): Promise<() => void>;
  readonly state: LinkState;
  /** Why the device has said that it stops, since its last start. */
  readonly stopped: StopReason | undefined;
  /** The device has said that its server is there, since its last start. */
  readonly saysUp: boolean;
  /** When the client last got a message of the server from the device. */
  readonly lastMessageUs: InstantUs | undefined;
  /** A message for the device that fell due before that moment is still on its way. */
  hasWaitedSince(beforeUs: InstantUs): boolean;
}
