/** The lines that the device and the server exchange (docs/protocol.md §5), and the splitter of the byte stream. Pure. */

/** A longer line means that the peer has lost the protocol. The link's own lines are 200 bytes at most. */
export const LINE_LIMIT_BYTES = 4_096;

const LINE_FEED = 0x0a;
const MID_PATTERN = /^[0-9a-f]{2}/;

export type ServerLine =
  | { readonly kind: 'keepalive' }
  | { readonly kind: 'ack'; readonly mid: number }
  | { readonly kind: 'message'; readonly mid: number; readonly text: string }
  | { readonly kind: 'malformed' };

/** Reads one line, without its line end. */
export function parseLine(line: string): ServerLine {
  if (line === '') return { kind: 'keepalive' };
  if (!MID_PATTERN.test(line)) return { kind: 'malformed' };
  const mid = Number.parseInt(line.slice(0, 2), 16);
  return line.length === 2 ? { kind: 'ack', mid } : { kind: 'message', mid, text: line.slice(2) };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const KEEPALIVE = encoder.encode('\n');

const hexOf = (mid: number): string => mid.toString(16).padStart(2, '0');

export const encodeAck = (mid: number): Uint8Array => encoder.encode(`${hexOf(mid)}\n`);

export const encodeMessage = (mid: number, text: string): Uint8Array =>
  encoder.encode(`${hexOf(mid)}${text}\n`);

/** Cuts a byte stream into lines; holds at most one unfinished line of `LINE_LIMIT_BYTES`. */
export class LineSplitter {
  private readonly unfinished = new Uint8Array(LINE_LIMIT_BYTES);
  private unfinishedLength = 0;

  /**
   * Calls `onLine` for each line that `bytes` completes, without its line end, until `onLine` returns false.
   * Returns false when a line is longer than `LINE_LIMIT_BYTES`; the stream is then beyond repair.
   */
  push(bytes: Uint8Array, onLine: (line: string) => boolean): boolean {
    let from = 0;
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, from);
      const piece = bytes.subarray(from, end < 0 ? bytes.length : end);
      if (this.unfinishedLength + piece.length > LINE_LIMIT_BYTES) return false;
      if (end < 0) {
        this.keep(piece);
        return true;
      }
      if (!onLine(this.complete(piece))) return true;
      from = end + 1;
    }
  }

  private keep(piece: Uint8Array): void {
    this.unfinished.set(piece, this.unfinishedLength);
    this.unfinishedLength += piece.length;
  }

  private complete(piece: Uint8Array): string {
    if (this.unfinishedLength === 0) return decoder.decode(piece);
    this.keep(piece);
    const line = decoder.decode(this.unfinished.subarray(0, this.unfinishedLength));
    this.unfinishedLength = 0;
    return line;
  }
}
