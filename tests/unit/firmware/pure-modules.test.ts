/** The modules of the firmware that do no input or output, against byte vectors, in MicroPython. */
import test from 'ava';
import { loadFirmware, readFixture } from './firmware-modules.js';

interface MidVectors {
  source: { take: number; first: number[]; at: [number, number][] };
  filter: { name: string; receive: [number, string][]; new: boolean[] }[];
}
interface FrameVectors {
  pack: { length: number; holdOff: boolean; header: [number, number] }[];
  refused: [number, number][];
}
interface LineVectors {
  framing: { name: string; limit: number; feed: string[]; lines: string[][]; dropped: number }[];
  mids: [string, number][];
  messages: [number, string, string][];
  acks: [number, string][];
  requests: { line: string; text: string; qos: boolean; wait: boolean }[];
  refusedRequests: string[];
}
interface ConfigVectors {
  accepted: { line: string; config: object }[];
  refused: { line: string; says: string }[];
}
type WindowVectors = { name: string; steps: unknown[][] }[];

const call = await loadFirmware('checks');
const mids: MidVectors = JSON.parse(readFixture('mids.json'));
const frames: FrameVectors = JSON.parse(readFixture('frame.json'));
const lines: LineVectors = JSON.parse(readFixture('lines.json'));
const configs: ConfigVectors = JSON.parse(readFixture('config.json'));
const windows: WindowVectors = JSON.parse(readFixture('window.json'));

test('our mids run 0, 1 … 255, 1 … and 0 comes once', (t) => {
  const taken = call('take_mids', mids.source.take);
  if (!Array.isArray(taken)) return t.fail('no list of mids');
  t.deepEqual(taken.slice(0, mids.source.first.length), mids.source.first);
  for (const [index, mid] of mids.source.at) t.is(taken[index], mid);
  t.is(taken.filter((mid) => mid === 0).length, 1);
});

for (const vector of mids.filter) {
  test(`the mid filter ${vector.name}`, (t) => {
    t.deepEqual(call('filter_mids', vector.receive), vector.new);
  });
}

test('a header says length and hold-off both ways', (t) => {
  for (const { length, holdOff, header } of frames.pack) {
    t.deepEqual(call('pack_header', [length, holdOff]), header);
    t.deepEqual(call('unpack_header', header), [length, holdOff]);
  }
});

test('a header that announces more than 200 bytes is refused', (t) => {
  for (const header of frames.refused) t.is(call('unpack_header', header), 'refused');
});

for (const vector of lines.framing) {
  test(`the line buffer takes ${vector.name}`, (t) => {
    t.deepEqual(call('frame_lines', [vector.limit, vector.feed]), [vector.lines, vector.dropped]);
  });
}

test('a mid is two lower-case hexadecimal digits', (t) => {
  for (const [line, mid] of lines.mids) t.is(call('parse_mid', line), mid, line);
});

test('messages and acks for the server have their bytes', (t) => {
  for (const [mid, text, wire] of lines.messages) t.is(call('message_line', [mid, text]), wire);
  for (const [mid, wire] of lines.acks) t.is(call('ack_line', mid), wire);
});

test("a client's line says qos and wait in its first character", (t) => {
  for (const { line, text, qos, wait } of lines.requests) {
    t.deepEqual(call('parse_request', line), [text, qos, wait]);
  }
});

test('what is not a message of the client is refused', (t) => {
  for (const line of lines.refusedRequests) t.is(call('parse_request', line), 'refused', line);
});

test('a config line gives its fields', (t) => {
  for (const { line, config } of configs.accepted) t.deepEqual(call('parse_config', line), config);
});

test('a config line with a fault is refused with the name of the field', (t) => {
  for (const { line, says } of configs.refused) {
    const outcome = JSON.stringify(call('parse_config', line));
    t.true(outcome.startsWith(`{"refused":"${says}`), `${line} gave ${outcome}`);
  }
});

for (const vector of windows) {
  test(`the window ${vector.name}`, (t) => {
    t.deepEqual(call('play_window', vector.steps), vector.steps);
  });
}
