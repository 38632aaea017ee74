/** A physical bench of fakes: what is opened when, how it is left, and that nothing keeps it from being left so. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openPhysicalBench, type PhysicalBench } from '../../../drivers/pi/bench.js';
import { measureHostFloor } from '../../../drivers/pi/floor.js';
import { BenchReservation } from '../../../drivers/pi/safety/bench-reservation.js';
import type { PhysicalBenchFile } from '../../../rig/bench-file/bench-file.js';
import { loadBenchFile } from '../../../rig/bench-file/load.js';
import { RigError } from '../../../rig/errors.js';
import { createRandom } from '../../../rig/random.js';
import type { RunEvent } from '../../../rig/run/events.js';
import { runScenario } from '../../../rig/run/runner.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { ms, toMs } from '../../../rig/time/units.js';
import { steady } from '../../../scenarios/steady.js';
import { FakeBench } from '../../fixtures/pi/fake-drivers.js';
import { sample, spoiled } from '../bench-file/sample.js';

const folder = mkdtempSync(join(tmpdir(), 'rig-bench-'));
test.after.always(() => rmSync(folder, { recursive: true }));
let benches = 0;

function fileOf(text: string): PhysicalBenchFile {
  const { file } = loadBenchFile(text, 'bench.yaml');
  if (file.kind !== 'physical') throw new Error('It is a virtual bench.');
  return file;
}

/** A fake bench with folders of its own, not opened yet. */
function setUp(text = sample) {
  benches += 1;
  const folders = { state: join(folder, `${benches}-state`), locks: join(folder, `${benches}-locks`) };
  mkdirSync(folders.locks);
  const fake = new FakeBench();
  const notes: string[] = [];
  const commands: string[] = [];
  const clock = new SystemClock();
  const hurry = new AbortController();
  const open = (
    signal = new AbortController().signal,
    reservation?: BenchReservation,
  ): Promise<PhysicalBench> =>
    openPhysicalBench(fileOf(text), {
      clock,
      drivers: fake.drivers,
      run: async (argv) => {
        commands.push(argv.join(' '));
        return { stdout: '', stderr: '' };
      },
      folders,
      command: 'rig run steady',
      since: '14:03:05',
      passphrase: 'correct horse battery',
      reservation,
      firmware: { name: 'link', sha256: '00' },
      signal,
      hurry: hurry.signal,
      note: (text) => notes.push(text),
    });
  return { fake, folders, notes, commands, clock, open, hurry };
}

const OPENED = ['syn', 'ack', 'i2c', 'reset', 'console', 'power', 'accessPoint', 'network'];
const CLOSED = [...OPENED].reverse().map((name) => `close ${name}`);

test('ports are opened in their order, nothing is driven, and closed in reverse', async (t) => {
  const { fake, folders, open } = setUp();
  const bench = await open();
  t.deepEqual(fake.takeDone(), ['open syn', 'release syn', ...OPENED.slice(1).map((name) => `open ${name}`)]);
  t.like(bench, { name: 'lab-3', kind: 'physical', server: { port: 8_123, timeoutUs: 1_500_000 } });
  t.is(bench.ports.accessPoint?.passphrase, 'correct horse battery');
  t.is(readdirSync(folders.locks).length, 1);
  await bench.makeSafe();
  fake.takeDone();
  await bench.close();
  await bench.close();
  t.deepEqual(fake.takeDone(), CLOSED);
  t.deepEqual(readdirSync(folders.locks), []);
});

test('a bench that is reserved stays so when it is closed, and is opened again', async (t) => {
  const { folders, open } = setUp();
  const reservation = new BenchReservation('rig run nightly');
  for (let run = 0; run < 2; run += 1) {
    const bench = await open(undefined, reservation);
    await bench.close();
    await t.throwsAsync(open(), { code: 'BENCH', message: /rig run nightly/ });
  }
  await reservation.release();
  t.deepEqual(readdirSync(folders.locks), []);
});

test('a bench is left with the rail on: lines are released, and reset after the rail', async (t) => {
  const { fake, open } = setUp();
  const bench = await open();
  fake.takeDone();
  t.deepEqual(await bench.makeSafe(), []);
  t.deepEqual(fake.takeDone(), [
    'access point on',
    'release syn',
    'disable i2c',
    'power on',
    'release reset',
  ]);
  await bench.makeSafe();
  t.deepEqual(fake.takeDone(), [], 'once');
  await bench.close();
});

test('a bench is left with the rail off: every line is released before it falls', async (t) => {
  const { fake, open } = setUp(spoiled('power:\n', 'power:\n  leave: off\n'));
  const bench = await open();
  fake.takeDone();
  await bench.makeSafe();
  t.deepEqual(
    fake.takeDone().filter((each) => !/^release syn/.test(each)),
    ['access point on', 'disable i2c', 'release reset', 'reset knows of the cut', 'power off'],
  );
  await bench.close();
});

test('a bench that lacks what may be left out is opened and left all the same', async (t) => {
  const { fake, open } = setUp(spoiled(/reset:[\s\S]*server:/, 'server:'));
  const bench = await open();
  t.deepEqual(fake.takeDone(), ['open syn', 'release syn', 'open ack', 'open i2c', 'open network']);
  t.deepEqual(Object.keys(bench.ports).sort(), ['ack', 'i2c', 'network', 'syn']);
  await bench.close();
  t.deepEqual(fake.takeDone().slice(0, 2), ['release syn', 'disable i2c']);
});

test('steps that fail are told, and keep no other from being done', async (t) => {
  const { fake, folders, open } = setUp();
  const bench = await open();
  fake.takeDone();
  for (const step of ['access point on', 'power on', 'close power']) fake.failing.add(step);
  const error = await t.throwsAsync(bench.close(), { code: 'BENCH' });
  for (const step of ['access point on', 'power on', 'close power'])
    t.true(error?.message.includes(`${step}: no.`));
  t.deepEqual(fake.takeDone(), [
    'access point on',
    'release syn',
    'disable i2c',
    'power on',
    'release reset',
    ...CLOSED,
  ]);
  t.deepEqual(readdirSync(folders.locks), []);
});

test('somebody in a hurry waits for no step for long, but every step is done, in order', async (t) => {
  const { fake, open, hurry } = setUp();
  const bench = await open();
  fake.takeDone();
  fake.hanging.add('access point on');
  const startMs = performance.now();
  const leaving = bench.makeSafe();
  hurry.abort();
  const problems = await leaving;
  t.true(performance.now() - startMs < 4_000);
  t.regex(problems.join(), /access point on: not done within 2 s/);
  t.deepEqual(fake.takeDone(), [
    'access point on',
    'release syn',
    'disable i2c',
    'power on',
    'release reset',
  ]);
  await bench.close();
});

for (const [index, name] of OPENED.entries()) {
  test(`when ${name} cannot be opened, what was opened before is closed, in reverse`, async (t) => {
    const { fake, folders, open } = setUp();
    fake.failing.add(`open ${name}`);
    await t.throwsAsync(open(), { message: `${name}: open ${name}: no.` });
    t.deepEqual(
      fake.takeDone().filter((operation) => operation.startsWith('close')),
      CLOSED.slice(OPENED.length - index),
    );
    t.deepEqual(readdirSync(folders.locks), [], 'others may have the bench');
  });
}

test('opening is stopped between two ports, and what was opened is closed', async (t) => {
  const { fake, open } = setUp();
  const stop = new AbortController();
  fake.onDone = (operation) => {
    if (operation === 'open i2c') stop.abort();
  };
  await t.throwsAsync(open(stop.signal), { code: 'CANCELLED' });
  t.deepEqual(fake.takeDone().slice(-3), ['close i2c', 'close ack', 'close syn']);
});

test('a bench that is open is refused to others', async (t) => {
  const { open } = setUp();
  const bench = await open();
  await t.throwsAsync(open(), {
    code: 'BENCH',
    message: /"lab-3" is in use by process \d+ \("rig run steady", since/,
  });
  await bench.close();
  await (await open()).close();
});

test('what a killed process left is put right before anything is opened, and said', async (t) => {
  const { fake, folders, notes, commands, open } = setUp();
  const step = { name: 'access point wlan0 on', command: ['hostapd_cli', 'enable'] };
  mkdirSync(join(folders.state, 'access-point'), { recursive: true });
  writeFileSync(join(folders.state, 'access-point', 'lab-3.undo'), `${JSON.stringify(step)}\n`, {
    mode: 0o600,
  });
  const holder = { pid: 2 ** 22 + 1, startTicks: '1', host: (await import('node:os')).hostname() };
  const lock = { ...holder, command: 'rig run power-cut', since: '13:00:00' };
  writeFileSync(join(folders.locks, 'wifi-hil-rig-lab-3.lock'), JSON.stringify(lock));
  fake.failing.add('open syn');
  await t.throwsAsync(open());
  t.deepEqual(commands, ['hostapd_cli enable']);
  t.regex(
    notes.join('\n'),
    /process 4194305 \("rig run power-cut", since 13:00:00\) had this bench and was killed/,
  );
  t.regex(notes.join('\n'), /left was put right: access point wlan0 on\./);
});

test('a cut lets go of syn first; the supply comes back under reset, and then the lines are as they were wanted', async (t) => {
  const { fake, open } = setUp();
  const { ports, close } = await open().then((bench) => ({ ports: bench.ports, close: () => bench.close() }));
  await ports.syn.write(1);
  fake.takeDone();
  await ports.power?.off();
  await ports.syn.write(0);
  await ports.syn.write(1);
  t.deepEqual(fake.takeDone(), ['release syn', 'reset knows of the cut', 'power off']);
  await ports.power?.on();
  t.deepEqual(fake.takeDone(), ['hold reset', 'power on', 'let go of reset', 'syn 1']);
  await ports.power?.on();
  t.deepEqual(fake.takeDone(), ['power on', 'syn 1'], 'a device that runs is not reset');
  await ports.syn.release();
  await ports.power?.off();
  await ports.power?.on();
  t.deepEqual(
    fake.takeDone().filter((each) => each.includes('syn')),
    ['release syn', 'release syn'],
  );
  await close();
});

test('the target is off without power and while reset looks at the bus, and on when the device starts', async (t) => {
  const { fake, open } = setUp();
  const { ports, close } = await open().then((bench) => ({ ports: bench.ports, close: () => bench.close() }));
  const { i2c, power } = ports;
  if (i2c.role !== 'target') throw new Error('It is no target.');
  await i2c.enable(0x12);
  fake.takeDone();
  await power?.off();
  t.deepEqual(fake.takeDone().slice(-2), ['power off', 'disable i2c'], 'an exchange is cut in its middle');
  for (const use of [i2c.armTransmit(Uint8Array.of(1)), i2c.armReceive(2), i2c.received()])
    await t.throwsAsync(use, { code: 'PROTOCOL', message: /no power/ });
  await i2c.disable();
  await i2c.enable(0x13);
  t.false(fake.takeDone().includes('enable 19'));
  await power?.on();
  t.deepEqual(fake.takeDone(), ['hold reset', 'power on', 'let go of reset', 'enable 19']);
  await i2c.armReceive(2);
  await close();
});

test('a supply that is off between runs comes up under reset', async (t) => {
  const { fake, open } = setUp(spoiled('power:\n', 'power:\n  leave: off\n'));
  const bench = await open();
  fake.takeDone();
  await bench.ports.power?.on();
  t.deepEqual(fake.takeDone(), ['hold reset', 'power on', 'let go of reset']);
  await bench.close();
});

test('a bus that is low when the supply is back is told, and the target stays off', async (t) => {
  const { fake, open } = setUp();
  const bench = await open();
  const { i2c, power } = bench.ports;
  if (i2c.role === 'target') await i2c.enable(0x12);
  await power?.off();
  fake.failing.add('let go of reset');
  fake.takeDone();
  await t.throwsAsync(async () => power?.on(), { message: /let go of reset: no/ });
  t.deepEqual(fake.takeDone(), ['hold reset', 'power on', 'let go of reset']);
  await t.throwsAsync(bench.close(), { message: /let go of reset: no/ });
  t.true(fake.takeDone().includes('release reset'));
});

test('the floor is of the host alone, and a line that does not answer is told', async (t) => {
  const { fake, open, clock } = setUp();
  const bench = await open();
  fake.takeDone();
  const floorUs = await bench.measureFloor();
  t.true(floorUs > 0 && toMs(floorUs) < 500, `${floorUs} µs`);
  t.deepEqual(fake.takeDone(), [], 'nothing is driven');
  fake.hanging.add('read ack');
  await t.throwsAsync(measureHostFloor(clock, bench.ports.ack, ms(20)), {
    code: 'BENCH',
    message: /ack line/,
  });
  t.deepEqual(clock.pending(), []);
  await bench.close();
});

/** A run on the fakes, whose device is dead, ended after a moment by what `end` does. */
async function run(
  end: (bench: PhysicalBench, stop: AbortController) => void,
  prepare?: (fake: FakeBench) => void,
) {
  const { fake, open } = setUp();
  const bench = await open();
  prepare?.(fake);
  fake.takeDone();
  const stop = new AbortController();
  const hurry = new AbortController();
  const events: RunEvent[] = [];
  const timer = setTimeout(() => end(bench, stop), 40);
  const result = await runScenario({
    scenario: steady,
    parameters: { messages: 10, period: ms(100), size: 40 },
    bench,
    random: createRandom(1),
    signal: stop.signal,
    hurry: hurry.signal,
    sink: (event) => events.push(event),
    wall: { isoNow: () => '2026-01-01T00:00:00.000Z', elapsedMs: () => 0 },
  });
  clearTimeout(timer);
  const closing = await bench.close().then(
    () => '',
    (error: Error) => error.message,
  );
  return { result, done: fake.takeDone(), events, closing };
}

test('a run that is stopped leaves the bench safe', async (t) => {
  const { result, done } = await run((_bench, stop) => stop.abort());
  t.is(result.outcome, 'ABORTED');
  t.deepEqual(done.slice(-5 - OPENED.length), [
    'access point on',
    'release syn',
    'disable i2c',
    'power on',
    'release reset',
    ...CLOSED,
  ]);
});

test('a bench that breaks down from outside of its clock ends the run, and is left safe', async (t) => {
  const { result, done } = await run((bench) =>
    bench.breakDown(new RigError('BENCH', 'An exception nobody caught.')),
  );
  t.is(result.outcome, 'ERROR');
  t.regex(result.reason ?? '', /An exception nobody caught/);
  t.is(done[done.indexOf('close network') - 1], 'release reset');
});

test('what could not be made safe is in the journal, and told once', async (t) => {
  const { events, closing } = await run(
    (_bench, stop) => stop.abort(),
    (fake) => fake.failing.add('release reset'),
  );
  const notes = events.flatMap((event) => (event.type === 'note' ? [event.text] : []));
  t.true(
    notes.some((text) => /make the bench safe: .*release reset: no\./.test(text)),
    notes.join('\n'),
  );
  t.is(closing, '');
});
