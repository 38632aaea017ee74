/** Turns the byte stream of the link into lines ended by `\n` (docs/protocol.md §4). */

/** Longest line kept, in bytes without its end; the link's messages are far shorter. */
export const MAX_LINE_BYTES = 4_096;

const NEWLINE = 0x0a;

export interface LineListener {
  /** A whole line without its `\n`. Bytes that are no UTF-8 arrive as U+FFFD, so that damage stays visible. */
  onLine(text: string): void;
  /** A line grew beyond the limit; `start` is what was kept of it. The rest is dropped up to the next `\n`. */
  onOverlong(start: string): void;
}

export class LineReader {
  private readonly listener: LineListener;
  private readonly limitBytes: number;
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private pending: Uint8Array;
  private pendingBytes = 0;
  private dropping = false;

  constructor(listener: LineListener, limitBytes: number = MAX_LINE_BYTES) {
    this.listener = listener;
    this.limitBytes = limitBytes;
    this.pending = new Uint8Array(limitBytes);
  }

  /** Takes the next bytes of the stream and reports every line that they end. */
  push(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      const end = bytes.indexOf(NEWLINE, from);
      this.append(bytes.subarray(from, end < 0 ? bytes.length : end));
      if (end < 0) return;
      this.endLine();
      from = end + 1;
    }
  }

  /** Forgets the beginning of a line that will never be finished. */
  reset(): void {
    this.pendingBytes = 0;
    this.dropping = false;
  }

  private append(part: Uint8Array): void {
    if (this.dropping) return;
    const room = this.limitBytes - this.pendingBytes;
    this.pending.set(part.subarray(0, room), this.pendingBytes);
    this.pendingBytes += Math.min(part.length, room);
    if (part.length <= room) return;
    this.dropping = true;
    this.listener.onOverlong(this.pendingText());
  }

  private endLine(): void {
    const text = this.dropping ? undefined : this.pendingText();
    this.reset();
    if (text !== undefined) this.listener.onLine(text);
  }

  private pendingText(): string {
    return this.decoder.decode(this.pending.subarray(0, this.pendingBytes));
  }
}
