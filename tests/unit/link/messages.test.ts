/** The application's lines against their byte vectors. */
import test from 'ava';
import fc from 'fast-check';
import { decodeDutLine, encodeClientLine, MAX_TEXT_BYTES } from '../../../rig/link/messages.js';
import { clientLines, dutLines, hex, lineOf } from '../../fixtures/vectors/vectors.js';

for (const { qos, wait, text, bytes } of clientLines.lines) {
  test(`a message to the DUT: qos ${qos}, wait ${wait}, ${JSON.stringify(text)}`, (t) => {
    t.is(hex(encodeClientLine(text, { qos, wait })), bytes);
  });
}

for (const { bytes, expected } of [...dutLines.sent, ...dutLines.spellings, ...dutLines.unknown]) {
  test(`a line from the DUT: ${JSON.stringify(lineOf(bytes))} is ${expected.kind}`, (t) => {
    t.deepEqual(decodeDutLine(lineOf(bytes)), expected);
  });
}

test('no line from the DUT makes the decoder throw', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (line) => {
      t.truthy(decodeDutLine(line).kind);
    }),
  );
});

test('any well-formed text without a newline that fits comes back as it was', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.boolean(),
      fc.boolean(),
      (text, qos, wait) => {
        fc.pre(text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= MAX_TEXT_BYTES);
        const line = new TextDecoder('utf-8', { ignoreBOM: true }).decode(
          encodeClientLine(text, { qos, wait }),
        );
        t.is(line, `${'0123'[Number(qos) * 2 + Number(wait)]}${text}\n`);
      },
    ),
  );
});

test('a text that cannot be one line of the link is refused and says why', (t) => {
  const refused = (text: string) =>
    t.throws(() => encodeClientLine(text, { qos: true, wait: true }), { code: 'USAGE' });
  t.regex(refused('')?.message ?? '', /empty/);
  t.regex(refused('a\nb')?.message ?? '', /newline.*"a\\nb"/);
  t.regex(refused('x'.repeat(199))?.message ?? '', /at most 198 bytes.*this one 199/);
  t.regex(refused('ü'.repeat(100))?.message ?? '', /this one 200/);
  t.regex(refused('half \ud83d')?.message ?? '', /well-formed/);
});
