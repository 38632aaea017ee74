/** A supply that the bench file's own commands switch: a network plug, a bench supply, a script. */
import type { PowerSection } from '../../../rig/bench-file/bench-file.js';
import type { CommandRunner } from '../command.js';
import type { Supply } from './supply.js';

export function createCommandSupply(
  { on: switchOn, off: switchOff, sag }: Extract<PowerSection, { driver: 'command' }>,
  run: CommandRunner,
): Supply {
  const command = (on: boolean) => (on ? switchOn : switchOff);
  return {
    name: 'supply',
    set: async (on) => void (await run(command(on))),
    ...(sag !== undefined && { sag: async () => void (await run(sag)) }),
    command,
    close: async () => undefined,
  };
}
