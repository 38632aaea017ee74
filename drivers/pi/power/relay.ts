/**
 * A relay or MOSFET on a line of the host. When the rig ends, nothing drives the line any more: wire the relay so that
 * its resting position is how the rail is to be left.
 */
import type { PowerSection } from '../../../rig/bench-file/bench-file.js';
import type { LineConfig } from '../../../rig/bench-file/values.js';
import type { OutputLine } from '../../../rig/ports.js';
import type { Opened } from '../device.js';
import type { Supply } from './supply.js';

export type OpenOutputLine = (config: LineConfig, name: string) => Promise<Opened<OutputLine>>;

/** Opens the line; the relay rests until it is first switched. */
export async function openRelay(
  { control }: Extract<PowerSection, { driver: 'gpio-relay' }>,
  openOutputLine: OpenOutputLine,
): Promise<Supply> {
  const line = await openOutputLine(control, 'power');
  return {
    name: `relay on ${control.line}`,
    set: (on) => line.write(on ? 1 : 0),
    command: () => undefined,
    close: () => line.close(),
  };
}
