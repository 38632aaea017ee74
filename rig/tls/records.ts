/** The record layer of TLS 1.2: plain before the keys are there, then AES in CBC mode with a MAC (RFC 5246 §6.2). */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { DirectionKeys } from './keys.js';
import type { Suite } from './suites.js';

export const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22, data: 23 } as const;

export const TLS_1_2 = 0x0303;
export const HEADER_BYTES = 5;
const IV_BYTES = 16;
const BLOCK_BYTES = 16;

export interface TlsRecord {
  readonly type: number;
  readonly fragment: Buffer;
}

export function recordOf(type: number, fragment: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(TLS_1_2, 1);
  header.writeUInt16BE(fragment.length, 3);
  return Buffer.concat([header, fragment]);
}

/** Takes bytes as they come, and gives whole records. */
export class RecordReader {
  private buffered = Buffer.alloc(0);

  push(bytes: Uint8Array): void {
    this.buffered = Buffer.concat([this.buffered, bytes]);
  }

  /** What the next record says of its length, as soon as that has come. */
  announcedBytes(): number | undefined {
    return this.buffered.length < HEADER_BYTES ? undefined : this.buffered.readUInt16BE(3);
  }

  next(): TlsRecord | undefined {
    const length = this.announcedBytes();
    if (length === undefined || this.buffered.length < HEADER_BYTES + length) return undefined;
    const fragment = this.buffered.subarray(HEADER_BYTES, HEADER_BYTES + length);
    const type = this.buffered.readUInt8(0);
    this.buffered = this.buffered.subarray(HEADER_BYTES + length);
    return { type, fragment };
  }
}

/** One direction of a connection, once its keys are in use. */
export class RecordCipher {
  private readonly suite: Suite;
  private readonly keys: DirectionKeys;
  private readonly nextIv: () => Uint8Array;
  private sequence = 0n;

  /** `nextIv` gives 16 bytes that nobody can foresee; for `open` it is not needed. */
  constructor(suite: Suite, keys: DirectionKeys, nextIv: () => Uint8Array = () => new Uint8Array(IV_BYTES)) {
    this.suite = suite;
    this.keys = keys;
    this.nextIv = nextIv;
  }

  seal(type: number, plain: Uint8Array): Buffer {
    const content = Buffer.concat([plain, this.mac(type, plain)]);
    const padding = BLOCK_BYTES - ((content.length + 1) % BLOCK_BYTES || BLOCK_BYTES);
    const iv = this.nextIv();
    const cipher = createCipheriv(this.algorithm(), this.keys.key, iv).setAutoPadding(false);
    const padded = Buffer.concat([content, Buffer.alloc(padding + 1, padding)]);
    return recordOf(type, Buffer.concat([iv, cipher.update(padded), cipher.final()]));
  }

  /** The content of a record; undefined when it was not sealed with these keys. */
  open({ type, fragment }: TlsRecord): Buffer | undefined {
    const bytes = fragment.length - IV_BYTES;
    if (bytes < BLOCK_BYTES || bytes % BLOCK_BYTES !== 0) return undefined;
    const iv = fragment.subarray(0, IV_BYTES);
    const decipher = createDecipheriv(this.algorithm(), this.keys.key, iv).setAutoPadding(false);
    const padded = Buffer.concat([decipher.update(fragment.subarray(IV_BYTES)), decipher.final()]);
    const end = padded.length - (padded.at(-1) ?? 0) - 1 - this.suite.macBytes;
    if (end < 0) return undefined;
    const plain = padded.subarray(0, end);
    const isGenuine = this.mac(type, plain).equals(padded.subarray(end, end + this.suite.macBytes));
    return isGenuine ? plain : undefined;
  }

  private algorithm(): string {
    return `aes-${8 * this.suite.keyBytes}-cbc`;
  }

  private mac(type: number, plain: Uint8Array): Buffer {
    const header = Buffer.alloc(13);
    header.writeBigUInt64BE(this.sequence, 0);
    header.writeUInt8(type, 8);
    header.writeUInt16BE(TLS_1_2, 9);
    header.writeUInt16BE(plain.length, 11);
    this.sequence += 1n;
    return createHmac(this.suite.mac, this.keys.mac).update(header).update(plain).digest();
  }
}
