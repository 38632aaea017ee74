/** A compressed transfer, inflated as it arrives. */
import { constants, inflateSync } from 'node:zlib';

export class DeflatedTransfer {
  private readonly lengthBytes: number;
  private readonly blocks: Uint8Array[] = [];
  private taken = 0;

  /** `lengthBytes`: of what was compressed. */
  constructor(lengthBytes: number) {
    this.lengthBytes = lengthBytes;
  }

  /** All that was announced has come out. */
  get isWhole(): boolean {
    return this.taken === this.lengthBytes;
  }

  /** What comes out with the next block; undefined when it is damaged, or more than was announced. */
  take(block: Uint8Array): Uint8Array | undefined {
    this.blocks.push(block.slice());
    const bytes = this.inflated();
    if (bytes === undefined || bytes.length > this.lengthBytes) return undefined;
    const fresh = bytes.subarray(this.taken);
    this.taken = bytes.length;
    return fresh;
  }

  /** From the beginning each time: Node has no way to go on without waiting. A firmware image has about 40 blocks. */
  private inflated(): Uint8Array | undefined {
    try {
      return inflateSync(Buffer.concat(this.blocks), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: this.lengthBytes + 1,
      });
    } catch {
      return undefined;
    }
  }
}
