/** A supply that the bench file's own commands switch: a network plug, a bench supply, a script. */
import type { PowerSection } from '../../../rig/bench-file/bench-file.js';
import { type DurationUs, seconds } from '../../../rig/time/units.js';
import type { CommandRunner } from '../command.js';
import type { Supply } from './supply.js';

/** A plug that is asked over a network may take its time. */
const USER_COMMAND_LIMIT: DurationUs = seconds(10);

export function createCommandSupply(
  { on: switchOn, off: switchOff }: Extract<PowerSection, { driver: 'command' }>,
  run: CommandRunner,
): Supply {
  const command = (on: boolean) => (on ? switchOn : switchOff);
  return {
    name: 'supply',
    set: async (on) => void (await run(command(on), { limit: USER_COMMAND_LIMIT })),
    command,
    close: async () => undefined,
  };
}
