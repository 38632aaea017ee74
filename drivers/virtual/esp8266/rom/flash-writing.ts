/** One transfer of a host's to the flash, of a known length: each sector is erased when the first byte for it comes. */
import { type Elapse, type FlashMemory, SECTOR_BYTES } from './flash-memory.js';

export interface FlashWritingOptions {
  readonly flash: FlashMemory;
  readonly offset: number;
  readonly length: number;
  readonly elapse: Elapse;
}

export class FlashWriting {
  private readonly options: FlashWritingOptions;
  private written = 0;
  private erasedEnd: number;
  private nextBlock = 0;

  constructor(options: FlashWritingOptions) {
    this.options = options;
    this.erasedEnd = Math.floor(options.offset / SECTOR_BYTES) * SECTOR_BYTES;
  }

  /** Writes the block with the next number; false when it is another. What exceeds the length is only filling. */
  write(block: Uint8Array, sequence: number): boolean {
    if (sequence !== this.nextBlock) return false;
    this.nextBlock += 1;
    const { flash, offset, length, elapse } = this.options;
    const bytes = block.subarray(0, length - this.written);
    const at = offset + this.written;
    const end = at + bytes.length;
    if (end > this.erasedEnd) {
      flash.erase(this.erasedEnd, end - this.erasedEnd, elapse);
      this.erasedEnd = Math.ceil(end / SECTOR_BYTES) * SECTOR_BYTES;
    }
    flash.program(at, bytes, elapse);
    this.written += bytes.length;
    return true;
  }
}
