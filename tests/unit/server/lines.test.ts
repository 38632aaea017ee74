/** Lines between device and server: parsing, encoding, and cutting the byte stream. */
import test from 'ava';
import fc from 'fast-check';
import {
  encodeAck,
  encodeMessage,
  KEEPALIVE,
  LINE_LIMIT_BYTES,
  LineSplitter,
  parseLine,
} from '../../../rig/server/lines.js';
import { hex, lineOf, serverLines, unhex } from '../../fixtures/vectors/vectors.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function split(stream: Uint8Array, cuts: readonly number[]): { lines: string[]; intact: boolean } {
  const splitter = new LineSplitter();
  const lines: string[] = [];
  const borders = [0, ...[...cuts].sort((a, b) => a - b), stream.length];
  let intact = true;
  for (let index = 1; index < borders.length; index += 1) {
    const chunk = stream.slice(borders[index - 1], borders[index]);
    intact = intact && splitter.push(chunk, (line) => lines.push(line) > 0);
  }
  return { lines, intact };
}

test('messages, acks and keepalives have their bytes, and are told apart', (t) => {
  for (const { mid, text, bytes } of serverLines.messages) {
    t.is(hex(encodeMessage(mid, text)), bytes);
    t.deepEqual(parseLine(lineOf(bytes)), { kind: 'message', mid, text });
  }
  for (const { mid, bytes } of serverLines.acks) {
    t.is(hex(encodeAck(mid)), bytes);
    t.deepEqual(parseLine(lineOf(bytes)), { kind: 'ack', mid });
  }
  t.is(hex(KEEPALIVE), serverLines.keepalive);
  t.deepEqual(split(unhex(serverLines.keepalive), []).lines.map(parseLine), [{ kind: 'keepalive' }]);
});

test('a line without a mid of two lower-case hexadecimal digits is malformed', (t) => {
  for (const line of serverLines.malformed) t.is(parseLine(line).kind, 'malformed', line);
});

test('what is encoded is read back', (t) => {
  const text = fc.string({ minLength: 1 }).filter((line) => !line.includes('\n'));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), text, (mid, line) => {
      const { lines } = split(encodeMessage(mid, line), []);
      t.deepEqual(lines.map(parseLine), [{ kind: 'message', mid, text: line }]);
    }),
  );
});

test('lines come out the same wherever the stream is cut', (t) => {
  const texts = fc.array(
    fc.string({ unit: 'binary', maxLength: 60 }).map((line) => line.replaceAll('\n', ' ')),
  );
  fc.assert(
    fc.property(texts, fc.array(fc.nat(2_000), { maxLength: 10 }), (lines, cuts) => {
      const stream = bytesOf(lines.map((line) => `${line}\n`).join(''));
      const result = split(
        stream,
        cuts.map((cut) => Math.min(cut, stream.length)),
      );
      t.true(result.intact);
      t.deepEqual(result.lines.map(bytesOf), lines.map(bytesOf));
    }),
  );
});

test('a line of the limit passes, a longer one is reported, with or without its end', (t) => {
  const longest = 'x'.repeat(LINE_LIMIT_BYTES);
  t.deepEqual(split(bytesOf(`${longest}\n`), [1_000]).lines, [longest]);
  t.false(split(bytesOf(`${longest}x\n`), [1_000]).intact);
  t.false(split(bytesOf(`${longest}x`), [10]).intact);
});
