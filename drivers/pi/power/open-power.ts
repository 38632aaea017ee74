/** Opens the supply of the device that a bench file describes. */
import type { PowerSection, SenseSection } from '../../../rig/bench-file/bench-file.js';
import type { PowerSwitch } from '../../../rig/ports.js';
import type { Clock } from '../../../rig/time/clock.js';
import type { CommandRunner } from '../command.js';
import type { Opened } from '../device.js';
import type { UndoLog } from '../safety/undo-log.js';
import { createCommandSupply } from './power-commands.js';
import type { RailSense } from './rail-sense.js';
import { type OpenOutputLine, openRelay } from './relay.js';
import type { Supply } from './supply.js';
import { SwitchedPower } from './switched-power.js';
import { openUhubctl } from './uhubctl.js';

export interface PowerContext {
  readonly clock: Clock;
  /** What earlier runs left in it has been undone. */
  readonly undo: UndoLog;
  readonly run: CommandRunner;
  readonly openOutputLine: OpenOutputLine;
  readonly openRailSense: (section: SenseSection) => Promise<Opened<RailSense>>;
}

/**
 * Opens switch and instrument; it switches nothing yet, unless an earlier run was killed and owes it. Rejects with
 * `BENCH` when one of them is not there. Closing it leaves the rail as the bench file says.
 */
export async function openPower(section: PowerSection, context: PowerContext): Promise<Opened<PowerSwitch>> {
  const { clock, undo, openRailSense } = context;
  const sense = section.sense === undefined ? undefined : await openRailSense(section.sense);
  const supply = await openSupply(section, context).catch(async (error: unknown) => {
    await sense?.close();
    throw error;
  });
  const leaveOn = section.leave === 'on';
  const power = new SwitchedPower({ supply, sense, leaveOn, settle: section.settle, clock, undo });
  try {
    await power.settleDebt();
    return power;
  } catch (error) {
    await power.close().catch(() => undefined);
    throw error;
  }
}

async function openSupply(section: PowerSection, { run, openOutputLine }: PowerContext): Promise<Supply> {
  switch (section.driver) {
    case 'gpio-relay':
      return await openRelay(section, openOutputLine);
    case 'uhubctl':
      return await openUhubctl(section, run);
    case 'command':
      return createCommandSupply(section, run);
  }
}
