/** `rig history`: what `rig run` enters, what is imported, and how it is shown. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { madeUpJournal } from '../reports/made-up-journal.js';
import { PlayedLab } from './played-lab.js';

const historyOf = async (lab: PlayedLab, words = '') =>
  JSON.parse((await lab.rig(`history --json${words}`)).output);

test('every run is entered, with its folder and parameters', async (t) => {
  const lab = new PlayedLab(t);
  t.is((await lab.rig('run wifi-outage steady --seed 5')).status, 0);
  lab.journal = { outcome: 'FAIL', loseEvery: 10, reason: 'lost is 30' };
  await lab.rig('run steady --out runs/mine --seed 6');
  const runs = await historyOf(lab);
  t.is(runs.length, 3);
  t.like(runs[2], {
    scenario: 'steady',
    outcome: 'FAIL',
    reason: 'lost is 30',
    seed: 6,
    due: 600,
    lost: 30,
    folder: 'mine',
    parameters: { messages: 1_000 },
  });
  for (const { folder } of runs) t.true(existsSync(join(lab.path, 'runs', folder, 'journal.jsonl')));
  t.deepEqual(await historyOf(lab, ' steady'), [runs[1], runs[2]]);
  t.deepEqual(await historyOf(lab, ' nothing-like-it'), []);
});

test('--no-history enters nothing; --history and --out take both elsewhere', async (t) => {
  const lab = new PlayedLab(t);
  t.is((await lab.rig('run steady --no-history')).status, 0);
  t.deepEqual(
    lab.files('runs').filter((name) => name.endsWith('.db')),
    [],
  );
  t.is((await lab.rig('history')).status, 2);
  t.is((await lab.rig('run steady --out elsewhere/run --history deep/er/h.db')).status, 0);
  t.deepEqual(lab.files('deep/er'), ['h.db']);
  const [run] = await historyOf(lab, ' --history deep/er/h.db');
  t.is(run.folder, join(lab.path, 'elsewhere', 'run'), 'what is not below the history keeps its place');
});

test('a history that cannot be written is told, and makes no run worse', async (t) => {
  const lab = new PlayedLab(t);
  mkdirSync(join(lab.path, 'taken.db'));
  const { status, errors } = await lab.rig('run steady --history taken.db');
  t.is(status, 0);
  t.regex(errors, /^rig: The run was not entered into the history\. .*taken\.db/);
});

test('importing enters old runs however deep they lie, once, and leaves those that rig run entered alone', async (t) => {
  const lab = new PlayedLab(t);
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@y', ...words], { cwd: lab.path });
  git('init', '--quiet');
  git('add', 'firmware');
  git('commit', '--quiet', '--message', 'x');
  await lab.rig('run steady --repeat 2 --seed 1 --out runs/night');
  const before = await historyOf(lab);
  t.is((await lab.rig('history --import runs')).output.split('\n')[0], '0 runs entered, 2 known already.');
  t.deepEqual(await historyOf(lab), before);
  rmSync(join(lab.path, 'runs', 'history.db'));
  t.is((await lab.rig('history --import runs')).output.split('\n')[0], '2 runs entered, 0 known already.');
  t.deepEqual(await historyOf(lab), before);
  const { commit } = before[0];
  t.regex(commit, /^[0-9a-f]{40}$/, 'what was checked out is in the journal');
  t.is((await lab.rig('history --import runs')).output.split('\n')[0], '0 runs entered, 2 known already.');
});

test('importing tells what it cannot enter, and enters the rest', async (t) => {
  const lab = new PlayedLab(t);
  lab.writeRun('old/empty', []);
  lab.writeRun('old/cut', madeUpJournal().slice(0, 200), '{"ty');
  lab.writeRun('old/whole', madeUpJournal());
  const { status, output, errors } = await lab.rig('history --import old');
  t.is(status, 0);
  t.regex(errors, /^rig: old.empty: not entered\. [^\n]+\n$/);
  t.regex(output, /^1 run entered, 1 known already\.|^2 runs entered, 0 known already\./);
  t.is((await lab.rig('history --import nowhere')).status, 2);
});

test('history and runs can be moved together', async (t) => {
  const lab = new PlayedLab(t);
  await lab.rig('run steady --out runs/first');
  await lab.rig('run steady --out runs/second');
  renameSync(join(lab.path, 'runs'), join(lab.path, 'moved'));
  const { status, output } = await lab.rig('compare --last-good moved/second --history moved/history.db');
  t.is(status, 0);
  t.true(output.startsWith(`A ${join('moved', 'first')} · B moved/second\n`), output);
});

test('in the terminal: a row for each build, a mark for each run', async (t) => {
  const lab = new PlayedLab(t);
  await lab.rig('run steady');
  lab.journal = { outcome: 'FAIL', loseEvery: 10, reason: 'lost is 30' };
  await lab.rig('run steady');
  const { status, output } = await lab.rig('history');
  t.is(status, 0);
  t.regex(output, /^steady {2}\.F {2}flaky: the same build passed and failed$/m);
  t.regex(output, /2026-01-01 00:01 +abababab .* 1 of 2 +30/);
});

test('a page, and metrics, are written where they are wanted, and a place that takes none is told', async (t) => {
  const lab = new PlayedLab(t);
  await lab.rig('run steady --seed 7');
  const { status, output } = await lab.rig('history --html h.html --metrics rig.prom');
  t.is(status, 0);
  t.is(output, 'h.html\nrig.prom\n');
  t.regex(lab.read('h.html'), /<title>History of runs<\/title>[\s\S]*steady/);
  t.regex(lab.read('rig.prom'), /^rig_run_outcome\{scenario="steady",bench="virtual",outcome="PASS"\} 1$/m);
  t.is(
    (await lab.rig('history --metrics other.prom --json')).output[0],
    '[',
    'standard output is for the JSON',
  );
  t.deepEqual(lab.files(), ['firmware', 'h.html', 'other.prom', 'rig.prom', 'runs']);
  for (const option of ['--html', '--metrics']) {
    const { status: ended, errors } = await lab.rig(`history ${option} nowhere/x`);
    t.is(ended, 2);
    t.regex(errors, new RegExp(`^rig: ${option} nowhere/x: it cannot be written\\. `));
  }
});

test('without a history, the next step is told', async (t) => {
  const { status, errors } = await new PlayedLab(t).rig('history');
  t.is(status, 2);
  t.regex(errors, /there is no history yet\. "rig run steady" makes one, "rig history --import runs"/);
});
