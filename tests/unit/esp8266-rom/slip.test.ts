/** Framing on the serial line: whatever goes in comes out, and noise costs no more than the packet it hits. */
import test from 'ava';
import fc from 'fast-check';
import { parseRequest } from '../../../drivers/virtual/esp8266/rom/packets.js';
import { encodeSlip, PACKET_LIMIT_BYTES, SlipDecoder } from '../../../drivers/virtual/esp8266/rom/slip.js';

const END = 0xc0;
const bytes = fc.uint8Array({ minLength: 1, maxLength: 80 });
const special = fc.array(fc.constantFrom(0xc0, 0xdb, 0xdc, 0xdd, 0x00), { minLength: 1, maxLength: 40 });
const packet = fc.oneof(
  bytes,
  special.map((list) => Uint8Array.from(list)),
);

function decode(stream: Iterable<number>): number[][] {
  const decoder = new SlipDecoder();
  const packets: number[][] = [];
  for (const byte of stream) {
    const found = decoder.take(byte);
    if (found !== undefined) packets.push([...found]);
  }
  return packets;
}

test('packets come out as they went in, one after the other', (t) => {
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 8 }), (packets) => {
      const stream = packets.flatMap((each) => [...encodeSlip(each)]);
      t.deepEqual(
        decode(stream),
        packets.map((each) => [...each]),
      );
    }),
  );
});

test('between its ends a packet has no end and no escape of nothing', (t) => {
  fc.assert(
    fc.property(packet, (each) => {
      const encoded = [...encodeSlip(each)];
      t.is(encoded[0], END);
      t.is(encoded.at(-1), END);
      t.false(encoded.slice(1, -1).includes(END));
    }),
  );
});

test('noise between packets, however long, hides none of them', (t) => {
  const noise = fc.uint8Array({ maxLength: 30 }).map((list) => list.filter((byte) => byte !== END));
  fc.assert(
    fc.property(fc.array(fc.tuple(noise, packet), { minLength: 1, maxLength: 6 }), (parts) => {
      const stream = parts.flatMap(([before, each]) => [...before, ...encodeSlip(each)]);
      t.deepEqual(
        decode(stream),
        parts.map(([, each]) => [...each]),
      );
    }),
  );
});

test('after any rubbish, the packet after next is found', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), packet, (rubbish, each) => {
      const stream = [...rubbish, ...encodeSlip(Uint8Array.of(1)), ...encodeSlip(each), ...encodeSlip(each)];
      const found = decode(stream);
      t.deepEqual(found.at(-1), [...each]);
    }),
  );
});

test('a packet that is too long, or escapes nothing, is dropped; the next one is not', (t) => {
  const long = new Uint8Array(PACKET_LIMIT_BYTES + 1).fill(7);
  t.deepEqual(decode([...encodeSlip(long), ...encodeSlip(Uint8Array.of(1))]), [[1]]);
  t.deepEqual(decode([END, 1, 0xdb, 5, 2, END, ...encodeSlip(Uint8Array.of(1))]), [[1]]);
});

test('no packet, whatever is in it, is taken for a request that it is not', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12, max: 4 }), (each) => {
      const request = parseRequest(each);
      const announced = (each[2] ?? 0) | ((each[3] ?? 0) << 8);
      t.is(request !== undefined, each.length >= 8 && each[0] === 0 && announced === each.length - 8);
    }),
  );
});
