import test from 'ava';
import fc from 'fast-check';
import { isRigError, messageOf } from '../../../rig/errors.js';
import { crc32 } from '../../../rig/traffic/crc32.js';
import {
  decodeMessage,
  encodeMessage,
  MAX_SEQUENCE,
  smallestMessageBytes,
} from '../../../rig/traffic/message.js';

const streamName = fc.stringMatching(/^[\w.-]{1,32}$/);
const sequence = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: MAX_SEQUENCE }));
const encoded = fc
  .record({ stream: streamName, sequence, spare: fc.nat({ max: 120 }) })
  .map(({ stream, sequence, spare }) => ({
    stream,
    sequence,
    text: encodeMessage(stream, sequence, smallestMessageBytes(stream, sequence + 1) + spare),
  }));

test('the checksum has the check value of CRC-32, as the catalogue of CRC algorithms lists it', (t) => {
  t.is(crc32('123456789'), 0xcbf43926);
  t.is(crc32(''), 0);
  t.is(crc32('xx123456789', 2), 0xcbf43926);
});

test('a message is read back as it was written, and has the wanted size in printable ASCII', (t) => {
  fc.assert(
    fc.property(streamName, sequence, fc.nat({ max: 120 }), (stream, sequence, spare) => {
      const size = smallestMessageBytes(stream, sequence + 1) + spare;
      const text = encodeMessage(stream, sequence, size);
      t.deepEqual(decodeMessage(text), { kind: 'ok', stream, sequence });
      t.is(Buffer.byteLength(text), size);
      t.regex(text, /^[\x21-\x7e]+$/);
    }),
  );
});

test('any change of one character is detected, wherever it is, and the text is still known as a test message', (t) => {
  fc.assert(
    fc.property(
      encoded,
      fc.nat(),
      fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
      ({ text }, at, char) => {
        const index = at % text.length;
        fc.pre(text[index] !== char);
        const damaged = text.slice(0, index) + char + text.slice(index + 1);
        t.is(decodeMessage(damaged).kind, 'corrupted', damaged);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('every change of one character of one message to another printable one is detected', (t) => {
  const text = encodeMessage('up', 17, 40);
  let undetected = 0;
  for (let index = 0; index < text.length; index += 1) {
    for (let code = 0x20; code < 0x7f; code += 1) {
      const damaged = text.slice(0, index) + String.fromCharCode(code) + text.slice(index + 1);
      if (damaged !== text && decodeMessage(damaged).kind !== 'corrupted') undetected += 1;
    }
  }
  t.is(undetected, 0);
});

test('a text with characters missing, added or exchanged is never read as intact', (t) => {
  fc.assert(
    fc.property(
      encoded,
      fc.nat(),
      fc.nat({ max: 8 }),
      fc.string({ maxLength: 8 }),
      ({ text }, at, gone, added) => {
        const index = at % text.length;
        const damaged = text.slice(0, index) + added + text.slice(index + gone);
        fc.pre(damaged !== text);
        t.not(decodeMessage(damaged).kind, 'ok', damaged);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('damage behind the header leaves stream and sequence readable as a hint', (t) => {
  const text = encodeMessage('down', 123, 40);
  t.deepEqual(decodeMessage(`${text.slice(0, -1)}~`), { kind: 'corrupted', stream: 'down', sequence: 123 });
  t.deepEqual(decodeMessage(`?${text.slice(1)}`), { kind: 'corrupted', stream: 'down', sequence: 123 });
});

test('text that never was a test message is foreign', (t) => {
  for (const text of ['', 'hello', '["boot", 1]', '/up/17/', 'a/b/c', '1234567', '12345678 9abcdef']) {
    t.is(decodeMessage(text).kind, 'foreign', text);
  }
});

test('a checksum in capitals is not taken for the same', (t) => {
  const text = encodeMessage('up', 3, 40);
  const capitals = text.slice(0, 8).toUpperCase() + text.slice(8);
  t.not(capitals, text);
  t.is(decodeMessage(capitals).kind, 'corrupted');
});

test('a name, sequence or size that does not fit is refused, with the smallest size that would', (t) => {
  const refused = (run: () => string) => t.throws(run, { any: true });
  for (const name of ['', 'a/b', 'a b', 'é', 'x'.repeat(33)]) {
    t.true(
      isRigError(
        refused(() => encodeMessage(name, 0, 60)),
        'USAGE',
      ),
      name,
    );
  }
  for (const sequence of [-1, 1.5, Number.NaN, MAX_SEQUENCE + 1]) {
    t.true(
      isRigError(
        refused(() => encodeMessage('up', sequence, 60)),
        'USAGE',
      ),
    );
  }
  for (const size of [0, 13, 201, 40.5]) {
    t.true(
      isRigError(
        refused(() => encodeMessage('up', 0, size)),
        'USAGE',
      ),
    );
  }
  t.regex(messageOf(refused(() => encodeMessage('up', 0, 13))), /use 14 to 200/);
  t.is(encodeMessage('up', 0, 14).length, 14);
  t.is(encodeMessage('up', 0, 200).length, 200);
});
