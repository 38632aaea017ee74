/** A client's greeting, byte by byte: what is made of its extensions, and of one that is cut off. */
import test from 'ava';
import { parseClientHello } from '../../../rig/tls/handshake.js';

const BEFORE_SUITES = [3, 3, ...new Array<number>(32).fill(7), 0];
const SUITES = [0, 2, 0, 0x2f];
const COMPRESSION = [1, 0];
const SIGNATURES = [0, 13, 0, 4, 0, 2, 4, 1];
const RENEGOTIATION = [0xff, 0x01, 0, 1, 0];

const hello = (suites: readonly number[], extensions: readonly number[]) =>
  parseClientHello(
    Buffer.from([...BEFORE_SUITES, ...suites, ...COMPRESSION, 0, extensions.length, ...extensions]),
  );

test('safe renegotiation is known by its extension, among others, and by its number among the suites', (t) => {
  t.is(hello(SUITES, SIGNATURES)?.knowsSafeRenegotiation, false);
  t.is(hello(SUITES, [...SIGNATURES, ...RENEGOTIATION])?.knowsSafeRenegotiation, true);
  t.is(hello(SUITES, [...RENEGOTIATION, ...SIGNATURES])?.knowsSafeRenegotiation, true);
  t.is(hello([0, 4, 0, 0x2f, 0, 0xff], [])?.knowsSafeRenegotiation, true);
});

test('a greeting without extensions, or with some that are cut off, is one all the same', (t) => {
  const whole = [...BEFORE_SUITES, ...SUITES, ...COMPRESSION, 0, 13, ...SIGNATURES, ...RENEGOTIATION];
  const least = BEFORE_SUITES.length + SUITES.length;
  for (let length = least; length < whole.length; length += 1) {
    const parsed = parseClientHello(Buffer.from(whole.slice(0, length)));
    t.deepEqual(parsed?.suites, [0x2f], `${length} bytes`);
    t.is(parsed?.knowsSafeRenegotiation, false, `${length} bytes`);
  }
  t.is(parseClientHello(Buffer.from(whole.slice(0, least - 1))), undefined);
});
