/** The undo log: on disk before the change, gone after it is undone, run at the next start when it was left. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type CommandRunner, createCommandRunner, outcomeOf } from '../../../drivers/pi/command.js';
import { openUndoLog, stateFolder, UNDO_LIMIT } from '../../../drivers/pi/safety/undo-log.js';
import type { UndoStep } from '../../../drivers/pi/safety/undo-step.js';
import { isRigError } from '../../../rig/errors.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { HastyClock } from '../../fixtures/pi/hasty-clock.js';

const BENCH = 'lab-3';

function setUp(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'rig-undo-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const clock = new SystemClock();
  const ran: string[] = [];
  /** `fail …` fails; anything else works. */
  const run: CommandRunner = async (argv) => {
    ran.push(argv.join(' '));
    return outcomeOf(argv, { status: argv[0] === 'fail' ? 1 : 0, stdout: '', stderr: 'no luck' });
  };
  const open = (bench = BENCH) => openUndoLog({ bench, folder, run, clock });
  return { folder, path: join(folder, `${BENCH}.undo`), ran, open };
}

const step = (name: string, program = 'right'): UndoStep => ({ name, command: [program, name] });

test('a step is on disk when add resolves, for this user only, and gone when it is done', async (t) => {
  const { folder, path, open, ran } = setUp(t);
  const log = await open();
  t.false(existsSync(path));
  const first = await log.add(step('one'));
  const second = await log.add(step('two'));
  t.is(statSync(path).mode & 0o777, 0o600);
  t.deepEqual((await open()).pending, ['one', 'two']);
  await first.done();
  await first.done();
  t.deepEqual((await open()).pending, ['two']);
  await second.done();
  t.false(existsSync(path), 'nothing to undo, no file');
  t.deepEqual(await (await open()).runLeftOver(), []);
  t.deepEqual(ran, []);
  t.true(existsSync(folder));
});

test('what is left over is undone at the next start, the last first, and only once', async (t) => {
  const { path, open, ran } = setUp(t);
  const log = await open();
  await log.add(step('one'));
  await log.add(step('two'));
  const next = await open();
  t.deepEqual(await next.runLeftOver(), []);
  t.deepEqual(ran, ['right two', 'right one']);
  t.deepEqual(await (await open()).runLeftOver(), []);
  t.is(ran.length, 2);
  t.false(existsSync(path));
});

test('a step that fails stays and is told, and does not keep the others from being undone', async (t) => {
  const { path, open, ran } = setUp(t);
  const log = await open();
  await log.add(step('one'));
  await log.add(step('two', 'fail'));
  await log.add(step('three'));
  const next = await open();
  const problems = await next.runLeftOver();
  t.is(problems.length, 1);
  t.regex(problems[0] ?? '', /two: "fail two" failed with status 1: no luck\. .*delete its line in /);
  t.true(problems[0]?.includes(path));
  t.deepEqual(ran, ['right three', 'fail two', 'right one']);
  t.deepEqual((await open()).pending, ['two']);
});

test('the same change made again keeps one step, the newer', async (t) => {
  const { open, ran } = setUp(t);
  const log = await open();
  const older = await log.add(step('one', 'old'));
  await log.add(step('one', 'new'));
  await older.done();
  await (await open()).runLeftOver();
  t.deepEqual(ran, ['new one'], 'the older entry does not forget the newer step');
});

test('a torn file gives the steps that are whole, and says that something is missing', async (t) => {
  const { path, open, ran } = setUp(t);
  const log = await open();
  await log.add(step('one'));
  appendFileSync(path, '{"name":"two","comm');
  const next = await open();
  const problems = await next.runLeftOver();
  t.deepEqual(ran, ['right one']);
  t.is(problems.length, 1);
  t.regex(problems[0] ?? '', /1 lines could not be read.*by hand/);
  t.deepEqual(await (await open()).runLeftOver(), [], 'told once');
});

test('a line that is JSON but no step runs nothing', async (t) => {
  const { path, open, ran } = setUp(t);
  const log = await open();
  await log.add(step('one'));
  for (const line of [
    'null',
    '[]',
    '{"name":1}',
    '{"name":"x","command":"rm"}',
    '{"name":"x","command":[]}',
  ]) {
    appendFileSync(path, `${line}\n`);
  }
  const [problem = ''] = await (await open()).runLeftOver();
  t.regex(problem, /5 lines/);
  t.deepEqual(ran, ['right one']);
});

test('commands that others could have written are not run', async (t) => {
  const { path, open } = setUp(t);
  const log = await open();
  await log.add(step('one'));
  chmodSync(path, 0o620);
  const error = await t.throwsAsync(open());
  t.true(isRigError(error, 'BENCH'));
  t.regex(error.message, /not this user's alone/);
});

test('a step whose check says that all is right runs nothing; one that has no effect is told', async (t) => {
  const { folder } = setUp(t);
  const clock = new HastyClock();
  let state = 'state=ENABLED';
  const ran: string[] = [];
  const run: CommandRunner = async (argv) => {
    ran.push(argv.join(' '));
    return outcomeOf(argv, { status: 0, stdout: state, stderr: '' });
  };
  const check = { command: ['status'], contains: 'state=ENABLED', lacks: 'FAIL' };
  const log = await openUndoLog({ bench: BENCH, folder, run, clock });
  await log.add({ name: 'on', command: ['enable'], check });
  t.deepEqual(await log.runLeftOver(), []);
  t.deepEqual(ran, ['status']);
  await log.add({ name: 'on', command: ['enable'], check });
  state = 'state=DISABLED';
  const [problem = ''] = await log.runLeftOver();
  t.regex(problem, /"enable" had no effect, as "status" shows/);
  t.deepEqual(ran.slice(1, 3), ['status', 'enable']);
  t.deepEqual(log.pending, ['on']);
});

test('a step without a command waits for its driver', async (t) => {
  const { open, ran } = setUp(t);
  await (await open()).add({ name: 'power' });
  const next = await open();
  t.deepEqual(await next.runLeftOver(), []);
  t.deepEqual(ran, []);
  t.true(await next.claim('power'));
  t.false(await next.claim('power'));
  t.deepEqual((await open()).pending, []);
});

test('the steps are bounded', async (t) => {
  const { open } = setUp(t);
  const log = await open();
  for (let index = 0; index < UNDO_LIMIT; index += 1) await log.add(step(`${index}`));
  t.true(isRigError(await t.throwsAsync(log.add(step('one more'))), 'BENCH'));
  await log.add(step('0'));
});

test('steps that are added at the same time are all kept', async (t) => {
  const { open } = setUp(t);
  const log = await open();
  await Promise.all(['one', 'two', 'three'].map((name) => log.add(step(name))));
  t.deepEqual((await open()).pending, ['one', 'two', 'three']);
});

test('benches have files of their own, whatever they are called', async (t) => {
  const { open } = setUp(t);
  const names = ['lab', 'lab/3', 'lab_3', '../lab', 'é', 'x'.repeat(200), '.lab'];
  for (const name of names) await (await open(name)).add(step(name));
  for (const name of names) t.deepEqual((await open(name)).pending, [name]);
  t.is(new Set(await Promise.all(names.map(async (name) => (await open(name)).path))).size, names.length);
});

test('a folder that cannot be written to is an error before the change is made', async (t) => {
  const { path, open } = setUp(t);
  const log = await openUndoLog({
    bench: BENCH,
    folder: join(path, 'below a file'),
    run: async () => ({ stdout: '', stderr: '' }),
    clock: new SystemClock(),
  });
  await (await open()).add(step('makes it a file'));
  const error = await t.throwsAsync(log.add(step('one')));
  t.true(isRigError(error, 'BENCH'));
  t.deepEqual(log.pending, []);
});

test('the state folder follows the XDG specification', (t) => {
  t.is(stateFolder({ XDG_STATE_HOME: '/var/state' }), '/var/state/wifi-hil-rig');
  t.regex(stateFolder({}), /\/\.local\/state\/wifi-hil-rig$/);
  t.regex(stateFolder({ XDG_STATE_HOME: 'relative' }), /\/\.local\/state\/wifi-hil-rig$/);
});

test('a process that is killed in the middle of a change has it undone by the next one', async (t) => {
  const { folder } = setUp(t);
  const changed = join(folder, 'changed');
  const module = new URL('../../../drivers/pi/safety/undo-log.js', import.meta.url);
  const source = `
    import { writeFileSync } from 'node:fs';
    import { openUndoLog } from ${JSON.stringify(module.href)};
    const log = await openUndoLog({ bench: '${BENCH}', folder: ${JSON.stringify(folder)} });
    await log.add({ name: 'change', command: ['rm', '-f', ${JSON.stringify(changed)}] });
    writeFileSync(${JSON.stringify(changed)}, '');
    process.kill(process.pid, 'SIGKILL');`;
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' });
  t.is(ended.signal, 'SIGKILL', ended.stderr);
  t.is(readFileSync(changed).length, 0);
  const clock = new SystemClock();
  const log = await openUndoLog({ bench: BENCH, folder, run: createCommandRunner({ clock }), clock });
  t.deepEqual(await log.runLeftOver(), []);
  t.false(existsSync(changed));
  t.deepEqual(log.pending, []);
});
