/**
 * The flash chip's 4 MB as bytes, with a flash's ways: erasing makes ones, in sectors, and programming can only make
 * zeros of them. Both take their time, and are cut short where that ends.
 */

export const FLASH_BYTES = 4 * 1024 * 1024;
/** Manufacturer and device of a common 4 MB part, a W25Q32, as `esp.flash_id()` gives it. */
export const FLASH_ID = 0x1640ef;
export const SECTOR_BYTES = 4096;
const BLOCK_BYTES = 64 * 1024;
const PAGE_BYTES = 256;
/** Typical times of a W25Q32JV (datasheet, "AC electrical characteristics"). */
const SECTOR_ERASE_US = 45_000;
const BLOCK_ERASE_US = 150_000;
const CHIP_ERASE_US = 10_000_000;
const PAGE_PROGRAM_US = 400;

/** Lets so much time of the chip pass; false when it was stopped in it. */
export type Elapse = (durationUs: number) => boolean;

export class FlashMemory {
  readonly bytes = new Uint8Array(FLASH_BYTES).fill(0xff);
  private readonly changed: (offset: number, end: number) => void;

  /** `changed` is told of every range that is erased or programmed. */
  constructor(changed: (offset: number, end: number) => void = () => undefined) {
    this.changed = changed;
  }

  /** Whether a range lies in the flash. */
  has(offset: number, length: number): boolean {
    return offset <= FLASH_BYTES && length <= FLASH_BYTES - offset;
  }

  eraseAll(elapse: Elapse): void {
    if (elapse(CHIP_ERASE_US)) this.fill(0, FLASH_BYTES);
  }

  /** Erases all sectors that the range touches, by blocks where it covers whole ones. */
  erase(offset: number, length: number, elapse: Elapse): void {
    const end = Math.min(FLASH_BYTES, Math.ceil((offset + length) / SECTOR_BYTES) * SECTOR_BYTES);
    let at = Math.floor(offset / SECTOR_BYTES) * SECTOR_BYTES;
    while (at < end) {
      const isBlock = at % BLOCK_BYTES === 0 && end - at >= BLOCK_BYTES;
      const size = isBlock ? BLOCK_BYTES : SECTOR_BYTES;
      if (!elapse(isBlock ? BLOCK_ERASE_US : SECTOR_ERASE_US)) return;
      this.fill(at, at + size);
      at += size;
    }
  }

  /** Programs a range, page by page. */
  program(offset: number, data: Uint8Array, elapse: Elapse): void {
    for (let done = 0; done < data.length; ) {
      const at = offset + done;
      const page = data.subarray(done, done + PAGE_BYTES - (at % PAGE_BYTES));
      if (!elapse(PAGE_PROGRAM_US)) return;
      for (const [index, byte] of page.entries()) {
        this.bytes[at + index] = (this.bytes[at + index] ?? 0) & byte;
      }
      this.changed(at, at + page.length);
      done += page.length;
    }
  }

  private fill(offset: number, end: number): void {
    this.bytes.fill(0xff, offset, end);
    this.changed(offset, end);
  }
}
