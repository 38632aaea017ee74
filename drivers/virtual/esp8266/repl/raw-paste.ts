/**
 * The receiving end of raw-paste mode, MicroPython's way to send a program at full speed without losing any of it
 * ("REPL: raw-paste mode" of its documentation): the board tells the size of its window, and grants another
 * window each time it has taken one in. The end of the program is Ctrl-D; Ctrl-C gives it up.
 */

const control = { grant: 0x01, abandon: 0x03, end: 0x04 } as const;

/** Half the port's receive buffer of 256 characters (shared/runtime/pyexec.c), so that two windows always fit. */
export const WINDOW_BYTES = 128;

/** What the board answers to the request: raw-paste is supported, the window's size, and a second window. */
export const ACCEPTED = Uint8Array.of(0x52, 0x01, WINDOW_BYTES & 0xff, WINDOW_BYTES >> 8, control.grant);

const ACKNOWLEDGED_END = Uint8Array.of(control.end);
const GRANTED = Uint8Array.of(control.grant);

/** Where a transfer stands: `more` is to come, or it has ended, whole or given up. */
export type RawPasteState = 'more' | 'complete' | 'abandoned';

export class RawPaste {
  /** The program so far. */
  readonly source: number[] = [];
  private readonly reply: (bytes: Uint8Array) => void;
  private windowLeft = WINDOW_BYTES;

  /** `reply` sends bytes to the host. */
  constructor(reply: (bytes: Uint8Array) => void) {
    this.reply = reply;
    reply(ACCEPTED);
  }

  /** Takes the next character. */
  take(byte: number): RawPasteState {
    if (byte === control.end || byte === control.abandon) {
      this.reply(ACKNOWLEDGED_END);
      return byte === control.end ? 'complete' : 'abandoned';
    }
    this.source.push(byte);
    this.windowLeft -= 1;
    if (this.windowLeft === 0) {
      this.windowLeft = WINDOW_BYTES;
      this.reply(GRANTED);
    }
    return 'more';
  }
}
