/**
 * What is certain about bytes that went through the BSC's FIFOs. `bsc_xfer` clears the peripheral's underrun and overrun
 * flags before anybody can read them (pigpio.c, `bscXfer`), so certainty comes from counting: a controller that clocks as
 * many bytes as were armed, and a byte that was made up, leave one of ours behind.
 */
import { RigError } from '../../../rig/errors.js';
import { type BscAnswer, FIFO_BYTES } from './bsc-registers.js';

/**
 * Bytes that leave the transmit FIFO for the shift register as soon as the peripheral is on: reports differ, so it is
 * measured.
 */
export type Prefetch = 0 | 1;

/** What an idle bus reads. */
const IDLE_BYTE = 0xff;

export class Transmission {
  private readonly payloadBytes: number;
  private readonly prefetch: Prefetch;
  /** What is to go through the FIFO. */
  private readonly bytes: Uint8Array;
  private copiedBytes = 0;
  private level = 0;

  /**
   * A payload that does not fit the FIFO, where the shift register is filled ahead, gets one byte more: it stays in the
   * shift register, and an empty FIFO then means that all of the payload has left.
   */
  constructor(payload: Uint8Array, prefetch: Prefetch) {
    this.payloadBytes = payload.length;
    this.prefetch = prefetch;
    const isLong = payload.length > FIFO_BYTES;
    this.bytes = isLong && prefetch === 1 ? Uint8Array.of(...payload, IDLE_BYTE) : payload;
  }

  /** What has not gone into the FIFO yet. */
  get rest(): Uint8Array {
    return this.bytes.subarray(this.copiedBytes);
  }

  /** Notes the first call; false when the FIFO did not take what an empty one takes. */
  preload(answer: BscAnswer): boolean {
    this.note(answer);
    const expected = Math.min(this.bytes.length, FIFO_BYTES + this.prefetch);
    return answer.copiedBytes === expected && answer.transmitLevel === expected - this.prefetch;
  }

  note(answer: BscAnswer): void {
    this.copiedBytes += answer.copiedBytes;
    this.level = answer.transmitLevel;
  }

  /**
   * True when the controller cannot have read anything but these bytes in order: none or few were read, so that the FIFO
   * did not run dry, or all were.
   */
  get isCertain(): boolean {
    if (this.payloadBytes <= FIFO_BYTES) return true;
    if (this.level === 0) return this.rest.length === 0;
    return this.copiedBytes - this.level - this.prefetch < FIFO_BYTES;
  }
}

export class Reception {
  private readonly armedBytes: number;
  private readonly chunks: Uint8Array[] = [];
  private countBytes = 0;

  constructor(armedBytes: number) {
    this.armedBytes = armedBytes;
  }

  /** True while more may come than the FIFO holds. */
  get isOpen(): boolean {
    return this.armedBytes > FIFO_BYTES && this.countBytes < this.armedBytes;
  }

  /** Keeps no more than what shows that it was too much. */
  note({ received }: BscAnswer): void {
    if (received.length === 0 || this.countBytes > this.armedBytes) return;
    this.chunks.push(received);
    this.countBytes += received.length;
  }

  /**
   * What came. Throws `INVALID` when bytes may be missing between these, which takes a full FIFO, or when there are more
   * than were armed: the peripheral acknowledges them all. `advice` says what to do about the former.
   */
  take(advice: string): Uint8Array {
    const { armedBytes, countBytes } = this;
    if (countBytes > armedBytes) {
      throw new RigError(
        'INVALID',
        `The controller wrote ${countBytes} bytes or more where ${armedBytes} were armed; the BSC took them all.`,
      );
    }
    if (countBytes >= FIFO_BYTES && countBytes < armedBytes) {
      throw new RigError(
        'INVALID',
        `Only ${countBytes} of ${armedBytes} bytes came out of the BSC's receive FIFO; it may have overrun. ${advice}`,
      );
    }
    return new Uint8Array(Buffer.concat(this.chunks));
  }
}
