/**
 * Watches what arrives at the ROM's rate for the end of the ROM's message. The ROM prints one line with cause and boot
 * mode, a line or three for each segment that it loads, and `~ld` when it starts the firmware; a second boot loader may
 * print more in between. At `~ld` the firmware has printed nothing yet.
 */
import { Readability } from './readability.js';

/** Long enough for `boot mode:(3,6)` and `~ld`, however they are cut. */
const KEPT_CHARACTERS = 40;

export type RomProgress =
  /** Nothing of it yet. */
  | 'waiting'
  /** The line with cause and boot mode is complete. */
  | 'begun'
  /** The message is over. */
  | 'over';

export class RomWindow {
  private tail = '';
  private begun = false;
  /** What arrived was printed at another rate. A device may have printed it before it was reset: it ends nothing. */
  sawUnreadable = false;
  private readonly readability = new Readability();

  accept(bytes: Uint8Array): RomProgress {
    const text = this.tail + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    this.tail = text.slice(-KEPT_CHARACTERS);
    this.begun ||= /boot mode:? ?\(\d+,\d+\)/.test(text);
    this.sawUnreadable ||= this.readability.accept(bytes);
    if (/~ld/.test(text)) return 'over';
    return this.begun ? 'begun' : 'waiting';
  }
}
