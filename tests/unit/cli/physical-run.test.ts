/** Runs on hardware, as a user meets them: however they end, the bench is left safe, and nobody else's run disturbs. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { spoiled } from '../bench-file/sample.js';
import { programs, RigFolder } from './spawn-rig.js';

const folders: RigFolder[] = [];
test.after.always(() => {
  for (const made of folders) made.remove();
});

/** A folder with the sample as its bench.yaml. */
function newBench(text = spoiled('firmware/link', 'firmware')): RigFolder {
  const folder = new RigFolder(programs.fakeBench);
  writeFileSync(join(folder.path, 'bench.yaml'), text);
  folders.push(folder);
  return folder;
}

const PASSPHRASE = 'correct horse battery';

/** Starts the command with the passphrase set and its drivers' operations noted. */
function start(
  folder: RigFolder,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  const RIG_FAKE_LOG = join(folder.path, 'operations');
  const all = { RIG_WIFI_PASSPHRASE: PASSPHRASE, RIG_FAKE_LOG, ...environment };
  const operations = () =>
    existsSync(RIG_FAKE_LOG) ? readFileSync(RIG_FAKE_LOG, 'utf8').trimEnd().split('\n') : [];
  return { ...folder.start(words, all), operations };
}

/** Resolves once the drivers have done `operation`. */
async function done(operations: () => readonly string[], operation: string): Promise<void> {
  while (!operations().includes(operation)) await new Promise((resolve) => setTimeout(resolve, 10));
}

const OPENED = ['syn', 'ack', 'i2c', 'reset', 'console', 'power', 'accessPoint', 'network'];
const MADE_SAFE = ['access point on', 'release syn', 'disable i2c', 'power on', 'release reset'];
const CLOSED = [...OPENED].reverse().map((name) => `close ${name}`);
const RUN = ['run', 'steady', '--seed', '1', '--out', 'out'];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} ends a run with the bench safe`, async (t) => {
    const folder = newBench();
    const { child, ended, operations } = start(folder, RUN);
    await done(operations, 'press reset');
    child.kill(signal);
    const { status, output } = await ended;
    t.is(status, 130, output);
    t.deepEqual(operations().slice(-13), [...MADE_SAFE, ...CLOSED]);
    t.regex(output, /^steady on bench lab-3, seed 1, firmware firmware\n/);
    t.regex(output, /ABORTED steady seed 1 · [^\n]*\n$/);
    t.false(readdirSync(folder.path).some((name) => name.endsWith('.lock')));
  });
}

test('a second signal shortens the waits, and leaves no step out', async (t) => {
  const folder = newBench();
  const { child, ended, operations } = start(folder, RUN, { RIG_FAKE_HANG: 'release reset' });
  await done(operations, 'press reset');
  child.kill('SIGINT');
  await done(operations, 'release reset');
  child.kill('SIGINT');
  const { status, errors } = await ended;
  t.is(status, 130, errors);
  t.deepEqual(operations().slice(-8), CLOSED);
  const left = operations().lastIndexOf('release reset');
  t.deepEqual(operations().slice(left - 4, left + 1), MADE_SAFE);
});

test('an exception that nobody catches ends a run as ERROR, with the bench safe and nothing told of the passphrase', async (t) => {
  const folder = newBench();
  const { ended, operations } = start(folder, RUN, { RIG_FAKE_CRASH: `a driver threw with ${PASSPHRASE}` });
  const { status, output, errors } = await ended;
  t.is(status, 4);
  t.deepEqual(operations().slice(-13), [...MADE_SAFE, ...CLOSED]);
  t.regex(
    output.trimEnd().split('\n').at(-1) ?? '',
    /^ERROR steady seed 1 · .*The rig itself failed: a driver threw/,
  );
  t.regex(errors, /^rig: a driver threw with \[secret\]$/m);
  t.is(JSON.parse(readFileSync(join(folder.path, 'out', 'result.json'), 'utf8')).outcome, 'ERROR');
  const files = ['journal.jsonl', 'result.json', 'console.log'].map((name) =>
    readFileSync(join(folder.path, 'out', name), 'utf8'),
  );
  for (const text of [output, errors, ...files]) t.false(text.includes('horse'));
});

test('a run that is killed is told of and put right by the next command; two at a time are refused', async (t) => {
  const folder = newBench();
  const first = start(folder, RUN);
  await done(first.operations, 'press reset');
  const second = await start(folder, ['run', 'steady', '--seed', '2', '--out', 'second']).ended;
  t.is(second.status, 4);
  t.regex(
    second.errors,
    /^rig: The bench "lab-3" is in use by process \d+ \("rig run steady", since .*kill \d+$/m,
  );
  first.child.kill('SIGKILL');
  await first.ended;
  const third = start(folder, ['run', 'steady', '--seed', '3', '--out', 'third']);
  const before = third.operations().length;
  await new Promise((resolve) => third.child.stdout.once('data', resolve));
  while (!third.operations().slice(before).includes('press reset'))
    await new Promise((resolve) => setTimeout(resolve, 10));
  third.child.kill('SIGINT');
  const { errors } = await third.ended;
  t.regex(
    errors,
    /rig: process \d+ \("rig run steady", since .*\) had this bench and was killed before it made it safe\./,
  );
});
