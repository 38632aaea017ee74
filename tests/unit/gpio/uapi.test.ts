/** The kernel's structures, byte by byte, against what a C compiler made of the kernel's own header. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import {
  EVENT_BYTES,
  emptyChipInfo,
  gpioRequests,
  lineConfig,
  lineFlags,
  lineInfoQuestion,
  lineRequest,
  lineValues,
  readChipInfo,
  readEvents,
  readLevel,
  readLineFd,
  readLineInfo,
} from '../../../drivers/pi/gpio/uapi.js';
import type { Level } from '../../../rig/ports.js';

interface Struct {
  readonly sizeBytes: number;
  readonly at: Readonly<Record<string, string>>;
}

interface Vectors {
  readonly requests: Readonly<Record<string, number>>;
  readonly request: Struct & { line: number; consumer: string; flags: (keyof typeof lineFlags)[] };
  readonly config: Struct & { level: Level; flags: (keyof typeof lineFlags)[] };
  readonly event: Struct & { level: Level; atNs: string; seqno: number };
  readonly info: Struct & { offset: number; name: string; consumer: string; used: boolean };
  readonly chip: Struct & { device: string; label: string; lines: number };
  readonly values: Struct & { level: Level };
}

/** This file runs in dist/tests/unit/gpio; the vectors are not compiled. */
const path = new URL('../../../../tests/fixtures/vectors/gpio-uapi.json', import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(path, 'utf8'));

const bytesOf = ({ sizeBytes, at }: Struct): Uint8Array => {
  const bytes = Buffer.alloc(sizeBytes);
  for (const [offset, hex] of Object.entries(at)) bytes.write(hex, Number(offset), 'hex');
  return Uint8Array.from(bytes);
};

const flagsOf = (names: readonly (keyof typeof lineFlags)[]): number =>
  names.reduce((flags, name) => flags | lineFlags[name], 0);

test("the requests' numbers are the header's", (t) => {
  t.deepEqual({ ...gpioRequests }, vectors.requests);
});

test('what is sent to the kernel has the bytes of the C structures', (t) => {
  const { request, config, values } = vectors;
  t.deepEqual(
    lineRequest(request.line, request.consumer, { flags: flagsOf(request.flags) }),
    bytesOf(request),
  );
  t.deepEqual(lineConfig({ flags: flagsOf(config.flags), level: config.level }), bytesOf(config));
  t.deepEqual(lineValues(values.level), bytesOf(values));
  t.is(lineInfoQuestion(17).length, vectors.info.sizeBytes);
  t.is(emptyChipInfo().length, vectors.chip.sizeBytes);
});

test('what the kernel sends is read from the C structures', (t) => {
  const { event, info, chip, values } = vectors;
  t.is(EVENT_BYTES, event.sizeBytes);
  const expected = { level: event.level, atNs: BigInt(event.atNs), seqno: event.seqno };
  t.deepEqual(readEvents(bytesOf(event), event.sizeBytes), [expected]);
  t.deepEqual(readLineInfo(bytesOf(info)), { name: info.name, consumer: info.consumer, used: info.used });
  t.deepEqual(readChipInfo(bytesOf(chip)), { device: chip.device, label: chip.label, lines: chip.lines });
  t.is(readLevel(bytesOf(values)), values.level);
});

test('only whole events are taken from a buffer', (t) => {
  const one = bytesOf(vectors.event);
  const two = Uint8Array.from([...one, ...one]);
  t.is(readEvents(two, two.length).length, 2);
  t.is(readEvents(two, two.length - 1).length, 1);
  t.is(readEvents(two, 0).length, 0);
});

test('a consumer that is too long is cut, and leaves room for the zero byte', (t) => {
  const request = lineRequest(0, 'x'.repeat(40), { flags: lineFlags.input });
  t.is(request[256 + 30], 'x'.charCodeAt(0));
  t.is(request[256 + 31], 0);
});

test("the line's descriptor is read from the end of the request", (t) => {
  const request = lineRequest(0, 'rig', { flags: lineFlags.input });
  new DataView(request.buffer).setInt32(588, 42, true);
  t.is(readLineFd(request), 42);
});
