/** The exchange header against its byte vectors. */
import test from 'ava';
import fc from 'fast-check';
import { decodeHeader, encodeHeader, MAX_PAYLOAD_BYTES } from '../../../rig/link/frame.js';
import { frameHeaders, hex, unhex } from '../../fixtures/vectors/vectors.js';

for (const { lengthBytes, holdOff, bytes } of frameHeaders.headers) {
  test(`the header ${bytes} says ${lengthBytes} bytes${holdOff ? ' and hold off' : ''}`, (t) => {
    t.is(hex(encodeHeader({ lengthBytes, holdOff })), bytes);
    t.deepEqual(decodeHeader(unhex(bytes)), { lengthBytes, holdOff });
  });
}

for (const { lengthBytes, bytes } of frameHeaders.tooLong) {
  test(`the header ${bytes} is refused, because it announces ${lengthBytes} bytes`, (t) => {
    const error = t.throws(() => decodeHeader(unhex(bytes)), { code: 'PROTOCOL' });
    t.regex(error?.message ?? '', new RegExp(`${lengthBytes} bytes`));
  });
}

test('every header survives encoding and decoding', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX_PAYLOAD_BYTES }), fc.boolean(), (lengthBytes, holdOff) => {
      t.deepEqual(decodeHeader(encodeHeader({ lengthBytes, holdOff })), { lengthBytes, holdOff });
    }),
  );
});

test('a header is not made for a length that no exchange can carry', (t) => {
  for (const lengthBytes of [-1, 0.5, 201, Number.NaN]) {
    t.throws(() => encodeHeader({ lengthBytes, holdOff: false }), { code: 'USAGE' });
  }
});

test('a header of any other size than two bytes is the reader’s fault', (t) => {
  for (const bytes of [[], [0], [0, 0, 0]])
    t.throws(() => decodeHeader(Uint8Array.from(bytes)), { code: 'INVALID' });
});
