/**
 * Remembers which of a stream's latest sequences were delivered, one bit each, so that a second arrival is
 * told from one that was never expected.
 */
export class DeliveryMemory {
  private readonly bits: Uint32Array;
  private readonly mask: number;
  private end = 0;

  /** Remembers the latest `span` sequences; a power of two, at least 32. */
  constructor(span: number) {
    this.bits = new Uint32Array(span / 32);
    this.mask = span - 1;
  }

  /** Makes room for `sequence`, the successor of the one opened before. */
  open(sequence: number): void {
    const bit = sequence & this.mask;
    const word = bit >>> 5;
    this.bits[word] = (this.bits[word] ?? 0) & ~(1 << (bit & 31));
    this.end = sequence + 1;
  }

  mark(sequence: number): void {
    const bit = sequence & this.mask;
    const word = bit >>> 5;
    this.bits[word] = (this.bits[word] ?? 0) | (1 << (bit & 31));
  }

  /** True when `sequence` is remembered as delivered; false too when it is too old to be remembered. */
  has(sequence: number): boolean {
    if (sequence >= this.end || sequence < this.end - this.mask - 1) return false;
    const bit = sequence & this.mask;
    return ((this.bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }
}
