/**
 * Message ids (docs/protocol.md §5): the sender's sequence, and the receiver's memory of what it has seen.
 * Pure.
 */

/** Ids are two hex digits on the wire. */
const MID_COUNT = 256;
const FLAG_BYTES = MID_COUNT / 8;

/** One sender's ids: 0 once, right after it started, then 1 … 255, 1 … 255. */
export class MidSequence {
  private upcoming = 0;

  next(): number {
    const mid = this.upcoming;
    this.upcoming = mid === MID_COUNT - 1 ? 1 : mid + 1;
    return mid;
  }
}

/** How many ids after `oldest` the id `newest` was given, in the sequence that leaves out 0 when it wraps. */
export function midDistance(oldest: number, newest: number): number {
  return newest >= oldest ? newest - oldest : newest - oldest + MID_COUNT - 1;
}

/**
 * One flag for each id. Setting one clears the byte of flags 128 ids away, so that an id is new again by the
 * time the sender's sequence comes back to it. A late repetition is recognised up to 120 ids later.
 */
export class SeenMids {
  private readonly flags = new Uint8Array(FLAG_BYTES);

  /** Marks `mid` (0 … 255) as seen; true when it was new. */
  note(mid: number): boolean {
    const index = mid >> 3;
    const isNew = !this.has(mid);
    this.flags[index] = (this.flags[index] ?? 0) | (1 << (mid & 7));
    this.flags[(index + FLAG_BYTES / 2) % FLAG_BYTES] = 0;
    return isNew;
  }

  has(mid: number): boolean {
    return ((this.flags[mid >> 3] ?? 0) & (1 << (mid & 7))) !== 0;
  }

  /** Forgets everything: the sender has restarted. */
  clear(): void {
    this.flags.fill(0);
  }
}
