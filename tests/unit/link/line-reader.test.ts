/** Bytes in any pieces become the same lines. */
import test from 'ava';
import fc from 'fast-check';
import { LineReader } from '../../../rig/link/line-reader.js';
import { lineFraming } from '../../fixtures/vectors/vectors.js';

const encoder = new TextEncoder();

function reader(limitBytes?: number) {
  const lines: string[] = [];
  const overlong: string[] = [];
  const lineReader = new LineReader(
    { onLine: (text) => lines.push(text), onOverlong: (start) => overlong.push(start) },
    limitBytes,
  );
  return { lines, overlong, lineReader };
}

for (const { name, limitBytes, feed, lines: expected, dropped } of lineFraming.framing) {
  test(`the line reader takes ${name}`, (t) => {
    const { lines, overlong, lineReader } = reader(limitBytes);
    const completed = feed.map((piece) => {
      lineReader.push(encoder.encode(piece));
      return lines.splice(0);
    });
    t.deepEqual(completed, expected);
    t.is(overlong.length, dropped);
  });
}

test('lines come out as they went in, however the stream is cut into payloads', (t) => {
  const texts = fc.array(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n')));
  fc.assert(
    fc.property(texts, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sent, sizes) => {
      const { lines, lineReader } = reader();
      const stream = encoder.encode(sent.map((text) => `${text}\n`).join(''));
      for (let from = 0, cut = 0; from < stream.length; cut += 1) {
        const size = sizes[cut % sizes.length] ?? 1;
        lineReader.push(stream.slice(from, from + size));
        from += size;
      }
      t.deepEqual(lines, sent);
    }),
  );
});

test('bytes that are no UTF-8 arrive as replacement characters and spoil no other line', (t) => {
  const { lines, lineReader } = reader();
  lineReader.push(Uint8Array.of(0x6e, 0xff, 0xfe, 0x0a, 0xe2, 0x0a, 0x6b, 0x0a));
  t.deepEqual(lines, ['n\ufffd\ufffd', '\ufffd', 'k']);
});

test('a line of just the limit passes; one byte more is reported once, cut, and the next line is whole', (t) => {
  const { lines, overlong, lineReader } = reader(4);
  lineReader.push(encoder.encode('abcd\nabc'));
  lineReader.push(encoder.encode('defgh'));
  lineReader.push(encoder.encode('ijk\nok\n'));
  t.deepEqual(lines, ['abcd', 'ok']);
  t.deepEqual(overlong, ['abcd']);
});

test('a reset forgets the beginning of a line, and that one was too long', (t) => {
  const { lines, lineReader } = reader(4);
  lineReader.push(encoder.encode('half'));
  lineReader.reset();
  lineReader.push(encoder.encode('a\ntoolong'));
  lineReader.reset();
  lineReader.push(encoder.encode('b\n'));
  t.deepEqual(lines, ['a', 'b']);
});
