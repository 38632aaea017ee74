/** Which Raspberry Pi this is, by its device tree: what it can do depends on the chip. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The chips of the Raspberry Pi, as the last entry of the device tree's `compatible` names them. */
export const socs = ['bcm2835', 'bcm2836', 'bcm2837', 'bcm2711', 'bcm2712'] as const;

export type Soc = (typeof socs)[number];

export interface PiModel {
  /** Such as `Raspberry Pi 4 Model B Rev 1.4`. */
  readonly name: string;
  /** bcm2835: Pi 1 and Zero · bcm2836, bcm2837: Pi 2, 3 and Zero 2 · bcm2711: Pi 4 · bcm2712: Pi 5. */
  readonly soc: Soc;
}

/** The model of this host, or undefined when it is no Raspberry Pi. `root` is `/`, or a copy of its /proc. */
export function readPiModel(root = '/'): PiModel | undefined {
  const read = (name: string): string => readOrEmpty(join(root, 'proc/device-tree', name));
  return parsePiModel(read('model'), read('compatible'));
}

/** The model by two files of the device tree, whose strings end with a zero byte. */
export function parsePiModel(model: string, compatible: string): PiModel | undefined {
  const entries = compatible.split('\0');
  const soc = socs.find((name) => entries.includes(`brcm,${name}`));
  const isPi = entries.some((entry) => entry.startsWith('raspberrypi,'));
  return soc === undefined || !isPi ? undefined : { name: model.replaceAll('\0', '').trim(), soc };
}

/** On a host without a device tree the files are not there. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
