/**
 * GPIO chips by way of /sys/class/gpio, the kernel's old interface (Documentation/admin-guide/gpio/sysfs.rst), which
 * numbers all lines of a host in a row. Where a chip's lines begin differs from kernel to kernel: 0, 512, 571 and others
 * were seen on the Raspberry Pi's header.
 */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RigError } from '../../../rig/errors.js';
import { deviceError } from '../device.js';
import type { GpioChip } from './chips.js';

export interface SysfsChip extends GpioChip {
  /** The number of its first line. */
  readonly base: number;
  /** Names of its lines by offset, where the device tree has them. */
  readonly names: readonly string[];
}

/** `root` is `/`, or a copy of its /sys. Rejects with `BENCH` where the kernel has no such interface. */
export function readSysfsChips(root = '/'): SysfsChip[] {
  const folder = sysfsFolder(root);
  return entries(folder)
    .filter((name) => /^gpiochip\d+$/.test(name))
    .map((name) => readChip(join(folder, name)));
}

export const sysfsFolder = (root: string): string => join(root, 'sys/class/gpio');

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new RigError(
      'BENCH',
      `${folder} is not there: this kernel was built without it (CONFIG_GPIO_SYSFS), or is not Linux. ` +
        'Use "driver: gpio" in the bench file.',
      { cause: error },
    );
  }
}

function readChip(folder: string): SysfsChip {
  try {
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();
    return {
      device: deviceName(folder),
      label: read('label'),
      base: Number(read('base')),
      lines: Number(read('ngpio')),
      names: lineNames(folder),
    };
  } catch (error) {
    throw deviceError(folder, error);
  }
}

/** The name of the character device: `gpiochip0`, not `gpiochip512`. It is a neighbour of the chip's own entry. */
function deviceName(folder: string): string {
  const device = join(folder, 'device');
  const isName = (name: string): boolean => /^gpiochip\d+$/.test(name);
  try {
    const parent = basename(realpathSync(device));
    return isName(parent) ? parent : (readdirSync(device).find(isName) ?? basename(folder));
  } catch {
    return basename(folder);
  }
}

/** The device tree's `gpio-line-names`: strings that end with a zero byte. */
function lineNames(folder: string): string[] {
  try {
    return readFileSync(join(folder, 'device/of_node/gpio-line-names'), 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}
