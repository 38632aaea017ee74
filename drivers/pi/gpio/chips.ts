/** Finds the chip and the line that a bench file means, among those that the kernel has. No I/O. */
import type { LineConfig } from '../../../rig/bench-file/values.js';
import { RigError } from '../../../rig/errors.js';

export interface GpioChip {
  /** As the kernel names it: `gpiochip0`. Numbers change from kernel to kernel. */
  readonly device: string;
  /** As its driver names it: `pinctrl-bcm2711`. */
  readonly label: string;
  readonly lines: number;
}

/**
 * Labels of the chips on the 40-pin header: Pi 0 to 3 and Zero 2 (drivers/pinctrl/bcm/pinctrl-bcm2835.c names two),
 * Pi 4, Pi 5 (drivers/pinctrl/pinctrl-rp1.c of the Raspberry Pi kernel).
 */
const headerLabels = ['pinctrl-bcm2835', 'pinctrl-bcm2711', 'pinctrl-rp1'];

const isHeader = ({ label }: GpioChip): boolean => headerLabels.includes(label);

/**
 * The chip of a label or device name, or the one of the header. Rejects with `BENCH`, and a list of what there is,
 * when there is none or more than one.
 */
export function findChip<Chip extends GpioChip>(chips: readonly Chip[], wanted: string | undefined): Chip {
  const found = chips.filter(
    (chip) => (wanted === undefined && isHeader(chip)) || chip.device === wanted || chip.label === wanted,
  );
  const [chip] = found;
  if (chip !== undefined && found.length === 1) return chip;
  if (found.length > 1) throw new RigError('BENCH', `${list(found)} fit. Name one by its device in "chip".`);
  throw new RigError('BENCH', notFound(chips, wanted));
}

/**
 * The offset of a line on its chip. `names` are those that the kernel knows, by offset. `GPIO5` is offset 5 on a
 * header, whatever the kernel calls it: device trees differ. Rejects with `BENCH` when there is no such line.
 */
export function findOffset(chip: GpioChip, wanted: LineConfig['line'], names: readonly string[]): number {
  const named = names.flatMap((name, offset) => (name !== '' && name === wanted ? [offset] : []));
  if (named.length > 1) {
    throw new RigError(
      'BENCH',
      `${describeChip(chip)} has several lines "${wanted}": ${named.join(', ')}. Name one by its offset.`,
    );
  }
  const offset = named[0] ?? offsetIn(chip, wanted);
  if (offset !== undefined && offset < chip.lines) return offset;
  const some = names.filter((name) => name !== '').slice(0, NAMES_LISTED);
  const has = some.length === 0 ? 'its lines have no names' : `such as ${some.join(', ')}`;
  throw new RigError(
    'BENCH',
    `${describeChip(chip)} has no line "${wanted}". It has offsets 0 to ${chip.lines - 1}; ${has}.`,
  );
}

const NAMES_LISTED = 8;

function offsetIn(chip: GpioChip, wanted: LineConfig['line']): number | undefined {
  if (typeof wanted === 'number') return wanted;
  const digits = /^\d+$/.exec(wanted)?.[0] ?? (isHeader(chip) ? /^GPIO(\d+)$/i.exec(wanted)?.[1] : undefined);
  return digits === undefined ? undefined : Number(digits);
}

export const describeChip = ({ device, label }: GpioChip): string => `GPIO chip ${device} (${label})`;

function notFound(chips: readonly GpioChip[], wanted: string | undefined): string {
  if (chips.length === 0)
    return 'This host has no GPIO chip. Is it a Raspberry Pi, and is this its own kernel?';
  const what = wanted === undefined ? 'no GPIO chip of a Raspberry Pi header' : `no GPIO chip "${wanted}"`;
  return `This host has ${what}. It has ${list(chips)}; "chip" in the bench file names one.`;
}

const list = (chips: readonly GpioChip[]): string =>
  chips.map(({ device, label, lines }) => `${device} (${label}, ${lines} lines)`).join(', ');
