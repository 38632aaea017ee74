/** `rig run --report` and `rig report`: the same files, whatever the journal is like, and each apart from the others. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { RunEvent } from '../../../rig/run/events.js';
import { madeUpJournal } from '../reports/made-up-journal.js';
import { PlayedLab } from './played-lab.js';

const ALL = 'html,junit,markdown';
const REPORTS = ['report.html', 'junit.xml', 'summary.md'] as const;

for (const journal of [
  {},
  { outcome: 'FAIL', loseEvery: 10, reason: 'lost is 30', consoleLine: '<b>\u001b[31m\r# red' },
] as const) {
  test(`the reports of a run that is ${'outcome' in journal ? 'a FAIL' : 'a PASS'} are byte for byte those that are made later`, async (t) => {
    const lab = new PlayedLab(t);
    lab.journal = journal;
    const ran = await lab.rig(`run steady --seed 7 --out out --report ${ALL}`);
    t.is(ran.errors, '');
    t.deepEqual(lab.files('out'), ['console.log', 'journal.jsonl', ...REPORTS, 'result.json'].sort());
    mkdirSync(join(lab.path, 'later'));
    const { status, output, errors } = await lab.rig(`report out --format ${ALL} --out later`);
    t.is(errors, '');
    t.is(status, 0);
    t.is(output, REPORTS.map((file) => `${join('later', file)}\n`).join(''));
    for (const file of REPORTS) t.is(lab.read(`later/${file}`), lab.read(`out/${file}`), file);
  });
}

test('a report that cannot be written makes the run an ERROR, and keeps no other from being written', async (t) => {
  const lab = new PlayedLab(t);
  const { status, output, errors } = await lab.rig(`run steady --out out --report ${ALL}`, {
    runScenario: (request) => {
      // A folder is where the file should go.
      mkdirSync(join(lab.path, 'out', 'junit.xml'));
      return lab.play(request);
    },
  });
  t.is(status, 4);
  t.regex(errors, /^rig: out: junit\.xml could not be written \(.+\)\n$/);
  t.regex(output.trimEnd().split('\n').at(-1) ?? '', /^ERROR steady .*junit\.xml could not be written/);
  t.deepEqual(
    lab.files('out').filter((file) => !file.endsWith('.log')),
    ['journal.jsonl', 'junit.xml', 'report.html', 'result.json', 'summary.md'],
  );
});

test('reports say what the run came to, also where its events cannot tell', async (t) => {
  const lab = new PlayedLab(t);
  const { status } = await lab.rig(`run steady --out out --report ${ALL}`, {
    runScenario: async (request) => {
      const result = await lab.play(request);
      // A reader of the events broke: what it should have written is missing.
      request.sinks[0]?.(brokenEvent);
      return result;
    },
  });
  t.is(status, 4);
  t.is(JSON.parse(lab.read('out/result.json')).outcome, 'ERROR');
  t.regex(lab.read('out/junit.xml'), /<error message="[^"]*console\.log failed 1 time /);
  t.regex(lab.read('out/summary.md'), /^## 🛑 ERROR steady/);
  t.regex(lab.read('out/report.html'), /<title>ERROR steady/);
});

/** A line that throws when it is made into text. */
const brokenEvent: RunEvent = {
  ...({ type: 'console', line: 'x' } as const),
  get atUs(): never {
    throw new Error('the disk is full');
  },
};

test('of a journal that was cut off, it shows what there is, and says so on both sides', async (t) => {
  const lab = new PlayedLab(t);
  lab.writeRun('cut', madeUpJournal().slice(0, 300), '{"type":"mess');
  const { status, output, errors } = await lab.rig(`report cut --format ${ALL}`);
  t.is(status, 0);
  t.is(errors, 'rig: journal.jsonl:301: the last line is torn, the run was cut off here\n');
  t.is(output.split('\n').length, 4);
  t.regex(
    lab.read('cut/report.html'),
    /The journal ends before the run did[\s\S]*journal\.jsonl:301: the last line is torn/,
  );
  t.regex(
    lab.read('cut/summary.md'),
    /^## .+ made-up[\s\S]*The journal ends before the run did[\s\S]*the last line is torn/,
  );
  t.regex(
    lab.read('cut/junit.xml'),
    /<system-err>journal\.jsonl:301: the last line is torn[^<]*<\/system-err>/,
  );
  t.notRegex(lab.read('cut/junit.xml'), /errors="0"/, 'a run without an end is no pass');
});

test('unknown events are told, the first twenty and how many more, and the rest is shown', async (t) => {
  const lab = new PlayedLab(t);
  lab.writeRun('odd', madeUpJournal(), '{"type":"brain.wave","atUs":1}\n'.repeat(25));
  const { status, errors } = await lab.rig('report odd --format markdown');
  t.is(status, 0);
  const lines = errors.trimEnd().split('\n');
  t.is(lines.length, 21);
  t.regex(lines[0] ?? '', /^rig: journal\.jsonl:\d+: unknown event type "brain\.wave"$/);
  t.is(lines[20], 'rig: 5 more like these');
  t.regex(lab.read('odd/summary.md'), /PASS made-up/);
});

test('a journal of a newer rig is reported as such, and shown as far as it is known', async (t) => {
  const lab = new PlayedLab(t);
  const newer = madeUpJournal().map((event) =>
    event.type === 'run.started' ? { ...event, schemaVersion: 99 } : event,
  );
  lab.writeRun('newer', newer);
  const { status, errors } = await lab.rig('report newer --format markdown,html');
  t.is(status, 0);
  t.regex(errors, /^rig: journal\.jsonl:1: written by a newer rig \(format 99, this one knows \d+\)/);
  t.regex(lab.read('newer/report.html'), /written by a newer rig/);
  t.regex(lab.read('newer/summary.md'), /300 of 300/);
});

test('where nothing can be reported, that is wrong usage, and nothing is written', async (t) => {
  const lab = new PlayedLab(t);
  lab.writeRun('empty', []);
  lab.writeRun('headless', madeUpJournal().slice(1, 10));
  lab.writeRun('whole', madeUpJournal());
  const wrong: readonly [words: string, message: RegExp][] = [
    ['report empty', /^rig: empty: nothing can be reported\. .*run\.started/],
    ['report headless', /^rig: headless: nothing can be reported\./],
    ['report nowhere', /^rig: nowhere: there is no journal\.jsonl there\. Name the folder of a run/],
    ['report whole --format pdf', /^rig: --format pdf: "pdf" is no report\. Known: html, junit, markdown\./],
    ['report whole --format html,,', /^rig: --format html,,: "" is no report/],
    ['report whole --out nowhere', /^rig: --out nowhere: there is no such folder\./],
    ['report', /missing required argument 'run'/],
  ];
  for (const [words, message] of wrong) {
    const { status, output, errors } = await lab.rig(words);
    t.regex(errors, message);
    t.is(status, 2, words);
    t.is(output, '');
  }
  for (const folder of ['empty', 'headless', 'whole']) t.deepEqual(lab.files(folder), ['journal.jsonl']);
});

test('a report that cannot be written later keeps no other from being written either', async (t) => {
  const lab = new PlayedLab(t);
  lab.writeRun('run', madeUpJournal());
  mkdirSync(join(lab.path, 'run', 'report.html'));
  const { status, output, errors } = await lab.rig(`report run --format ${ALL}`);
  t.is(status, 2);
  t.regex(errors, /^rig: The html report cannot be written to .*report\.html: /);
  t.is(output, `${join('run', 'junit.xml')}\n${join('run', 'summary.md')}\n`);
  t.deepEqual(lab.files('run'), ['journal.jsonl', 'junit.xml', 'report.html', 'summary.md']);
});

test('the journal itself can be named, and the default is the page', async (t) => {
  const lab = new PlayedLab(t);
  lab.writeRun('run', madeUpJournal());
  t.is((await lab.rig('report run/journal.jsonl')).output, `${join('run', 'report.html')}\n`);
});

test('a report is replaced whole: nothing of an older, longer one is left', async (t) => {
  const lab = new PlayedLab(t);
  lab.writeRun('run', madeUpJournal());
  writeFileSync(join(lab.path, 'run', 'summary.md'), 'x'.repeat(100_000));
  t.is((await lab.rig('report run --format markdown')).status, 0);
  t.notRegex(readFileSync(join(lab.path, 'run', 'summary.md'), 'utf8'), /xxx/);
});
