/** A serial port over telnet, as its clients speak it. */
import test from 'ava';
import { escapeTelnet, isTelnet, type PortEvent, Rfc2217 } from '../../../cli/rfc2217.js';

const bytes = (...values: number[]) => Uint8Array.from(values);
const flat = (events: readonly PortEvent[]) =>
  events.map((event) => ('bytes' in event ? { kind: event.kind, bytes: [...event.bytes] } : event));

test('options of a serial port are agreed to, once; others are refused', (t) => {
  const port = new Rfc2217();
  const answers = port.take(bytes(255, 251, 44, 255, 253, 1, 255, 253, 34, 255, 251, 44));
  t.deepEqual(flat(answers), [
    { kind: 'answer', bytes: [255, 253, 44] },
    { kind: 'answer', bytes: [255, 251, 1] },
    { kind: 'answer', bytes: [255, 252, 34] },
  ]);
});

test('rate and modem lines come in their order among the bytes, also in pieces', (t) => {
  const port = new Rfc2217();
  const sent = [65, 255, 250, 44, 1, 0, 1, 0x24, 0x80, 255, 240, 66, 255, 250, 44, 5, 11, 255, 240, 255, 255];
  const events = sent.flatMap((byte) => port.take(bytes(byte)));
  t.deepEqual(flat(events), [
    { kind: 'data', bytes: [65] },
    { kind: 'baud', baud: 74_880 },
    { kind: 'answer', bytes: [255, 250, 44, 101, 0, 1, 0x24, 0x80, 255, 240] },
    { kind: 'data', bytes: [66] },
    { kind: 'lines', dtr: false, rts: true },
    { kind: 'answer', bytes: [255, 250, 44, 105, 11, 255, 240] },
    { kind: 'data', bytes: [255] },
  ]);
});

test('a long subnegotiation is bounded, and what follows is read', (t) => {
  const port = new Rfc2217();
  const events = port.take(bytes(255, 250, 99, ...new Array<number>(10_000).fill(1), 255, 240, 67));
  t.deepEqual(flat(events), [{ kind: 'data', bytes: [67] }]);
});

test('telnet is known by its first byte, and that byte is doubled within data', (t) => {
  t.true(isTelnet(bytes(255, 251)));
  t.false(isTelnet(bytes(3)));
  t.deepEqual([...escapeTelnet(bytes(1, 255, 2))], [1, 255, 255, 2]);
});
