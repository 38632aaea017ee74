/** Opens the access point that a bench file describes. */
import type { AccessPointSection } from '../../../rig/bench-file/bench-file.js';
import type { AccessPoint } from '../../../rig/ports.js';
import type { Clock } from '../../../rig/time/clock.js';
import type { CommandRunner } from '../command.js';
import type { Opened } from '../device.js';
import type { UndoLog } from '../safety/undo-log.js';
import type { AccessPointWatch } from './access-point-status.js';
import { createCommandsAccessPoint } from './commands.js';
import { openHostapd } from './hostapd.js';

export interface AccessPointContext {
  /** The network's passphrase, from the environment. */
  readonly passphrase: string;
  readonly clock: Clock;
  /** What earlier runs left in it has been undone. */
  readonly undo: UndoLog;
  readonly run: CommandRunner;
  /** This process may change what happens to packets; found out unless told. */
  readonly isPrivileged?: boolean;
}

/**
 * Opens the access point; it changes nothing yet. Rejects with `BENCH` when it does not answer or is another than
 * the bench file's. Closing it puts right what was changed.
 */
export async function openAccessPoint(
  section: AccessPointSection,
  context: AccessPointContext,
): Promise<Opened<AccessPoint> & AccessPointWatch> {
  return section.driver === 'hostapd'
    ? openHostapd(section, context)
    : createCommandsAccessPoint(section, context);
}
