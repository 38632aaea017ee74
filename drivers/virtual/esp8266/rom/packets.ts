/** Requests to a loader and its answers: "Serial Protocol" of Espressif's esptool documentation, for the ESP8266. */

export const operation = {
  flashBegin: 0x02,
  flashData: 0x03,
  flashEnd: 0x04,
  memBegin: 0x05,
  memEnd: 0x06,
  memData: 0x07,
  sync: 0x08,
  writeRegister: 0x09,
  readRegister: 0x0a,
  spiSetParameters: 0x0b,
  spiAttach: 0x0d,
  changeBaud: 0x0f,
  deflateBegin: 0x10,
  deflateData: 0x11,
  deflateEnd: 0x12,
  flashMd5: 0x13,
  eraseFlash: 0xd0,
  eraseRegion: 0xd1,
  readFlash: 0xd2,
  runUserCode: 0xd3,
} as const;

/** Why a request failed: the second byte of its status. */
export const failure = {
  invalidMessage: 0x05,
  failedToAct: 0x06,
  invalidChecksum: 0x07,
  deflate: 0x0b,
  /** Of the program that tools load, where the ROM has `invalidMessage`. */
  unknownCommand: 0xc3,
} as const;

const REQUEST = 0;
const ANSWER = 1;
const HEADER_BYTES = 8;
const STATUS_BYTES = 2;
const CHECKSUM_SEED = 0xef;
/** Before the block itself: its length, its number and two words of nothing. */
const BLOCK_HEADER_BYTES = 16;

export interface Request {
  readonly operation: number;
  readonly checksum: number;
  readonly data: Uint8Array;
}

/** Undefined when the packet is no request. */
export function parseRequest(packet: Uint8Array): Request | undefined {
  if (packet.length < HEADER_BYTES || packet[0] !== REQUEST) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const data = packet.subarray(HEADER_BYTES);
  if (view.getUint16(2, true) !== data.length) return undefined;
  return { operation: view.getUint8(1), checksum: view.getUint32(4, true), data };
}

export interface Answer {
  readonly value?: number;
  readonly data?: Uint8Array;
  /** One of `failure`; without it, the request was carried out. */
  readonly failure?: number;
}

export function answerPacket(
  operation: number,
  { value = 0, data = new Uint8Array(0), failure: reason }: Answer = {},
): Uint8Array {
  const packet = new Uint8Array(HEADER_BYTES + data.length + STATUS_BYTES);
  const view = new DataView(packet.buffer);
  packet.set([ANSWER, operation]);
  view.setUint16(2, data.length + STATUS_BYTES, true);
  view.setUint32(4, value >>> 0, true);
  packet.set(data, HEADER_BYTES);
  packet.set(reason === undefined ? [0, 0] : [1, reason], HEADER_BYTES + data.length);
  return packet;
}

/** The word at `index` of a request's data; 0 beyond its end. */
export function word(data: Uint8Array, index: number): number {
  const at = 4 * index;
  if (at + 4 > data.length) return 0;
  return new DataView(data.buffer, data.byteOffset, data.length).getUint32(at, true);
}

/** One block of a transfer. */
export interface Block {
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** The block of a data request, or why it is none. */
export function parseBlock({ data, checksum }: Request): Block | { readonly failure: number } {
  const bytes = data.subarray(BLOCK_HEADER_BYTES);
  if (data.length < BLOCK_HEADER_BYTES || word(data, 0) !== bytes.length) {
    return { failure: failure.invalidMessage };
  }
  if (blockChecksum(bytes) !== checksum) return { failure: failure.invalidChecksum };
  return { sequence: word(data, 1), bytes };
}

/** Exclusive or over the bytes. */
export function blockChecksum(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum ^ byte, CHECKSUM_SEED);
}
