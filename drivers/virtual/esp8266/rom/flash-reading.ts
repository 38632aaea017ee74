/** Sends a part of the flash, with so many blocks on their way at a time, and its MD5 at the end. */
import { createHash } from 'node:crypto';

export interface FlashReadingOptions {
  readonly blockBytes: number;
  /** Blocks sent and not yet acknowledged. */
  readonly blocksInFlight: number;
}

export class FlashReading {
  /** All has been sent and acknowledged. */
  isOver = false;
  private readonly bytes: Uint8Array;
  private readonly blockBytes: number;
  private readonly windowBytes: number;
  private sent = 0;

  constructor(bytes: Uint8Array, { blockBytes, blocksInFlight }: FlashReadingOptions) {
    this.bytes = bytes;
    this.blockBytes = Math.max(1, blockBytes);
    this.windowBytes = this.blockBytes * Math.max(1, blocksInFlight);
  }

  /** The host has `total` bytes: the packets that may be sent now. */
  acknowledged(total: number): Uint8Array[] {
    const packets: Uint8Array[] = [];
    while (this.sent < this.bytes.length && this.sent - total < this.windowBytes) {
      const block = this.bytes.subarray(this.sent, this.sent + this.blockBytes);
      packets.push(block);
      this.sent += block.length;
    }
    if (total >= this.bytes.length) {
      packets.push(createHash('md5').update(this.bytes).digest());
      this.isOver = true;
    }
    return packets;
  }
}
