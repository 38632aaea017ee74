/** A bounded queue of bytes that can be read from the middle: what a sender keeps until it is acknowledged. */
import { RigError } from '../../../rig/errors.js';

const FIRST_SIZE_BYTES = 2_048;

export class ByteQueue {
  readonly capacityBytes: number;
  private bytes: Uint8Array;
  private start = 0;
  private held = 0;

  constructor(capacityBytes: number) {
    this.capacityBytes = capacityBytes;
    this.bytes = new Uint8Array(Math.min(capacityBytes, FIRST_SIZE_BYTES));
  }

  get lengthBytes(): number {
    return this.held;
  }

  get freeBytes(): number {
    return this.capacityBytes - this.held;
  }

  /** Appends; throws `BENCH` when there is no room, which the caller must have made sure of. */
  append(bytes: Uint8Array): void {
    if (bytes.length > this.freeBytes) {
      throw new RigError(
        'BENCH',
        `${bytes.length} bytes were given to a TCP send buffer with ${this.freeBytes} bytes free; ` +
          'the caller must keep to the free space.',
      );
    }
    this.makeRoom(bytes.length);
    this.bytes.set(bytes, this.start + this.held);
    this.held += bytes.length;
  }

  /** A copy of `lengthBytes` bytes, `offset` bytes from the oldest. */
  copy(offset: number, lengthBytes: number): Uint8Array {
    return this.bytes.slice(this.start + offset, this.start + Math.min(offset + lengthBytes, this.held));
  }

  /** Forgets the oldest `lengthBytes` bytes. */
  drop(lengthBytes: number): void {
    this.start += lengthBytes;
    this.held -= lengthBytes;
    if (this.held === 0) this.start = 0;
  }

  private makeRoom(lengthBytes: number): void {
    if (this.start + this.held + lengthBytes <= this.bytes.length) return;
    let size = this.bytes.length;
    while (size < this.held + lengthBytes) size = Math.min(2 * size, this.capacityBytes);
    const target = size === this.bytes.length ? this.bytes : new Uint8Array(size);
    target.set(this.bytes.subarray(this.start, this.start + this.held));
    this.bytes = target;
    this.start = 0;
  }
}
