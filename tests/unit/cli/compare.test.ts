/** `rig compare`: which runs can be compared, what is printed, and how it ends. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { madeUpJournal } from '../reports/made-up-journal.js';
import { PlayedLab } from './played-lab.js';

test('a run compared with itself ends with 0 and one line', async (t) => {
  const lab = new PlayedLab(t);
  lab.writeRun('a', madeUpJournal());
  const { status, output, errors } = await lab.rig('compare a a/journal.jsonl');
  t.is(errors, '');
  t.regex(output, /^No difference beyond noise in \d+ comparisons\.\n$/);
  t.is(status, 0);
});

test('what got worse is shown and ends with 1; the other way round it is better', async (t) => {
  const lab = new PlayedLab(t);
  lab.writeRun('a', madeUpJournal());
  lab.writeRun('b', madeUpJournal({ slower: 2 }));
  const worse = await lab.rig('compare a b');
  t.is(worse.status, 1);
  t.regex(worse.output, /^ *worse +uplink response p50, .* \+100 %$/m);
  t.regex(worse.output, /B against A: \d+ worse, 0 better, \d+ without a difference beyond noise\.\n$/);
  t.notRegex(worse.output, /no difference/);
  t.regex((await lab.rig('compare a b --all')).output, /no difference +lost/);
  const better = await lab.rig('compare b a');
  t.is(better.status, 0);
  t.regex(better.output, /^ *better +uplink response p50,/m);
});

test('what got worse in quarantine is shown and does not count', async (t) => {
  const lab = new PlayedLab(t);
  const quarantine = { reason: 'known', until: '2026-12-31' };
  lab.writeRun('a', madeUpJournal());
  lab.writeRun('b', madeUpJournal({ slower: 2, labels: { quarantine } }));
  const { status, output } = await lab.rig('compare a b');
  t.is(status, 0);
  t.regex(output, /^B is in quarantine: what got worse does not count\.$/m);
  t.regex(output, /B against A: \d+ worse/);
});

test('a tolerance leaves alone what is within it', async (t) => {
  const lab = new PlayedLab(t);
  lab.writeRun('a', madeUpJournal());
  lab.writeRun('b', madeUpJournal({ slower: 1.3 }));
  t.is((await lab.rig('compare a b')).status, 1);
  t.is((await lab.rig('compare a b --tolerance 40%')).status, 0);
});

test('as JSON it has every comparison, with its verdict and intervals', async (t) => {
  const lab = new PlayedLab(t);
  lab.writeRun('a', madeUpJournal());
  lab.writeRun('b', madeUpJournal({ loseEvery: 10 }));
  const { status, output } = await lab.rig('compare a b --json');
  t.is(status, 1);
  const all = JSON.parse(output);
  t.true(all.length > 10);
  t.like(all[0], { name: 'lost', unit: 'messages', a: { value: 0 }, b: { value: 30 }, verdict: 'worse' });
  const rate = all.find(({ name }: { name: string }) => name === 'uplink loss rate');
  t.like(rate, { unit: '%', verdict: 'worse', a: { value: 0, low: 0 }, b: { value: 10 } });
});

test('runs of different scenarios or parameters are refused, and what is wrong is said', async (t) => {
  const lab = new PlayedLab(t);
  lab.writeRun('a', madeUpJournal());
  lab.writeRun('other', madeUpJournal({ scenario: 'other' }));
  lab.writeRun('longer', madeUpJournal({ messages: 400 }));
  lab.writeRun('empty', []);
  const wrong: readonly [words: string, message: RegExp][] = [
    ['compare a other', /^rig: Run A is of made-up, run B of other: only runs of one scenario/],
    ['compare a longer', /^rig: The runs have different parameters: messages \(300 and 400\)\./],
    ['compare a nowhere', /^rig: nowhere: there is no journal\.jsonl there/],
    ['compare a empty', /^rig: empty: it cannot be compared\./],
    ['compare a a --tolerance 10', /^rig: --tolerance 10: write it in per cent, such as 10%\./],
    ['compare a a --tolerance -1%', /^rig: --tolerance -1%: write it in per cent/],
    ['compare a', /^rig: Two runs are compared, and one is named\. .*--last-good/],
    ['compare a a a', /^rig: Two runs are compared, and 3 are named\./],
    ['compare', /missing required argument 'runs'/],
    [
      'compare a --last-good',
      /^rig: runs.history\.db: there is no history there\. Name it with --history FILE\./,
    ],
  ];
  for (const [words, message] of wrong) {
    const { status, output, errors } = await lab.rig(words);
    t.regex(errors, message);
    t.is(status, 2, words);
    t.is(output, '');
  }
});

test('a torn journal and a run that could not be judged are compared with a word of warning', async (t) => {
  const lab = new PlayedLab(t);
  lab.writeRun('a', madeUpJournal());
  lab.writeRun('torn', madeUpJournal().slice(0, 500), '{"ty');
  lab.writeRun('invalid', madeUpJournal({ outcome: 'INVALID', reason: 'stalled' }));
  const torn = await lab.rig('compare a torn');
  t.regex(torn.errors, /journal\.jsonl:501: the last line is torn/);
  t.regex(torn.errors, /^rig: torn: the run is \w+; what it measured may say little\.$/m);
  const invalid = await lab.rig('compare a invalid');
  t.regex(invalid.errors, /^rig: invalid: the run is INVALID/m);
});

test('--last-good finds the latest run before that passed, of the same parameters and bench, and is still there', async (t) => {
  const lab = new PlayedLab(t);
  const run = async (out: string, words = '') => {
    const ended = await lab.rig(`run steady --out runs/${out}${words}`);
    t.regex(ended.output, /steady seed 7/);
  };
  await run('first');
  await run('second');
  lab.journal = { outcome: 'FAIL', reason: 'lost is 30', loseEvery: 10 };
  await run('failed');
  lab.journal = {};
  await run('shorter', ' --set messages=5');
  lab.bench = 'other';
  await run('elsewhere');
  lab.bench = 'virtual';
  lab.journal = { slower: 2 };
  await run('slow');

  const slow = await lab.rig('compare --last-good runs/slow');
  t.is(slow.errors, '');
  t.is(slow.status, 1);
  t.true(slow.output.startsWith(`A ${join('runs', 'second')} · B runs/slow\n`), slow.output);
  rmSync(join(lab.path, 'runs', 'second'), { recursive: true });
  const older = await lab.rig('compare --last-good runs/slow --json');
  const [{ a, b, comparisons }] = JSON.parse(older.output);
  t.deepEqual([a, b, older.status], [join('runs', 'first'), 'runs/slow', 1]);
  t.true(comparisons.length > 10);

  const several = await lab.rig('compare --last-good runs/first runs/failed');
  t.is(several.status, 1);
  t.regex(
    several.errors,
    /^rig: runs\/first: no earlier run of steady with these parameters has passed on bench virtual/,
  );
  t.regex(several.output, /^A runs.first · B runs\/failed$/m);
  const none = await lab.rig('compare --last-good runs/first');
  t.is(none.status, 0, 'the first night is no failure');
  t.is(none.output, '');
});

test('runs of two benches are compared with a word of warning', async (t) => {
  const lab = new PlayedLab(t);
  await lab.rig('run steady --out a --no-history');
  lab.bench = 'lab-3';
  await lab.rig('run steady --out b --no-history');
  const { status, errors } = await lab.rig('compare a b');
  t.is(status, 0);
  t.is(errors, 'rig: The runs are of two benches, virtual and lab-3: what differs may be theirs.\n');
});
