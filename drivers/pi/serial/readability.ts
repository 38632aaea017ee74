/**
 * Tells text from bytes that were received at a wrong rate. Those are mostly outside ASCII: a bit that lasts 1.5 times
 * as long as the receiver thinks makes runs of ones and zeros that no text has.
 */

/**
 * So many unreadable bytes close together are no glitch of a wire. The ROM's line with cause and boot mode, 49 characters
 * at 74880 baud, arrives at 115200 as some 20 bytes, of which this counts 7.
 */
export const UNREADABLE_LIMIT = 4;
/** Readable bytes in a row after which what came before is over. */
const READABLE_AGAIN = 32;

export class Readability {
  private unreadable = 0;
  private readableRun = 0;
  private told = false;
  private utf8Left = 0;

  /** Takes what arrived. Returns true once for each stretch of bytes that are no text. */
  accept(bytes: Uint8Array): boolean {
    for (const byte of bytes) this.take(byte);
    if (this.told || this.unreadable < UNREADABLE_LIMIT) return false;
    this.told = true;
    return true;
  }

  reset(): void {
    this.unreadable = 0;
    this.readableRun = 0;
    this.told = false;
    this.utf8Left = 0;
  }

  private take(byte: number): void {
    if (this.utf8Left > 0) {
      this.utf8Left -= 1;
      if ((byte & 0xc0) === 0x80) return;
      // What began as a character of several bytes is none.
      this.utf8Left = 0;
      this.takeUnreadable();
    }
    if (byte >= 0xc2 && byte <= 0xf4) this.utf8Left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    else if (isAsciiText(byte)) this.takeReadable();
    else this.takeUnreadable();
  }

  private takeReadable(): void {
    this.readableRun += 1;
    if (this.readableRun >= READABLE_AGAIN) this.reset();
  }

  private takeUnreadable(): void {
    this.unreadable += 1;
    this.readableRun = 0;
  }
}

/** Printable characters, white space, and what terminals control each other with. */
const isAsciiText = (byte: number): boolean =>
  (byte >= 0x20 && byte < 0x7f) || (byte >= 0x07 && byte <= 0x0d) || byte === 0x1b || byte === 0x04;
