/** What faults of the lines see of a link, without a link. */
import { ExchangeWatch } from '../../../rig/faults/exchange-watch.js';
import type { LinkSightings } from '../../../rig/faults/link-sightings.js';
import { StrayLines } from '../../../rig/faults/stray-lines.js';

export const fakeLines = (changes: Partial<LinkSightings> = {}): LinkSightings => ({
  strayLines: new StrayLines(() => undefined),
  lastReboot: () => undefined,
  lastDamage: () => undefined,
  exchanges: new ExchangeWatch(),
  expectDamage: () => undefined,
  ...changes,
});
