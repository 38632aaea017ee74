/** The boot ROM: its message, and how the straps choose what it does. */

/** Boot mode 3: run from flash (GPIO15 low, GPIO0 and GPIO2 high). */
export const BOOT_FROM_FLASH = 3;

/** Why the chip starts, as the ROM prints it. */
export const resetCause = { powerOn: 1, resetPin: 2, software: 3, watchdog: 4 } as const;

/** Boot mode by the levels of the straps at the moment at which reset is released. */
export function bootMode(gpio15: number, gpio0: number, gpio2: number): number {
  return gpio15 * 4 + gpio0 * 2 + gpio2;
}

/** What the ROM prints at 74880 baud. The second number of the mode is not decoded by anybody; 6 is common. */
export function romMessage(cause: number, mode: number): string {
  return `\r\n ets Jan  8 2013,rst cause:${cause}, boot mode:(${mode},6)\r\n\r\n`;
}

/**
 * The SDK's reason for the reset, which `machine.reset_cause()` hands on (`REASON_…` in the SDK's user_interface.h):
 * 0 power-on, 1 hardware watchdog, 4 software restart, 6 reset pin.
 */
export function sdkResetReason(cause: number): number {
  if (cause === resetCause.resetPin) return 6;
  if (cause === resetCause.software) return 4;
  return cause === resetCause.watchdog ? 1 : 0;
}
