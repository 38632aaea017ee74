/** The script of the night, run as CI servers run it, over the real rig and its virtual bench. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { pathOf } from '../docs/markdown.js';

const SCRIPT = pathOf('ci/nightly.sh');

const suite = (limits: string): string => `name: short
summary: as short as can be
runs:
  - scenario: steady
    parameters: { messages: 20 }
    limits: { ${limits} }
  - scenario: steady
    parameters: { messages: 25 }
`;

class Lab {
  readonly path = mkdtempSync(join(tmpdir(), 'rig-night-'));

  constructor(t: ExecutionContext) {
    t.teardown(() => rmSync(this.path, { recursive: true }));
    writeFileSync(join(this.path, 'short.yaml'), suite(''));
    writeFileSync(join(this.path, 'strict.yaml'), suite('response p50: 1'));
  }

  environment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    const rig = `${process.execPath} ${pathOf('dist/cli/rig.js')}`;
    const runs = join(this.path, 'runs');
    return {
      PATH: process.env.PATH,
      RIG: rig,
      RIG_RUNS: runs,
      RIG_SUITE: 'short.yaml',
      RIG_SEED: '1',
      ...settings,
    };
  }

  night(settings: Readonly<Record<string, string>> = {}) {
    return spawnSync(SCRIPT, { cwd: this.path, env: this.environment(settings), encoding: 'utf8' });
  }

  files(folder: string): string[] {
    return readdirSync(join(this.path, folder)).sort();
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), 'utf8');
  }
}

test('a night leaves reports, a summary, the history as page and metrics; the next one is compared with it', (t) => {
  const lab = new Lab(t);
  const old = join(lab.path, 'runs', 'night-2026-01-01T00-00-00Z');
  for (const folder of [old, join(lab.path, 'runs', 'by-hand')]) {
    mkdirSync(folder, { recursive: true });
    utimesSync(folder, new Date('2026-01-01'), new Date('2026-01-01'));
  }
  const first = lab.night({ RIG_NIGHT: join(lab.path, 'runs', 'night-1') });
  t.is(first.status, 0, first.stderr);
  t.regex(first.stdout, /^PASS 2 runs · 2 PASS$/m, 'what the rig prints is seen as it goes on');
  t.deepEqual(
    lab.files('runs'),
    ['by-hand', 'history.db', 'night-1'],
    'old nights are gone, and nothing else',
  );
  t.deepEqual(lab.files('runs/night-1'), [
    'compare.txt',
    'history.html',
    'night.log',
    'night.md',
    'steady',
    'steady-2',
  ]);
  t.true(lab.files('runs/night-1/steady').includes('junit.xml'));
  t.is(lab.read('runs/night-1/night.md').match(/^## ✅ PASS steady$/gm)?.length, 2);

  const second = lab.night({ RIG_METRICS: join(lab.path, 'rig.prom') });
  t.is(second.status, 0, second.stderr);
  const [night = ''] = lab.files('runs').filter((name) => name.startsWith('night-2'));
  t.regex(lab.read(`runs/${night}/night.md`), /^ {4}No difference beyond noise in \d+ comparisons\.$/m);
  t.is(lab.read(`runs/${night}/compare.txt`).match(/^A .*night-1\/steady(-2)? · B /gm)?.length, 2);
  t.regex(lab.read('rig.prom'), /^rig_runs_total\{.*outcome="PASS"\} 4$/m);
});

test('a night that fails ends as the rig does, and leaves all the same, with annotations', (t) => {
  const lab = new Lab(t);
  const folder = join(lab.path, 'runs', 'night-1');
  const { status } = lab.night({ RIG_SUITE: 'strict.yaml', RIG_NIGHT: folder });
  t.is(status, 1);
  t.regex(lab.read('runs/night-1/night.md'), /^## ❌ FAIL steady$/m);
  const awk = spawnSync(
    'awk',
    ['-f', pathOf('ci/github/annotations.awk'), join(folder, 'night.log'), join(folder, 'compare.txt')],
    { encoding: 'utf8' },
  );
  t.regex(awk.stdout, /^::error::FAIL steady seed 1 · [^\n]+\n$/);
});

test('wrong usage ends with 2 and leaves nothing behind', (t) => {
  const lab = new Lab(t);
  const { status, stderr } = lab.night({ RIG_SUITE: 'nihgtly' });
  t.is(status, 2);
  t.regex(stderr, /There is no scenario "nihgtly"\. Did you mean "nightly"\?/);
  t.deepEqual(lab.files('runs'), []);
});

/** A rig whose comparison finds something, or whose run waits to be told to end. */
function fakeRig(lab: Lab): string {
  const path = join(lab.path, 'fake-rig');
  writeFileSync(
    path,
    `#!/bin/bash
case $1 in
  run) mkdir -p "$RIG_NIGHT/steady"; touch "$RIG_NIGHT/steady/journal.jsonl"
    trap 'echo stopping; sleep 0.2; echo safe; exit 130' TERM
    echo started
    if [ -n "$RIG_FAKE_HANG" ]; then while :; do sleep 0.05; done; fi ;;
  compare) echo 'B against A: 1 worse, 0 better, 9 without a difference beyond noise.'; exit 1 ;;
esac
`,
  );
  chmodSync(path, 0o755);
  return path;
}

test('what got worse is told, and fails the night unless that is not wanted', (t) => {
  const lab = new Lab(t);
  const settings = { RIG: fakeRig(lab), RIG_NIGHT: join(lab.path, 'runs', 'night-1') };
  t.is(lab.night(settings).status, 1);
  t.regex(lab.read('runs/night-1/night.md'), /1 worse/);
  t.is(lab.night({ ...settings, RIG_WORSE: 'warn' }).status, 0);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} reaches the rig, which is given the time to make the bench safe`, async (t) => {
    const lab = new Lab(t);
    const night = join(lab.path, 'runs', 'night-1');
    const env = lab.environment({ RIG: fakeRig(lab), RIG_NIGHT: night, RIG_FAKE_HANG: '1' });
    const child = spawn(SCRIPT, { cwd: lab.path, env });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (!said.includes('started') && (said + text).includes('started')) child.kill(signal);
      said += text;
    });
    const status = await new Promise((resolve) => child.on('close', resolve));
    t.is(status, 130);
    t.regex(said, /stopping\nsafe\n/);
    t.true(existsSync(join(night, 'night.log')));
  });
}

test('annotations: what does not count is a warning, what counts an error, and text is escaped', (t) => {
  const log = `run 1 of 5: steady, seed 1, firmware link
PASS steady seed 1 · 0 of 10 lost
FAIL wifi-outage seed 1 · 2 of 10 lost (20 %)
ERROR power-cut seed 1 · the relay does not answer
INVALID reset-button seed 1 · the host stood still
FAIL steady seed 2 · 1 of 10 lost
QUARANTINED steady · its FAIL does not count until 2026-12-31 is over: known
SKIPPED wifi-kick · the bench has no access point
FAIL 5 runs · 1 PASS · 2 FAIL · 1 INVALID · 1 ERROR
A runs/a · B runs/b
B against A: 2 worse, 0 better, 9 without a difference beyond noise.
A runs/c · B runs/d
B against A: 0 worse, 1 better, 9 without a difference beyond noise.
`;
  const { stdout } = spawnSync('awk', ['-f', pathOf('ci/github/annotations.awk')], {
    input: log,
    encoding: 'utf8',
  });
  t.deepEqual(stdout.trimEnd().split('\n'), [
    '::error::FAIL wifi-outage seed 1 · 2 of 10 lost (20 %25)',
    '::error::ERROR power-cut seed 1 · the relay does not answer',
    '::warning::INVALID reset-button seed 1 · the host stood still',
    '::warning::QUARANTINED steady · its FAIL does not count until 2026-12-31 is over: known',
    '::warning::SKIPPED wifi-kick · the bench has no access point',
    '::warning::A runs/a · B runs/b: B against A: 2 worse, 0 better, 9 without a difference beyond noise.',
  ]);
});
