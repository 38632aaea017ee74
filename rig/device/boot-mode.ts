/**
 * The ESP8266's boot mode: x of `boot mode:(x,y)` on the console, chosen by three straps at the moment at which reset is
 * released (Espressif, ESP8266 Hardware Design Guidelines, boot modes; docs/protocol.md §1 for the pins).
 */
import type { Level } from '../ports.js';

/** Boot mode 3: run from flash (GPIO15 low, GPIO0 and GPIO2 high). */
export const BOOT_FROM_FLASH = 3;

/** Boot mode by the levels of the straps. */
export function bootMode(gpio15: Level, gpio0: Level, gpio2: Level): number {
  return gpio15 * 4 + gpio0 * 2 + gpio2;
}

/** Boot mode of a board whose bus lines have these levels: SCL is GPIO0, SDA is GPIO2, and boards pull GPIO15 low. */
export function bootModeOfBus(scl: Level, sda: Level): number {
  return bootMode(0, scl, sda);
}

/** What the board does after starting in a boot mode, and which strap chose that. */
export function describeBootMode(mode: number): string {
  if (mode === BOOT_FROM_FLASH) return 'it starts the firmware in its flash';
  if (mode === 1) return 'it waits in its UART bootloader (SCL, GPIO0, low)';
  if (mode === 0 || mode === 2) return 'it does not start at all (SDA, GPIO2, low)';
  return 'it waits for an SDIO host (GPIO15 high)';
}
