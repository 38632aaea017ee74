/** Which files are taken for firmware, and why others are not. */
import test from 'ava';
import { imageProblem } from '../../../drivers/pi/flash/firmware-image.js';
import { makeImage } from '../../fixtures/esp-loader/image.js';

const image = makeImage(5_000);

test('an image of an ESP8266 is taken', (t) => {
  t.is(imageProblem(image), undefined);
});

const changed = (at: number, ...bytes: number[]): Uint8Array => {
  const copy = image.slice();
  copy.set(bytes, at);
  return copy;
};

const wrong: readonly [what: string, bytes: Uint8Array, problem: RegExp][] = [
  ['nothing', new Uint8Array(0), /empty/],
  ['text', new TextEncoder().encode('print(1)\n'), /0xe9.*no firmware image/],
  ['a header that is cut off', image.subarray(0, 5), /download complete/],
  ['a segment that is cut off', image.subarray(0, 900), /cut off/],
  ['a checksum that is cut off', image.subarray(0, 1_018), /cut off/],
  ['a second segment that is not there', changed(1, 2).subarray(0, 1_020), /cut off/],
  ['a segment without end', changed(12, 0xff, 0xff, 0xff, 0xff), /cut off/],
  ['a segment of another length', changed(12, 0xe0, 0x03), /checksum is wrong/],
  ['no segments', changed(1, 0), /0 segments/],
  ['too many segments', changed(1, 17), /17 segments/],
  ['a byte changed', changed(500, (image[500] ?? 0) ^ 1), /checksum is wrong/],
  ['an image for an ESP32', makeImage(5_000, 0x4008_0400), /0x40080400.*another chip/],
  ['more than any flash holds', new Uint8Array(17 * 1024 * 1024).fill(0xe9), /16 MB/],
];

for (const [what, bytes, problem] of wrong) {
  test(`refused: ${what}`, (t) => {
    t.regex(imageProblem(bytes) ?? 'taken', problem);
  });
}

test('whatever the bytes, there is an answer', (t) => {
  for (let length = 0; length < 64; length += 1) {
    t.notThrows(() => imageProblem(image.subarray(0, length)));
    t.notThrows(() => imageProblem(new Uint8Array(length).fill(0xe9)));
  }
});
