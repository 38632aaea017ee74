/** What faults of the link itself need to see of client, server and ledger. */
import type { InstantUs } from '../time/units.js';
import type { ExchangeWatch } from './exchange-watch.js';
import type { StrayLines } from './stray-lines.js';

export interface LinkSightings {
  readonly strayLines: StrayLines;
  /** When the client last rebooted the device, and why. */
  lastReboot(): { readonly atUs: InstantUs; readonly reason: string } | undefined;
  /** When something last arrived that was damaged, and what. */
  lastDamage(): { readonly atUs: InstantUs; readonly what: string } | undefined;
  readonly exchanges: ExchangeWatch;
  /**
   * From now on a message may be spoilt beyond recognition where nobody notices, so that it never comes and is never sent
   * again: one of a stream in order that has been overtaken is not waited for any more.
   */
  expectDamage(): void;
}
