/** The configuration line against its byte vectors, and what is refused. */
import test from 'ava';
import { completeConfig, encodeConfigLine, type LinkConfig } from '../../../rig/link/config.js';
import { configLines, hex, unhex } from '../../fixtures/vectors/vectors.js';

for (const { config, list, bytes } of configLines.lines) {
  test(`the configuration line of ${JSON.stringify(config)}`, (t) => {
    t.is(hex(encodeConfigLine(config)), bytes);
    t.deepEqual(JSON.parse(new TextDecoder().decode(unhex(bytes))), list);
  });
}

test('what is left out has the documented default, and the id gets its newline once', (t) => {
  const complete = {
    id: 'a\n',
    server: 'b',
    port: 8123,
    timeoutMs: 1500,
    reportS: 0,
    ssid: '',
    password: '',
  };
  t.deepEqual(completeConfig({ id: 'a', server: 'b' }), complete);
  t.deepEqual(completeConfig({ id: 'a\n', server: 'b' }), complete);
});

const good: LinkConfig = { id: 'a', server: '10.0.0.1', ssid: 'net', password: 'password' };
/** What the device's firmware would not refuse, or does not get to see. */
const wrongHere: [string, unknown][] = [
  ['server', ''],
  ['server', 'a\nb'],
  ['timeoutMs', Number.NaN],
  ['ssid', 'x'.repeat(33)],
  ['ssid', 'ü'.repeat(17)],
  ['ssid', ''],
  ['password', 'short'],
  ['password', 'x'.repeat(65)],
  ['password', 'pass\nword'],
];
const wrongThere = configLines.refusedFields.map(({ field, value }) => [field, value] as const);
for (const [field, value] of [...wrongThere, ...wrongHere]) {
  test(`the configuration with ${field} ${JSON.stringify(value)} is refused by name`, (t) => {
    const config = { ...good, [field]: value };
    const error = t.throws(() => encodeConfigLine(config), { code: 'USAGE' });
    t.regex(error?.message ?? '', new RegExp(`\\b${field}\\b`));
  });
}

test('a password never shows in a message', (t) => {
  for (const password of ['pwd4711', 'pass\tword4711', '4711'.repeat(20)]) {
    t.notRegex(t.throws(() => encodeConfigLine({ ...good, password }))?.message ?? '', /4711/);
  }
});

test('a configuration that does not fit one payload is refused', (t) => {
  const error = t.throws(() => encodeConfigLine({ ...good, id: 'i'.repeat(150) }), { code: 'USAGE' });
  t.regex(error?.message ?? '', /at most 200/);
});
