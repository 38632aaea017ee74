/** The header that each side sends at the start of an exchange (docs/protocol.md §3): two bytes, pure codec. */
import { RigError } from '../errors.js';

/** Length of the header. */
export const HEADER_BYTES = 2;
/** Shortest payload of an exchange; "no payload" is length 0. */
export const MIN_PAYLOAD_BYTES = 1;
/** Longest payload of an exchange; a longer one is a protocol error at the receiver. */
export const MAX_PAYLOAD_BYTES = 200;

/** Bit 7 of the second byte: "I hold unread data, do not send me a payload". */
const HOLD_OFF_BIT = 0x80;

export interface ExchangeHeader {
  /** Bytes of the payload that follows in this direction; 0 for none. */
  readonly lengthBytes: number;
  /** The sender of this header cannot take a payload in the next exchange, or in the rest of this one. */
  readonly holdOff: boolean;
}

/** The header's two bytes. Throws `USAGE` when the length is no whole number from 0 to `MAX_PAYLOAD_BYTES`. */
export function encodeHeader({ lengthBytes, holdOff }: ExchangeHeader): Uint8Array {
  if (!Number.isInteger(lengthBytes) || lengthBytes < 0 || lengthBytes > MAX_PAYLOAD_BYTES) {
    throw new RigError(
      'USAGE',
      `A payload of ${lengthBytes} bytes does not fit an exchange; send 0 to ${MAX_PAYLOAD_BYTES}.`,
    );
  }
  return Uint8Array.of(lengthBytes & 0xff, (lengthBytes >> 8) | (holdOff ? HOLD_OFF_BIT : 0));
}

/**
 * Reads a peer's header. Throws `PROTOCOL` when the peer announces more than `MAX_PAYLOAD_BYTES`, and
 * `INVALID` when it is not given two bytes, which is the fault of whoever read the bus.
 */
export function decodeHeader(bytes: Uint8Array): ExchangeHeader {
  const [low, high] = bytes;
  if (bytes.length !== HEADER_BYTES || low === undefined || high === undefined) {
    throw new RigError(
      'INVALID',
      `An exchange header has ${HEADER_BYTES} bytes, but ${bytes.length} were read.`,
    );
  }
  const lengthBytes = low | ((high & ~HOLD_OFF_BIT) << 8);
  if (lengthBytes > MAX_PAYLOAD_BYTES) {
    throw new RigError(
      'PROTOCOL',
      `The peer announces a payload of ${lengthBytes} bytes; at most ${MAX_PAYLOAD_BYTES} are allowed. ` +
        'Check its firmware, and the bus for bit errors.',
    );
  }
  return { lengthBytes, holdOff: (high & HOLD_OFF_BIT) !== 0 };
}
