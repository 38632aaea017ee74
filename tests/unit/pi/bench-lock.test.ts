/** Two rigs on one bench: the second is told who has it; what a killed one left is taken over, and said. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { lockFolder, takeBench } from '../../../drivers/pi/safety/bench-lock.js';
import { BenchReservation } from '../../../drivers/pi/safety/bench-reservation.js';

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'rig-lock-'));
  folders.push(folder);
  return folder;
};
test.after.always(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const options = (folder: string, bench = 'lab-3') => ({
  bench,
  folder,
  command: 'rig run steady',
  since: '14:03:05',
});

/** Another process that takes the bench of `folder` and keeps it, until it is killed. */
async function otherHolder(folder: string): Promise<ChildProcess> {
  const module = new URL('../../../drivers/pi/safety/bench-lock.js', import.meta.url).href;
  const program = `
    const { takeBench } = await import(${JSON.stringify(module)});
    await takeBench(${JSON.stringify(options(folder))});
    console.log('taken');
    setInterval(() => undefined, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return child;
}

const killed = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGKILL');
  });

test('a bench that is free is taken, and free again after release', async (t) => {
  const folder = newFolder();
  const lock = await takeBench(options(folder));
  t.is(lock.abandonedBy, undefined);
  t.is(readdirSync(folder).length, 1);
  await lock.release();
  await lock.release();
  t.deepEqual(readdirSync(folder), []);
  await (await takeBench(options(folder))).release();
});

test('a bench that is taken, by this process or another, is refused with who has it', async (t) => {
  const folder = newFolder();
  const lock = await takeBench(options(folder));
  const error = await t.throwsAsync(takeBench(options(folder)), { code: 'BENCH' });
  t.regex(
    error?.message ?? '',
    new RegExp(`"lab-3" is in use by process ${process.pid} \\("rig run steady", since`),
  );
  await lock.release();
  const child = await otherHolder(folder);
  const other = await t.throwsAsync(takeBench(options(folder)), { code: 'BENCH' });
  t.regex(other?.message ?? '', new RegExp(`kill ${child.pid}$`));
  await killed(child);
});

test('what a killed process left is taken over, and told', async (t) => {
  const folder = newFolder();
  const child = await otherHolder(folder);
  await killed(child);
  const lock = await takeBench(options(folder));
  t.regex(lock.abandonedBy ?? '', new RegExp(`process ${child.pid} \\("rig run steady"`));
  await lock.release();
  t.deepEqual(readdirSync(folder), []);
});

test('of a reserved bench, the first use is told what a killed process left; none lets go of it', async (t) => {
  const folder = newFolder();
  await killed(await otherHolder(folder));
  const reservation = new BenchReservation('rig run nightly');
  await reservation.release();
  const first = await reservation.nextUse(options(folder));
  t.regex(first.abandonedBy ?? '', /process \d+/);
  await first.release();
  const second = await reservation.nextUse(options(folder));
  t.is(second.abandonedBy, undefined);
  await second.release();
  await t.throwsAsync(takeBench(options(folder)), { code: 'BENCH', message: /rig run nightly/ });
  await reservation.release();
  await reservation.release();
  t.deepEqual(readdirSync(folder), []);
});

test('of several that find an abandoned lock at once, one takes the bench', async (t) => {
  const folder = newFolder();
  await killed(await otherHolder(folder));
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => takeBench(options(folder))));
  const won = outcomes.filter(({ status }) => status === 'fulfilled');
  t.is(won.length, 1);
  t.is(readdirSync(folder).length, 1, 'nothing but the lock is left');
});

test('a process number that is used again is another process', async (t) => {
  const folder = newFolder();
  const lock = await takeBench(options(folder));
  const [name = ''] = readdirSync(folder);
  const path = join(folder, name);
  const holder: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!existsSync('/proc/self/stat')) {
    t.pass('no /proc: the number is all that is known');
    return;
  }
  writeFileSync(path, JSON.stringify({ ...Object(holder), startTicks: '1' }));
  const second = await takeBench(options(folder));
  t.regex(second.abandonedBy ?? '', /process \d+/);
  await lock.release();
  t.true(existsSync(path), 'who was taken for dead does not remove the other’s lock');
  await second.release();
});

test('a lock that cannot be read is of nobody who is alive', async (t) => {
  const folder = newFolder();
  writeFileSync(join(folder, 'wifi-hil-rig-lab-3.lock'), '{"pid":');
  const lock = await takeBench(options(folder));
  t.is(lock.abandonedBy, 'a process that is not known');
});

test('two benches have two locks, whatever their names', async (t) => {
  const folder = newFolder();
  const names = ['a/b', 'a b', '../a', '.', 'ä', 'x'.repeat(300)];
  for (const name of names) await takeBench(options(folder, name));
  t.is(readdirSync(folder).length, names.length);
});

test('a folder that cannot be written to is named', async (t) => {
  await t.throwsAsync(takeBench(options('/proc/rig')), {
    code: 'BENCH',
    message: /\/proc\/rig\/wifi-hil-rig/,
  });
});

test('locks are where every user of the machine looks for them, whoever asks', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'locks-'));
  chmodSync(folder, 0o1777);
  t.is(lockFolder(folder), folder);
  // Its owner may write there, others may not: they would look elsewhere.
  chmodSync(folder, 0o755);
  t.is(lockFolder(folder), '/tmp');
  rmSync(folder, { recursive: true });
  t.is(lockFolder(folder), '/tmp');
});
