/**
 * The text of a test message: `checksum/stream/sequence/padding`, for example `9ae0daaf/up/17/rstuv`.
 *
 * The checksum comes first and at a fixed place, and covers everything behind it. So whatever part of a
 * message is damaged, header included, it cannot pass for another one: CRC-32 detects every burst of up to
 * 32 bits, and longer damage with a probability of 1 − 2⁻³² (Koopman, "32-Bit Cyclic Redundancy Codes", 2002).
 */
import { RigError } from '../errors.js';
import { crc32 } from './crc32.js';

/** Names of streams: they travel in every message, and the separator must not occur in them. */
export const STREAM_NAME = /^[\w.-]{1,32}$/;
/** Sequences index typed arrays and bit maps, which count in 31 bits. */
export const MAX_SEQUENCE = 2 ** 31 - 1;

const CHECKSUM_LENGTH = 8;
const SEPARATORS = 3;
/** Longer than any message of a stream: the exchange allows 200 bytes in all (docs/protocol.md §3). */
const MAX_SIZE_BYTES = 200;

/** Where a message's padding begins moves on with its sequence, so that a stale buffer does not fit. */
const PADDING_CYCLE = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-';
const PADDING = PADDING_CYCLE.repeat(Math.ceil(MAX_SIZE_BYTES / PADDING_CYCLE.length) + 1);

/** A header whose names are still in place; the checksum's characters may be damaged, or some of them gone. */
const DAMAGED_HEADER = /^.{6,10}\/([\w.-]{1,32})\/(0|[1-9]\d{0,9})\//s;
/** A checksum and a separator: enough to tell that the text was a test message. */
const DAMAGED_BODY = /^[0-9a-f]{8}.*\//s;

/** What arrived: an intact test message, a damaged one, or something that never was one. */
export type DecodedMessage =
  | { readonly kind: 'ok'; readonly stream: string; readonly sequence: number }
  /** Stream and sequence are what the damaged text says, where it says any: a hint, not a fact. */
  | { readonly kind: 'corrupted'; readonly stream?: string; readonly sequence?: number }
  | { readonly kind: 'foreign' };

/** The shortest message, in bytes, that holds `stream` and any sequence up to `count − 1`. */
export function smallestMessageBytes(stream: string, count: number): number {
  return CHECKSUM_LENGTH + SEPARATORS + stream.length + String(Math.max(0, count - 1)).length;
}

/**
 * The text of one message, exactly `sizeBytes` printable ASCII characters.
 * Throws `USAGE` when the stream's name, the sequence or the size does not fit. `most` is for lines that are too long on
 * purpose.
 */
export function encodeMessage(
  stream: string,
  sequence: number,
  sizeBytes: number,
  most = MAX_SIZE_BYTES,
): string {
  if (!STREAM_NAME.test(stream)) {
    throw new RigError(
      'USAGE',
      `The stream name "${stream}" cannot travel in a message: use 1 to 32 letters, digits, "_", "." or "-".`,
    );
  }
  if (!Number.isInteger(sequence) || sequence < 0 || sequence > MAX_SEQUENCE) {
    throw new RigError('USAGE', `Stream "${stream}" has no message ${sequence}: use 0 to ${MAX_SEQUENCE}.`);
  }
  const header = `/${stream}/${sequence}/`;
  const paddingLength = sizeBytes - CHECKSUM_LENGTH - header.length;
  if (!Number.isInteger(sizeBytes) || paddingLength < 0 || sizeBytes > most) {
    const smallest = CHECKSUM_LENGTH + header.length;
    throw new RigError(
      'USAGE',
      `Message ${sequence} of stream "${stream}" cannot have ${sizeBytes} bytes: use ${smallest} to ${most}.`,
    );
  }
  const body = header + paddingOf(sequence % PADDING_CYCLE.length, paddingLength);
  return checksum(body) + body;
}

function paddingOf(from: number, length: number): string {
  const end = from + length;
  const padding =
    end <= PADDING.length ? PADDING : PADDING_CYCLE.repeat(Math.ceil(end / PADDING_CYCLE.length));
  return padding.slice(from, end);
}

/** Reads a message's text, without its line end. */
export function decodeMessage(text: string): DecodedMessage {
  const streamEnd = text.indexOf('/', CHECKSUM_LENGTH + 1);
  const sequenceEnd = text.indexOf('/', streamEnd + 1);
  const hasHeader = text.charCodeAt(CHECKSUM_LENGTH) === SLASH && streamEnd > 0 && sequenceEnd > streamEnd;
  if (!hasHeader || crc32(text, CHECKSUM_LENGTH) !== checksumIn(text)) return decodeDamaged(text);
  const sequence = decimalIn(text, streamEnd + 1, sequenceEnd);
  if (!(sequence <= MAX_SEQUENCE)) return { kind: 'foreign' };
  return { kind: 'ok', stream: text.slice(CHECKSUM_LENGTH + 1, streamEnd), sequence };
}

function decodeDamaged(text: string): DecodedMessage {
  const header = DAMAGED_HEADER.exec(text);
  const stream = header?.[1];
  if (stream !== undefined) return { kind: 'corrupted', stream, sequence: Number(header?.[2]) };
  return DAMAGED_BODY.test(text) ? { kind: 'corrupted' } : { kind: 'foreign' };
}

const SLASH = 0x2f;
const DIGIT_0 = 0x30;
const LOWER_A = 0x61;

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(CHECKSUM_LENGTH, '0');
}

/** The checksum that the text begins with, or NaN; only lower-case digits count, so that each has one spelling. */
function checksumIn(text: string): number {
  let value = 0;
  for (let index = 0; index < CHECKSUM_LENGTH; index += 1) {
    const code = text.charCodeAt(index);
    const digit = code >= LOWER_A ? code - LOWER_A + 10 : code - DIGIT_0;
    if (digit < 0 || digit > 15 || (digit > 9 && code < LOWER_A)) return Number.NaN;
    value = value * 16 + digit;
  }
  return value;
}

/** The decimal number between two indices, or NaN when there is none. */
function decimalIn(text: string, from: number, to: number): number {
  let value = from < to ? 0 : Number.NaN;
  for (let index = from; index < to; index += 1) {
    const digit = text.charCodeAt(index) - DIGIT_0;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
