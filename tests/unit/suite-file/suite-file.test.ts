/** Suite files: the published schema is the rig's own, and each mistake is told with its place and key. */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { parse } from 'yaml';
import { loadSuiteFile, SUITE_FILE_LIMIT_CHARACTERS } from '../../../rig/suite-file/load.js';
import { suiteFileJsonSchema } from '../../../rig/suite-file/suite-file.js';
import { pathOf } from '../docs/markdown.js';

const published: object = JSON.parse(readFileSync(pathOf('schemas/suite.schema.json'), 'utf8'));
const validate = new Ajv2020({ strict: true, allErrors: true, formats: { date: true } }).compile(published);

const sample = `name: lab
summary: what the lab runs
runs:
  - scenario: steady
    parameters: { messages: 100, period: 200ms }
    repeat: 2
  - scenario: ./mine.ts
    limits: { lost: 3 }
    quarantine:
      reason: the access point of bench 2 is broken
      until: 2026-12-31
`;

test('schemas/suite.schema.json is current ("npm run refresh" makes it so)', (t) => {
  t.deepEqual(published, JSON.parse(JSON.stringify(suiteFileJsonSchema())));
});

test('it accepts the suites that come with the rig, and the rig reads them', (t) => {
  const folder = pathOf('scenarios/suites');
  const files = readdirSync(folder);
  t.deepEqual(files.sort(), ['nightly.yaml', 'smoke.yaml']);
  for (const file of files) {
    const text = readFileSync(`${folder}/${file}`, 'utf8');
    t.true(validate(parse(text)), JSON.stringify(validate.errors));
    t.is(`${loadSuiteFile(text, file).suite.name}.yaml`, file);
  }
});

test('what is left out has its default', (t) => {
  const { suite } = loadSuiteFile(sample, 'lab.yaml');
  t.deepEqual(suite.runs, [
    { scenario: 'steady', parameters: { messages: 100, period: '200ms' }, repeat: 2, limits: {} },
    {
      scenario: './mine.ts',
      parameters: {},
      repeat: 1,
      limits: { lost: 3 },
      quarantine: { reason: 'the access point of bench 2 is broken', until: '2026-12-31' },
    },
  ]);
  t.true(validate(parse(sample)));
});

const mistakes: readonly [what: string, from: string, to: string, message: RegExp][] = [
  [
    'an unknown key',
    'repeat:',
    'repaet:',
    /^lab\.yaml:6:5: runs\[0\]\.repaet: there is no such key here\. Did you mean "repeat"\?/,
  ],
  [
    'an unknown key of a quarantine',
    'until:',
    'untill:',
    /lab\.yaml:11:7: runs\[1\]\.quarantine\.untill: there is no such key/,
  ],
  [
    'a repeat of none',
    'repeat: 2',
    'repeat: 0',
    /^lab\.yaml:6:13: runs\[0\]\.repeat: 0 is too small: at least 1/,
  ],
  [
    'a repeat that is too large',
    'repeat: 2',
    'repeat: 1001',
    /^lab\.yaml:6:13: runs\[0\]\.repeat: 1001 is too large: at most 1000/,
  ],
  [
    'a limit that is no number',
    'lost: 3',
    'lost: few',
    /^lab\.yaml:8:21: runs\[1\]\.limits\.lost: must be a number, not "few"/,
  ],
  [
    'a parameter that is a list',
    'messages: 100',
    'messages: [1]',
    /^lab\.yaml:5:19: runs\[0\]\.parameters\.messages: a list does not do\./,
  ],
  [
    'a day that is none',
    '2026-12-31',
    '2026-13-31',
    /^lab\.yaml:11:14: runs\[1\]\.quarantine\.until: must be a day, such as "2026-12-31"/,
  ],
  [
    'an hour instead of a day',
    '2026-12-31',
    '2026-12-31T00:00:00Z',
    /^lab\.yaml:11:14: runs\[1\]\.quarantine\.until: must be a day/,
  ],
  [
    'a quarantine without a reason',
    '      reason: the access point of bench 2 is broken\n',
    '',
    /^lab\.yaml:9:5: runs\[1\]\.quarantine\.reason is missing/,
  ],
  [
    'a name of two words',
    'name: lab',
    'name: my lab',
    /^lab\.yaml:1:7: name: must be lower case words joined by hyphens/,
  ],
  ['a summary that is missing', 'summary: what the lab runs\n', '', /^lab\.yaml:1:1: summary is missing/],
  [
    'a scenario that is missing',
    'scenario: ./mine.ts\n    ',
    '',
    /^lab\.yaml:7:5: runs\[1\]\.scenario is missing/,
  ],
  [
    'a key that is there twice',
    'repeat: 2',
    'repeat: 2\n    repeat: 3',
    /^lab\.yaml:7:5: this key is there twice/,
  ],
  ['a tab', '    repeat: 2', '\trepeat: 2', /lab\.yaml:6:1: a tab stands at the beginning/],
];

for (const [what, from, to, message] of mistakes) {
  test(`${what} is told with its place and key`, (t) => {
    t.true(sample.includes(from));
    t.throws(() => loadSuiteFile(sample.replace(from, to), 'lab.yaml'), { code: 'USAGE', message });
  });
}

test('all mistakes are told at once, in the order of the file', (t) => {
  const text = sample.replace('repeat: 2', 'repeat: 0').replace('lost: 3', 'lost: few').replace('lab', 'Lab');
  const error = t.throws(() => loadSuiteFile(text, 'lab.yaml'), { code: 'USAGE' });
  const [head, ...lines] = error?.message.split('\n') ?? [];
  t.is(head, 'lab.yaml: 3 things are wrong in this file.');
  t.deepEqual(
    lines.map((line) => line.trim().split(' ')[0]),
    ['lab.yaml:1:7:', 'lab.yaml:6:13:', 'lab.yaml:8:21:'],
  );
});

test('what is no suite file at all is told what one is', (t) => {
  const load = (text: string) => () => loadSuiteFile(text, 'lab.yaml');
  for (const text of ['', '- steady', 'steady', 'null']) {
    t.throws(load(text), {
      code: 'USAGE',
      message: /^lab\.yaml:1:1: a suite file has the keys name, summary/,
    });
  }
  t.throws(load(sample.replace(/runs:[\s\S]*/, 'runs: []')), {
    code: 'USAGE',
    message: /runs: must not be empty/,
  });
  t.throws(load('#'.repeat(SUITE_FILE_LIMIT_CHARACTERS + 1)), {
    code: 'USAGE',
    message: /Is it a suite file\?/,
  });
});

test('the suite that the document shows is valid, and its table has every key', (t) => {
  const page = readFileSync(pathOf('docs/nightly.md'), 'utf8');
  const [, shown = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const { suite } = loadSuiteFile(shown, 'docs/nightly.md');
  t.is(suite.runs.length, 3);
  const keys = ['name', 'summary', 'runs', ...Object.keys(suite.runs[2] ?? {}).map((key) => `runs[].${key}`)];
  const table = [...page.matchAll(/^\| `([a-z[\].]+)` \| ?(?:required|1)? ?\|/gm)].map(([, key]) => key);
  t.deepEqual(table.sort(), keys.sort());
});
