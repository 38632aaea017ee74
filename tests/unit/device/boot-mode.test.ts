/** Boot modes by straps, and what is said of them. */
import test from 'ava';
import { BOOT_FROM_FLASH, bootMode, bootModeOfBus, describeBootMode } from '../../../rig/device/boot-mode.js';

const levels = [0, 1] as const;

test('straps choose the boot mode; only one of eight boots from flash', (t) => {
  const modes = levels.flatMap((gpio15) =>
    levels.flatMap((gpio0) => levels.map((gpio2) => bootMode(gpio15, gpio0, gpio2))),
  );
  t.deepEqual(modes, [0, 1, 2, 3, 4, 5, 6, 7]);
  t.deepEqual(
    modes.filter((mode) => /firmware/.test(describeBootMode(mode))),
    [BOOT_FROM_FLASH],
  );
});

test('the bus lines choose it on a board that pulls GPIO15 low: SCL low is the loader, SDA low is nowhere', (t) => {
  t.is(bootModeOfBus(1, 1), BOOT_FROM_FLASH);
  t.is(bootModeOfBus(0, 1), 1);
  t.is(bootModeOfBus(1, 0), 2);
  t.is(bootModeOfBus(0, 0), 0);
  t.regex(describeBootMode(bootModeOfBus(0, 1)), /bootloader/);
  t.regex(describeBootMode(bootModeOfBus(1, 0)), /SDA/);
});
