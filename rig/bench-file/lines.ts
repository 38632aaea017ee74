/** The pins of the host that a bench file speaks of. */
import type { PhysicalBenchFile } from './bench-file.js';
import type { LineConfig } from './values.js';

export interface NamedLine {
  /** Where the file has it: `['link', 'syn']`. */
  readonly path: readonly string[];
  readonly config: LineConfig;
}

/** Every line that the file names, in the order in which a bench opens them. */
export function linesOf({ link, reset, power }: PhysicalBenchFile): NamedLine[] {
  const lines: NamedLine[] = [
    { path: ['link', 'syn'], config: link.syn },
    { path: ['link', 'ack'], config: link.ack },
  ];
  if (reset !== undefined) lines.push({ path: ['reset'], config: reset });
  if (reset?.straps !== undefined) {
    lines.push({ path: ['reset', 'straps', 'scl'], config: reset.straps.scl });
    lines.push({ path: ['reset', 'straps', 'sda'], config: reset.straps.sda });
  }
  if (power?.driver === 'gpio-relay') lines.push({ path: ['power', 'control'], config: power.control });
  if (power?.sense?.driver === 'comparator') {
    lines.push({ path: ['power', 'sense', 'rail'], config: power.sense.rail });
  }
  return lines;
}

/** Labels of the chips that have the pins of a Raspberry Pi's header (Linux, drivers/pinctrl/bcm and pinctrl-rp1). */
const HEADER_CHIPS = ['pinctrl-bcm2835', 'pinctrl-bcm2711', 'pinctrl-rp1'];

/** The same text for what is certainly the same pin: `GPIO5`, `5` and 5 of the header's chip. */
export function pinOf({ line, chip }: Pick<LineConfig, 'line' | 'chip'>): string {
  const offset = /^(?:GPIO)?(\d{1,4})$/.exec(String(line))?.[1];
  const where = chip === undefined || HEADER_CHIPS.includes(chip) ? 'header' : chip;
  return `${where} ${offset === undefined ? line : Number(offset)}`;
}
