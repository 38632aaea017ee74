/** The boot ROM: its message, and what becomes of the reason for the reset. */

/** Why the chip starts, as the ROM prints it. */
export const resetCause = { powerOn: 1, resetPin: 2, software: 3, watchdog: 4 } as const;

/** A watchdog's reset like the other, which the SDK tells from it. */
export const SOFTWARE_WATCHDOG = 5;

/** The clock ends a deep sleep: it pulls GPIO16, which is wired to the reset pin, and so the ROM sees that pin's reset. */
export const DEEP_SLEEP_AWAKE = 6;

const WATCHDOG_LINE = 'wdt reset\r\n';

/** Boot mode 1: the loader on the UART (GPIO0 low). */
export const BOOT_FROM_UART = 1;

/** What the ROM prints where the flash holds no image, as on a chip that was erased. */
export const NO_IMAGE = 'csum err\r\nets_main.c \r\n';

/** The ROM does not tell these apart from others. */
const printedCauses: ReadonlyMap<number, number> = new Map([
  [SOFTWARE_WATCHDOG, resetCause.watchdog],
  [DEEP_SLEEP_AWAKE, resetCause.resetPin],
]);

/**
 * What the ROM prints at 74880 baud. After either watchdog that is cause 4; after the software one chips were also seen
 * to print 2, as after other resets by software. The second number of the mode is not decoded by anybody; 6 is common. */
export function romMessage(cause: number, mode: number): string {
  const printed = printedCauses.get(cause) ?? cause;
  const message = `\r\n ets Jan  8 2013,rst cause:${printed}, boot mode:(${mode},6)\r\n\r\n`;
  return printed === resetCause.watchdog ? message + WATCHDOG_LINE : message;
}

/**
 * The SDK's reason for the reset, which `machine.reset_cause()` hands on (`REASON_…` in the SDK's user_interface.h):
 * 0 power-on, 1 hardware watchdog, 3 software watchdog, 4 software restart, 5 end of a deep sleep, 6 reset pin.
 */
export function sdkResetReason(cause: number): number {
  if (cause === resetCause.resetPin) return 6;
  if (cause === resetCause.software) return 4;
  if (cause === SOFTWARE_WATCHDOG) return 3;
  if (cause === DEEP_SLEEP_AWAKE) return 5;
  return cause === resetCause.watchdog ? 1 : 0;
}
