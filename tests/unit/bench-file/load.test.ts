/** Bench files as people write them: what a good one comes to, and what each mistake is answered with. */
import test from 'ava';
import type { BenchFile } from '../../../rig/bench-file/bench-file.js';
import { BENCH_FILE_LIMIT_CHARACTERS, loadBenchFile } from '../../../rig/bench-file/load.js';
import { isRigError } from '../../../rig/errors.js';
import { sample, spoiled } from './sample.js';

/** The message of the error, whose code must be `USAGE`. */
function refusal(text: string): string {
  try {
    loadBenchFile(text, 'bench.yaml');
  } catch (error) {
    if (isRigError(error, 'USAGE')) return error.message;
    throw error;
  }
  return 'accepted';
}

function physical(file: BenchFile) {
  if (file.kind === 'physical') return file;
  throw new Error('It is a virtual bench.');
}

test('a good file is read, with its defaults', (t) => {
  const file = physical(loadBenchFile(sample, 'bench.yaml').file);
  t.is(file.name, 'lab-3');
  t.is(Number(file.reset?.pulse), 200_000);
  t.is(Number(file.server.timeout), 1_500_000);
  t.is(file.server.port, 8_123);
  t.like(file.link.i2c, { driver: 'bsc', address: 0x12, host: 'localhost', port: 8_888 });
  t.like(file.power, { leave: 'on', settle: 50_000, sense: { driver: 'ina219', bus: 1, address: 0x40 } });
  t.like(file.console, { baud: 115_200, romBaud: 74_880, modemLines: 'unconnected' });
});

test('the place of a value is that in the text', (t) => {
  const { where } = loadBenchFile(sample, 'lab/bench.yaml');
  t.is(where(['accessPoint', 'passphraseEnv']), 'lab/bench.yaml:22:18');
  t.is(where(['board', 'firmware']), 'lab/bench.yaml:2:34');
  t.is(where(['power', 'leave']), 'lab/bench.yaml:13:1', 'a default stands nowhere: the section');
});

test('anchors and merges are fine, and places in them are right', (t) => {
  const shared = spoiled('{driver: gpio, line: GPIO5}', '&pin {driver: gpio, line: GPIO5}');
  const merged = spoiled('{driver: gpio, line: GPIO6}', '{<<: *pin, line: GPIO6}', shared);
  const loaded = loadBenchFile(merged, 'b');
  t.like(physical(loaded.file).link.ack, { driver: 'gpio', line: 'GPIO6' });
  t.is(loaded.where(['link', 'ack', 'line']), 'b:7:25');
  t.is(loaded.where(['link', 'ack', 'driver']), 'b:6:22', 'where it is written');
});

test('a virtual bench needs little', (t) => {
  const { file } = loadBenchFile('{kind: virtual, name: v, board: {kind: esp8266}}', 'b');
  t.deepEqual(file, { kind: 'virtual', name: 'v', board: { kind: 'esp8266' }, link: { role: 'target' } });
});

const mistakes: readonly [name: string, text: string, message: RegExp][] = [
  ['nothing', '', /^bench\.yaml:1:1: it is empty/],
  ['only a comment', '# later\n', /^bench\.yaml:1:1: it is empty/],
  ['a list', '- a\n- b', /^bench\.yaml:1:1: a bench file is made of keys and values/],
  ['a word', 'lab', /^bench\.yaml:1:1: a bench file is made of keys and values/],
  ['a key twice', 'name: a\nname: b', /^bench\.yaml:2:1: this key is there twice/],
  ['a tab', 'board:\n\tkind: esp8266', /^bench\.yaml:2:1: a tab stands at the beginning/],
  ['an open bracket', 'board: {kind: esp8266\nname: x\n', /^bench\.yaml:[23]:\d+: this is not YAML: /],
  ['two documents', 'a: 1\n---\nb: 2', /^bench\.yaml:2:1: a second document begins here/],
  ['an alias of nothing', 'board: *x', /^bench\.yaml:1:8: \*x stands for &x, which is not set/],
  ['a tag', 'name: !lab 3', /^bench\.yaml:1:7: tags .* have no meaning/],
  ['a merge of a number', '<<: 3\na: 1', /^bench\.yaml:1:1: this is not YAML: merge sources must be maps/],
  ['a key that is a list', '[a]: 1', /^bench\.yaml:1:1: this is no key/],
  ['brackets without end', '['.repeat(9_999), /^bench\.yaml:1:\d+: it is nested too deeply\.$/],
  ['a file that is too large', 'x'.repeat(BENCH_FILE_LIMIT_CHARACTERS + 1), /more than 65536 characters/],
  ['a kind that is none', 'kind: virtaul', /^bench\.yaml:1:7: kind: .* Did you mean "virtual"\?$/],
  ['a kind that is no text', 'kind: [virtual]', /^bench\.yaml:1:1: kind: a bench is physical or virtual\.$/],
  [
    'an unknown key',
    spoiled('  timeout', '  timeuot'),
    /^bench\.yaml:25:3: server\.timeuot: there is no such key here\. Did you mean "timeout"\?$/,
  ],
  [
    'a key of another driver',
    spoiled('  control: {driver: gpio, line: GPIO26}', '  control: {driver: gpio, line: GPIO26}\n  hub: 1-1'),
    /^bench\.yaml:16:3: power\.hub: there is no such key here\. Known: driver, control, sense, leave, settle/,
  ],
  [
    'a missing key',
    spoiled('  host: 192.168.50.1\n', ''),
    /^bench\.yaml:23:1: server\.host is missing \(.+\)\.$/,
  ],
  ['a missing section', spoiled(/server:[\s\S]*/, ''), /^bench\.yaml:1:1: server is missing \(.+\)\.$/],
  [
    'a section without content',
    spoiled(/server:[\s\S]*/, 'server:\n'),
    /server: must be a section .*, not nothing/,
  ],
  ['a number for a text', spoiled('lab-3', '3'), /^bench\.yaml:1:7: name: must be a text, not 3\./],
  ['a duration without unit', spoiled('200ms', '200'), /:11:10: reset\.pulse: must be written with its unit/],
  [
    'a duration out of range',
    spoiled('200ms', '20s'),
    /:11:10: reset\.pulse: "20s" is out of range: .* 1ms to 10s/,
  ],
  [
    'an address that is reserved',
    spoiled('0x12', '0x7f'),
    /:5:31: link\.i2c\.address: 127 is too large: at most 119/,
  ],
  [
    'a line that is none',
    spoiled('GPIO26', '[26]'),
    /:15:27: power\.control\.line: a list does not do\. It is: /,
  ],
  [
    'a driver that is none',
    spoiled('ina219', 'ina21'),
    /:16:19: power\.sense\.driver: "ina21" .* Did you mean "ina219"/,
  ],
  [
    'a role that is none',
    spoiled('role: target', 'role: slave'),
    /:4:9: link\.role: "slave" .* target or controller/,
  ],
  [
    'a driver of the other role',
    spoiled('bsc', 'i2c-dev'),
    /:5:17: link\.i2c\.driver: .* controller with i2c-dev/,
  ],
  [
    'a pin used twice',
    spoiled('GPIO26', '5'),
    /:15:33: power\.control\.line: 5 is the line of link\.syn already\./,
  ],
  [
    'a pin used twice, by the name of its chip',
    spoiled('GPIO26', '5, chip: pinctrl-bcm2711'),
    /5 is the line of link\.syn already/,
  ],
  ['a host name', spoiled('192.168.50.1', 'rig.local'), /:24:9: server\.host: "rig\.local" is no address/],
  [
    'any address',
    spoiled('192.168.50.1', '0.0.0.0'),
    /server\.host: 0\.0\.0\.0 is no address that a device can reach/,
  ],
  [
    'an address of version 6',
    spoiled('192.168.50.1', 'fd00::1'),
    /server\.host: fd00::1: the ESP8266 has only IPv4/,
  ],
  ['part of a millisecond', spoiled('1500ms', '1500.5ms'), /server\.timeout: must be whole milliseconds/],
  [
    'straps of another board',
    spoiled('kind: esp8266', 'kind: other'),
    /:12:3: reset\.straps: only an ESP8266/,
  ],
  [
    'a name of 33 bytes',
    spoiled('ssid: rig', `ssid: ${'x'.repeat(33)}`),
    /accessPoint\.ssid: must have at most 32 bytes/,
  ],
  [
    'a command as one text',
    spoiled(/power:[\s\S]*console:/, 'power: {driver: command, on: relay on, off: [x]}\nconsole:'),
    /power\.on: must be a list, not "relay on"\. It is: .*program and arguments, as a list/,
  ],
];

for (const [name, text, message] of mistakes) {
  test(`${name}: place, key and next step are told`, (t) => {
    t.regex(refusal(text), message);
    t.notRegex(refusal(text), /\n/, 'one problem, one line');
  });
}

test('the sensor at the address of the device under test, on the same bus, is refused', (t) => {
  const controller = spoiled(
    'role: target\n  i2c: {driver: bsc, address: 0x12}',
    'role: controller\n  i2c: {driver: i2c-dev, bus: 1, address: 0x40}',
  );
  t.regex(refusal(controller), /power\.sense\.address: the device under test has this address on bus 1/);
  t.is(refusal(spoiled('bus: 1}', 'bus: 2}', controller)), 'accepted');
});

test('the same pin number on another chip is another pin', (t) => {
  t.is(refusal(spoiled('GPIO26', '5, chip: gpiochip7')), 'accepted');
});

test('all problems are told at once, in the order of the file', (t) => {
  const text = spoiled('board:', 'baord:', spoiled('0x12', '0x7f', spoiled('lab-3', '3')));
  t.deepEqual(
    refusal(text)
      .split('\n')
      .map((line) => line.trim().split(' ').slice(0, 2).join(' ')),
    [
      'bench.yaml: 4',
      'bench.yaml:1:1: board',
      'bench.yaml:1:7: name:',
      'bench.yaml:2:1: baord:',
      'bench.yaml:5:31: link.i2c.address:',
    ],
  );
});

test('however many problems there are, the message stays short', (t) => {
  const keys = Array.from({ length: 2_000 }, (_, index) => `${'k'.repeat(20)}${index}: 1`);
  const lines = refusal(keys.join('\n')).split('\n');
  t.is(lines.length, 22);
  t.regex(lines.at(-1) ?? '', /and 1984 more\./);
  t.true(lines.every((line) => line.length < 300));
});

test('a long key or value is cut in messages', (t) => {
  t.true(refusal(`kind: virtual\n${'k'.repeat(5_000)}: 1`).length < 1_000);
  t.true(refusal(spoiled('ina219', 'v'.repeat(5_000))).length < 1_000);
});

test('what looks like a secret in the wrong place is not repeated', (t) => {
  const pasted = refusal(spoiled('RIG_WIFI_PASSPHRASE', 'correct horse'));
  t.regex(pasted, /:22:18: accessPoint\.passphraseEnv: must be the name of an environment variable/);
  t.notRegex(pasted, /horse/);
  const named = refusal(spoiled('passphraseEnv: RIG_WIFI_PASSPHRASE', 'passphrase: correct horse'));
  t.regex(named, /:22:3: accessPoint\.passphrase: secrets do not belong in this file\. .*passphraseEnv/);
  t.notRegex(named, /horse/);
});

test('anchors that would unfold without bound are refused', (t) => {
  const level = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(of).join(', ')}]`;
  const bomb = [level('a', '1'), level('b', '*a'), level('c', '*b'), level('d', '*c')].join('\n');
  t.regex(refusal(bomb), /anchors are used in one another too often/);
});

test('names that JavaScript knows are unknown keys like any other', (t) => {
  t.regex(refusal(`${sample}__proto__: {x: 1}\n`), /:26:1: __proto__: there is no such key here/);
  t.regex(refusal(`${sample}constructor: 1\n`), /:26:1: constructor: there is no such key here/);
});
