/** Which bench a run is on, what is refused before anything is opened, and what a bench cannot run. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { compose } from '../../../cli/compose.js';
import { FakeBench } from '../../fixtures/pi/fake-drivers.js';
import { spoiled } from '../bench-file/sample.js';
import { runInProcess } from './in-process.js';
import { standIn } from './stand-in.js';

const root = mkdtempSync(join(tmpdir(), 'rig-choice-'));
test.after.always(() => rmSync(root, { recursive: true }));
let benches = 0;

const PASSPHRASE = 'correct horse battery';
const RUN = ['run', 'steady', '--seed', '1', '--out', 'out'];

/** A folder with firmware and a bench.yaml, on hardware that is not there. */
function newBench(text = spoiled('firmware/link', 'firmware')) {
  benches += 1;
  const path = join(root, `${benches}`);
  mkdirSync(join(path, 'firmware'), { recursive: true });
  writeFileSync(join(path, 'firmware', 'main.py'), 'print(1)\n');
  writeFileSync(join(path, 'bench.yaml'), text);
  const fake = new FakeBench();
  const hardware = { drivers: fake.drivers, folders: { state: join(path, 'state'), locks: path } };
  const environment = { RIG_WIFI_PASSPHRASE: PASSPHRASE };
  const on =
    (composition: Parameters<typeof runInProcess>[1]['composition']) =>
    (words: readonly string[], more: Readonly<Record<string, string>> = {}) =>
      runInProcess(words, { composition, workingDirectory: path, environment: { ...environment, ...more } });
  return {
    path,
    fake,
    /** On the fake hardware. */
    rig: on(compose(async () => hardware)),
    /** With runs that are played from a script, and always pass. */
    played: on({ ...standIn('pass', join(path, 'firmware')), hardware: async () => hardware }),
  };
}

test('a port that cannot be opened ends the command as ERROR with its reason, and without its secrets', async (t) => {
  const { fake, rig } = newBench();
  fake.failing.add('open power');
  const { status, output, errors } = await rig(RUN);
  t.is(status, 4);
  t.is(errors, 'rig: power: open power: no.\n');
  t.regex(output, /ERROR steady seed 1 · power: open power: no\.\n$/);
});

const refused: readonly [
  name: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  message: RegExp,
][] = [
  [
    'no passphrase',
    RUN,
    { RIG_WIFI_PASSPHRASE: '' },
    /^rig: bench\.yaml:22:18: accessPoint\.passphraseEnv: the environment has no RIG_WIFI_PASSPHRASE, .*export RIG_WIFI_PASSPHRASE=/,
  ],
  [
    'a passphrase that is none',
    RUN,
    { RIG_WIFI_PASSPHRASE: 'short' },
    /^rig: bench\.yaml:22:18: .*what RIG_WIFI_PASSPHRASE holds cannot be used\. .* 5 bytes; it must have 8 to 64/,
  ],
  [
    'a passphrase file that is not there',
    RUN,
    { RIG_WIFI_PASSPHRASE: '', RIG_WIFI_PASSPHRASE_FILE: 'nowhere' },
    /^rig: bench\.yaml:22:18: .*RIG_WIFI_PASSPHRASE_FILE names nowhere, which cannot be used: ENOENT/,
  ],
  [
    'firmware for a real board',
    [...RUN, '--firmware', 'firmware'],
    {},
    /^rig: --firmware firmware: the board of bench "lab-3" is real, .*"rig flash"/,
  ],
  [
    'a bench file that is not there',
    [...RUN, '--bench', 'lab.yaml'],
    {},
    /^rig: --bench lab\.yaml: there is no such file\. Looked for \//,
  ],
  ['a bench file that is a folder', [...RUN, '--bench', 'firmware'], {}, /^rig: firmware: it is no file/],
  ['no name of a bench file', [...RUN, '--bench='], {}, /^rig: --bench: the file has no name/],
];

for (const [name, words, environment, message] of refused) {
  test(`${name}: refused before anything is opened or written`, async (t) => {
    const { path, fake, rig } = newBench();
    const { status, output, errors } = await rig(words, environment);
    t.is(status, 2);
    t.is(output, '');
    t.regex(errors, message);
    t.regex(errors, /^rig: [^\n]+\n$/);
    t.deepEqual(fake.done, []);
    t.false(existsSync(join(path, 'out')));
  });
}

test('a passphrase may be in a file that nobody else can read', async (t) => {
  const { path, fake, rig } = newBench();
  const file = join(path, 'passphrase');
  const environment = { RIG_WIFI_PASSPHRASE: '', RIG_WIFI_PASSPHRASE_FILE: file };
  writeFileSync(file, `${PASSPHRASE}\n`, { mode: 0o644 });
  const open = await rig(RUN, environment);
  t.is(open.status, 2);
  t.regex(open.errors, /others may read it; chmod 600/);
  chmodSync(file, 0o600);
  fake.failing.add('open network');
  t.is((await rig(RUN, environment)).errors, 'rig: network: open network: no.\n');
});

test('what is wrong in a bench file is told all at once, each on a line of its own', async (t) => {
  const { rig } = newBench(spoiled('board:', 'baord:', spoiled('200ms', '200')));
  const { status, errors } = await rig(RUN);
  t.is(status, 2);
  t.deepEqual(
    errors.split('\n').map((line) => line.split(': ')[0]?.trim()),
    ['rig', 'bench.yaml:1:1', 'bench.yaml:2:1', 'bench.yaml:11:10', ''],
  );
});

test('on a physical bench, --realtime is ignored, and that is said', async (t) => {
  const { status, errors } = await newBench().played([...RUN, '--realtime']);
  t.is(status, 0);
  t.is(errors, 'rig: --realtime changes nothing: time on a physical bench is real.\n');
});

test('without firmware in the bench file, results call it unknown', async (t) => {
  const { played } = newBench(spoiled(', firmware: firmware/link', ''));
  t.regex((await played(RUN)).output, /^steady on bench lab-3, seed 1, firmware unknown\n/);
});

test('a bench.yaml in the folder is taken, --bench takes another, and repeating a run names it', async (t) => {
  const { path, played } = newBench();
  writeFileSync(
    join(path, 'other.yaml'),
    '{name: v, kind: virtual, board: {kind: esp8266, firmware: firmware}}',
  );
  const other = await played([...RUN, '--bench', 'other.yaml']);
  t.regex(other.output, /^steady on bench v, seed 1, firmware firmware\n/);
  t.true(other.output.includes('rig run steady --bench other.yaml --seed 1\n'));
  const own = await played(['run', 'steady', '--seed', '1']);
  t.regex(own.output, /^steady on bench lab-3, seed 1, firmware firmware\n/);
});

test("firmware for a virtual bench: --firmware over the bench file over the rig's own", async (t) => {
  const { path, played } = newBench('{name: v, kind: virtual, board: {kind: esp8266, firmware: fw/a}}');
  for (const name of ['fw/a', 'b']) {
    mkdirSync(join(path, name), { recursive: true });
    writeFileSync(join(path, name, 'main.py'), '');
  }
  t.regex((await played(['run', 'steady'])).output, /firmware a\n/);
  t.regex((await played(['run', 'steady', '--firmware', 'b'])).output, /firmware b\n/);
  writeFileSync(join(path, 'bench.yaml'), '{name: v, kind: virtual, board: {kind: esp8266}}');
  t.regex((await played(['run', 'steady'])).output, /firmware firmware\n/);
  writeFileSync(join(path, 'bench.yaml'), '{name: v, kind: virtual, board: {kind: esp8266, firmware: gone}}');
  t.regex(
    (await played(['run', 'steady'])).errors,
    /^rig: bench\.yaml:1:\d+: board\.firmware: gone: there is no such/,
  );
});

const withoutRadio = () =>
  spoiled(/accessPoint:[\s\S]*server:/, 'server:', spoiled('firmware/link', 'firmware'));

test('what a bench cannot run is skipped with the reason; the others decide', async (t) => {
  const { played } = newBench(withoutRadio());
  const { status, output } = await played(['run', 'all', '--seed', '1', '--repeat', '2']);
  t.is(status, 0);
  const lines = output.split('\n');
  t.is(lines[0], 'SKIPPED wifi-outage · bench lab-3 has no access point');
  t.is(
    lines.filter((line) => line.startsWith('SKIPPED')).length,
    1,
    'once, however often the rest is repeated',
  );
  t.is(lines.filter((line) => line.startsWith('PASS steady')).length, 2);
  t.is(lines.at(-2), 'PASS 2 runs · 2 PASS · 1 skipped');
});

test('with --json, what is skipped is a line of its own', async (t) => {
  const { played } = newBench(withoutRadio());
  const { output, errors } = await played(['run', 'all', '--seed', '1', '--json']);
  t.deepEqual(JSON.parse(output.split('\n')[0] ?? ''), {
    type: 'run.skipped',
    scenario: 'wifi-outage',
    missing: ['accessPoint'],
    reason: 'bench lab-3 has no access point',
  });
  t.is(errors.trimEnd().split('\n').at(-1), 'PASS 1 run · 1 PASS · 1 skipped');
});

test('with nothing left to run, that is wrong usage, not a pass', async (t) => {
  const { path, played } = newBench(withoutRadio());
  const { status, output, errors } = await played(['run', 'wifi-outage', '--out', 'out']);
  t.is(status, 2);
  t.is(output, '');
  t.is(
    errors,
    'rig: Bench lab-3 can run nothing of that: wifi-outage needs access point. Add what it has to its bench file.\n',
  );
  t.false(existsSync(join(path, 'out')));
});

test('"rig list --bench" says what can be run there', async (t) => {
  const { played } = newBench(withoutRadio());
  const { output } = await played(['list', '--bench', 'bench.yaml']);
  t.regex(output, /^wifi-outage .*no: it has no access point$/m);
  t.regex(output, /^steady .*can be run$/m);
  const listed = JSON.parse((await played(['list', '--json', '--bench', 'bench.yaml'])).output);
  t.like(listed.scenarios[0], { name: 'wifi-outage', canRun: false, missing: ['accessPoint'] });
  t.like(listed.scenarios[1], { name: 'steady', canRun: true, missing: [] });
});

test('the virtual bench plays the mirrored role too, with the firmware for it', async (t) => {
  const { rig } = newBench('{name: v, kind: virtual, board: {kind: esp8266}, link: {role: controller}}');
  const { status, output } = await rig([...RUN, '--set', 'messages=10']);
  t.is(status, 0, output);
  t.regex(output, /^steady on bench v, seed 1, firmware link-initiator\n/);
});
