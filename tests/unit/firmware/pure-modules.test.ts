/** The modules of the firmware that do no input or output, against byte vectors, in MicroPython. */
import test from 'ava';
import {
  clientLines,
  configLines,
  dutLines,
  frameHeaders,
  lineFraming,
  lineOf,
  mids,
  serverLines,
  unhex,
} from '../../fixtures/vectors/vectors.js';
import { loadFirmware, readFixture } from './firmware-modules.js';

/** Each step carries its expected outcome, if it has one; `play_window` in the checks plays them. */
type WindowVectors = { name: string; steps: unknown[][] }[];

const call = await loadFirmware('checks');
const windows: WindowVectors = JSON.parse(readFixture('window.json'));
const textOf = (bytes: string): string => new TextDecoder().decode(unhex(bytes));

test('our mids run 0, 1 … 255, 1 … and 0 comes once', (t) => {
  const taken = call('take_mids', mids.sequence.take);
  if (!Array.isArray(taken)) return t.fail('no list of mids');
  t.deepEqual(taken.slice(0, mids.sequence.first.length), mids.sequence.first);
  for (const [index, mid] of mids.sequence.at) t.is(taken[index], mid);
  t.is(taken.filter((mid) => mid === 0).length, 1);
});

for (const { name, receive, isNew } of mids.seen) {
  test(`the mid filter ${name}`, (t) => {
    t.deepEqual(call('filter_mids', receive), isNew);
  });
}

for (const { lengthBytes, holdOff, bytes } of frameHeaders.headers) {
  test(`the header ${bytes} says ${lengthBytes} bytes${holdOff ? ' and hold off' : ''}`, (t) => {
    t.deepEqual(call('pack_header', [lengthBytes, holdOff]), [...unhex(bytes)]);
    t.deepEqual(call('unpack_header', [...unhex(bytes)]), [lengthBytes, holdOff]);
  });
}

test('a header that announces more than 200 bytes is refused', (t) => {
  for (const { bytes } of frameHeaders.tooLong)
    t.is(call('unpack_header', [...unhex(bytes)]), 'refused', bytes);
});

for (const { name, limitBytes, feed, lines, dropped } of lineFraming.framing) {
  test(`the line buffer takes ${name}`, (t) => {
    t.deepEqual(call('frame_lines', [limitBytes, feed]), [lines, dropped]);
  });
}

test('messages, acks and keepalives for the server have their bytes', (t) => {
  for (const { mid, text, bytes } of serverLines.messages) {
    t.is(call('message_line', [mid, text]), textOf(bytes));
    t.is(call('parse_mid', lineOf(bytes)), mid);
  }
  for (const { mid, bytes } of serverLines.acks) {
    t.is(call('ack_line', mid), textOf(bytes));
    t.is(call('parse_mid', lineOf(bytes)), mid);
  }
  t.is(call('keepalive_line'), textOf(serverLines.keepalive));
});

test('a line without a mid of two lower-case hexadecimal digits has none', (t) => {
  for (const line of ['', ...serverLines.malformed]) t.is(call('parse_mid', line), -1, line);
});

for (const { qos, wait, text, bytes } of clientLines.lines) {
  test(`a message of the client: qos ${qos}, wait ${wait}, ${JSON.stringify(text)}`, (t) => {
    t.deepEqual(call('parse_request', lineOf(bytes)), [text, qos, wait]);
  });
}

test('what is not a message of the client is refused', (t) => {
  for (const line of clientLines.refused) t.is(call('parse_request', line), 'refused', line);
});

for (const { bytes, expected } of dutLines.sent) {
  test(`a line for the client: ${JSON.stringify(lineOf(bytes))} is ${expected.kind}`, (t) => {
    t.is(call('client_line', expected), textOf(bytes));
  });
}

test('a config line gives its fields, however its JSON is spelt', (t) => {
  const encoded = configLines.lines.map(({ bytes, list }) => ({ line: lineOf(bytes), list }));
  for (const { line, list } of [...encoded, ...configLines.spellings]) {
    const [id, port, server, timeoutMs, reportS, ssid, password] = list;
    const config = { id, port, server, timeoutMs, reportS, ssid, password };
    t.deepEqual(call('parse_config', line), config, line);
  }
});

const goodConfig = ['rig', 8123, 'host', 1500, 0, '', '', 'cfg'];
const fieldNames = ['id', 'port', 'server', 'timeoutMs', 'reportS', 'ssid', 'password'];
for (const { field, value } of configLines.refusedFields) {
  test(`the configuration with ${field} ${JSON.stringify(value)} is refused by name`, (t) => {
    const list: unknown[] = [...goodConfig];
    list[fieldNames.indexOf(field)] = value;
    const line = JSON.stringify(list);
    const outcome = JSON.stringify(call('parse_config', line));
    t.true(outcome.startsWith(`{"refused":"${field} `), `${line} gave ${outcome}`);
  });
}

test('a line that is no configuration is refused with the reason', (t) => {
  for (const { line, says } of configLines.malformed) {
    const outcome = JSON.stringify(call('parse_config', line));
    t.true(outcome.startsWith(`{"refused":"${says}`), `${line} gave ${outcome}`);
  }
});

for (const vector of windows) {
  test(`the window ${vector.name}`, (t) => {
    t.deepEqual(call('play_window', vector.steps), vector.steps);
  });
}
