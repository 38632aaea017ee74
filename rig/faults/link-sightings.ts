/** What faults of the link itself need to see of client and server. */
import type { InstantUs } from '../time/units.js';
import type { StrayLines } from './stray-lines.js';

export interface LinkSightings {
  readonly strayLines: StrayLines;
  /** When the client last rebooted the device, and why. */
  lastReboot(): { readonly atUs: InstantUs; readonly reason: string } | undefined;
}
