/**
 * CRC-32 (IEEE 802.3: polynomial 0xEDB88320 reflected, initial value and final XOR all ones) of ASCII text.
 * `node:zlib` has one, which is slower by half on a short string, since it is first copied into a buffer.
 */
const TABLE = new Int32Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = (remainder & 1) === 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  TABLE[byte] = remainder;
}

/**
 * The checksum of `text` from index `from` on, an unsigned 32-bit number. A character beyond 8 bits counts
 * with both its bytes.
 */
export function crc32(text: string, from = 0): number {
  let crc = -1;
  for (let index = from; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    crc = (crc >>> 8) ^ (TABLE[(crc ^ code) & 0xff] ?? 0);
    if (code > 0xff) crc = (crc >>> 8) ^ (TABLE[(crc ^ (code >>> 8)) & 0xff] ?? 0);
  }
  return ~crc >>> 0;
}
