/**
 * Is a file an image that an ESP8266 can boot? The format is Espressif's, "Firmware Image Format" of esptool's
 * documentation for the ESP8266: a header of 8 bytes, segments with 8 bytes of header each, and a checksum of their
 * contents at the end of a block of 16 bytes.
 */

export const IMAGE_MAGIC = 0xe9;
/** Start value of the checksum, an exclusive or over the contents of all segments. */
export const CHECKSUM_SEED = 0xef;
const HEADER_BYTES = 8;
const SEGMENT_HEADER_BYTES = 8;
const SEGMENTS_LIMIT = 16;
const BLOCK_BYTES = 16;
/** The chip's instruction memory, where its first code must begin (SDK, eagle.app.v6.ld). */
const CODE_BEGINS = 0x4010_0000;
const CODE_ENDS = 0x4010_c000;
/** The largest flash that the chip's image header can name. */
export const LARGEST_IMAGE_BYTES = 16 * 1024 * 1024;

/** Why `image` is none for an ESP8266, in a sentence; undefined when it is one. */
export function imageProblem(image: Uint8Array): string | undefined {
  if (image.length === 0) return 'It is empty.';
  if (image.length > LARGEST_IMAGE_BYTES) return 'It is larger than any flash of an ESP8266, 16 MB.';
  if (image[0] !== IMAGE_MAGIC) {
    return `It does not begin with 0x${IMAGE_MAGIC.toString(16)}, so it is no firmware image (a .bin from micropython.org is).`;
  }
  if (image.length < HEADER_BYTES) return 'It ends within its header: is the download complete?';
  const view = new DataView(image.buffer, image.byteOffset, image.length);
  const segments = view.getUint8(1);
  if (segments === 0 || segments > SEGMENTS_LIMIT) {
    return `Its header says ${segments} segments; an image has 1 to ${SEGMENTS_LIMIT}.`;
  }
  const entry = view.getUint32(4, true);
  if (entry < CODE_BEGINS || entry >= CODE_ENDS) {
    return `Its code begins at 0x${entry.toString(16)}, which is no place of an ESP8266: it is for another chip.`;
  }
  return segmentProblem(view, segments);
}

function segmentProblem(view: DataView, segments: number): string | undefined {
  const cut = 'It is cut off: its segments are longer than the file. Is the download complete?';
  let checksum = CHECKSUM_SEED;
  let at = HEADER_BYTES;
  for (let segment = 0; segment < segments; segment += 1) {
    if (at + SEGMENT_HEADER_BYTES > view.byteLength) return cut;
    const begin = at + SEGMENT_HEADER_BYTES;
    const end = begin + view.getUint32(at + 4, true);
    if (end > view.byteLength) return cut;
    for (let index = begin; index < end; index += 1) checksum ^= view.getUint8(index);
    at = end;
  }
  const checksumAt = at + BLOCK_BYTES - 1 - (at % BLOCK_BYTES);
  if (checksumAt >= view.byteLength) return cut;
  if (view.getUint8(checksumAt) !== checksum)
    return 'Its checksum is wrong: it is damaged. Download it again.';
  return undefined;
}
