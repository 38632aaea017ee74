/**
 * The BSC slave of the BCM283x and BCM2711 as `pigpiod` shows it: the control word that `bsc_xfer` takes and the status
 * that it returns (abyz.me.uk/rpi/pigpio/cif.html#bscXfer; BCM2835 ARM Peripherals, chapter 11).
 */

/** Bytes in each of the two FIFOs. */
export const FIFO_BYTES = 16;
/** Bytes that one call takes and returns at most (`BSC_FIFO_SIZE` of pigpio.h, which is not the FIFO's size). */
export const MAX_CALL_BYTES = 512;

const EN = 1 << 0;
const I2C = 1 << 2;
const BRK = 1 << 7;
const TXE = 1 << 8;
const RXE = 1 << 9;
const ADDRESS_SHIFT = 16;

/** The peripheral off, and both lines plain inputs. */
export const OFF = 0;
/** On, as I2C target at `address`. */
export const answering = (address: number): number => (address << ADDRESS_SHIFT) | RXE | TXE | I2C | EN;
/** Off, lines connected, and both FIFOs emptied. */
export const emptying = (address: number): number => (address << ADDRESS_SHIFT) | BRK | I2C;

/** What a call of `bsc_xfer` did. */
export interface BscAnswer {
  /** Bytes of those given that went into the transmit FIFO. */
  readonly copiedBytes: number;
  /** Bytes in the transmit FIFO when the call ended. */
  readonly transmitLevel: number;
  /** What was in the receive FIFO, and what came in while the call lasted. */
  readonly received: Uint8Array;
}

/** Bits 6 to 10 are the level of the transmit FIFO, those from 16 up how many bytes were copied into it. */
export const decodeStatus = (status: number, received: Uint8Array): BscAnswer => ({
  copiedBytes: status >>> 16,
  transmitLevel: (status >>> 6) & 0x1f,
  received,
});
