/** The records that host and device exchange: what is put in comes out, and a full buffer says so. */
import test from 'ava';
import fc from 'fast-check';
import { type BoardRecord, RecordBuffer } from '../../../drivers/virtual/esp8266/lockstep/records.js';

const CAPACITY = 1_024;
const OFFSET = 64;

const record: fc.Arbitrary<BoardRecord> = fc.record({
  kind: fc.nat(20),
  atUs: fc.oneof(fc.double({ min: 0, max: 1e15, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
  a: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  b: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  bytes: fc.uint8Array({ maxLength: 300 }),
});

const put = (buffer: RecordBuffer, { kind, atUs, a, b, bytes }: BoardRecord) =>
  buffer.put(kind, atUs, a, b, bytes);

test('what is put comes out, in order, at the other end; what does not fit is refused whole', (t) => {
  fc.assert(
    fc.property(fc.array(fc.array(record, { maxLength: 12 }), { maxLength: 4 }), (rounds) => {
      const shared = new SharedArrayBuffer(OFFSET + CAPACITY + 64);
      const writer = new RecordBuffer(shared, OFFSET, CAPACITY);
      const reader = new RecordBuffer(shared, OFFSET, CAPACITY);
      for (const records of rounds) {
        const taken: BoardRecord[] = [];
        const accepted = records.filter((each) => put(writer, each));
        t.true(writer.used <= CAPACITY);
        reader.used = writer.used;
        reader.takeAll((each) => taken.push(each));
        t.deepEqual(taken, accepted);
        t.is(reader.used, 0);
        writer.used = 0;
      }
      // Nothing before or behind the buffer was touched.
      const around = [...new Uint8Array(shared, 0, OFFSET), ...new Uint8Array(shared, OFFSET + CAPACITY)];
      t.true(around.every((byte) => byte === 0));
    }),
  );
});

test('a record that is taken does not change with the buffer', (t) => {
  const buffer = new RecordBuffer(new SharedArrayBuffer(CAPACITY), 0, CAPACITY);
  let taken: BoardRecord | undefined;
  buffer.put(1, 2, 3, 4, Uint8Array.of(5, 6));
  buffer.takeAll((each) => {
    taken = each;
  });
  buffer.put(9, 9, 9, 9, Uint8Array.of(9, 9));
  t.deepEqual(taken, { kind: 1, atUs: 2, a: 3, b: 4, bytes: Uint8Array.of(5, 6) });
});

test('a buffer takes exactly what fits, and works again once emptied', (t) => {
  const buffer = new RecordBuffer(new SharedArrayBuffer(CAPACITY), 0, CAPACITY);
  // A header of 24 bytes.
  t.false(buffer.put(1, 0, 0, 0, new Uint8Array(CAPACITY - 24 + 1)));
  t.true(buffer.put(1, 0, 0, 0, new Uint8Array(CAPACITY - 24)));
  t.false(buffer.put(1, 0, 0, 0));
  buffer.takeAll(() => undefined);
  t.true(buffer.put(1, 0, 0, 0));
});
