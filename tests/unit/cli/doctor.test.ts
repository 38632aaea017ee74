/** `rig doctor`: on the built-in bench, and on hardware of which some cannot be had. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { compose } from '../../../cli/compose.js';
import { FakeBench } from '../../fixtures/pi/fake-drivers.js';
import { sample } from '../bench-file/sample.js';
import { runInProcess } from './in-process.js';

const root = mkdtempSync(join(tmpdir(), 'rig-doctor-'));
test.after.always(() => rmSync(root, { recursive: true }));
let benches = 0;

function newBench(text?: string) {
  benches += 1;
  const path = join(root, `${benches}`);
  mkdirSync(path);
  if (text !== undefined) writeFileSync(join(path, 'bench.yaml'), text);
  const fake = new FakeBench();
  const composition = compose(async () => ({
    drivers: fake.drivers,
    folders: { state: join(path, 'state'), locks: path },
  }));
  const rig = (words: string, onStart?: (interrupt: () => void) => void) =>
    runInProcess(words.split(' '), {
      composition,
      workingDirectory: path,
      environment: { RIG_WIFI_PASSPHRASE: 'correct horse' },
      ...(onStart !== undefined && { onStart }),
    });
  return { path, fake, rig };
}

const sampleWithoutFirmware = sample.replace(', firmware: firmware/link', '');

test('on the built-in virtual bench nothing is wrong', async (t) => {
  const { status, output, errors } = await newBench().rig('doctor');
  t.is(errors, '');
  t.is(status, 0);
  t.regex(output, /^ok {6}power {11}off: the rail fell/);
  t.regex(output, /\nNothing is wrong\.\n$/);
  t.false(output.includes('→'));
});

test('ports that cannot be opened are told with the next step, and the others are examined all the same', async (t) => {
  const { fake, rig } = newBench(sampleWithoutFirmware);
  fake.failing.add('open ack').add('open console').add('open network');
  const { status, output } = await rig('doctor');
  t.is(status, 4);
  t.regex(output, /failed {2}ack {13}cannot be opened\n +→ open ack: no\./);
  t.regex(output, /ok {6}power {11}off: the rail fell to 0\.01 V/);
  t.regex(output, /ok {6}scl, sda {8}both bus lines are high/);
  t.regex(output, /skipped link {12}not tried: ack could not be opened/);
  t.regex(output, /\n3 of these must be put right first\.\n$/);
  const done = fake.takeDone();
  t.true(
    done.indexOf('close sda') < done.indexOf('open syn'),
    'the bus lines are let go of before the bus is opened',
  );
  t.deepEqual(
    done.filter((operation) => operation.startsWith('close ')),
    ['close sda', 'close scl', 'close accessPoint', 'close power', 'close reset', 'close i2c', 'close syn'],
  );
  t.true(done.indexOf('release syn') < done.indexOf('power off'), 'nothing feeds a rail that falls');
});

test('a bus line that is held low is told with what the board would do', async (t) => {
  const { fake, rig } = newBench(sampleWithoutFirmware);
  fake.stuckLow.add('scl');
  fake.failing.add('open ack').add('open console');
  const { output } = await rig('doctor');
  t.regex(output, /failed {2}scl, sda/);
  t.regex(output, /scl/i);
});

test('with --json each finding is a line', async (t) => {
  const { fake, rig } = newBench(sampleWithoutFirmware);
  fake.failing.add('open ack').add('open console');
  const { status, output } = await rig('doctor --json');
  t.is(status, 4);
  const findings = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.true(findings.some(({ device, status: each }) => device === 'ack' && each === 'failed'));
});

test('Ctrl-C ends it at once, with the supply as it is to be left', async (t) => {
  const { fake, rig } = newBench(sampleWithoutFirmware);
  fake.failing.add('open ack');
  const { status, output } = await rig('doctor', (interrupt) => {
    fake.onDone = (operation) => {
      if (operation === 'power off') setTimeout(interrupt, 5);
    };
    fake.isStuck = true;
  });
  t.regex(output, /skipped doctor {10}stopped/);
  t.is(status, 130);
  t.notRegex(output, /Nothing is wrong/);
  const done = fake.takeDone();
  t.true(done.lastIndexOf('power on') > done.indexOf('power off'));
  t.is(done.at(-1), 'close syn');
});

test('--loop opens nothing but syn and ack', async (t) => {
  const { fake, rig } = newBench(sampleWithoutFirmware);
  const { status, output } = await rig('doctor --loop');
  t.is(status, 4);
  t.regex(output, /failed {2}syn, ack/);
  t.deepEqual(
    fake.takeDone().filter((operation) => operation.startsWith('open ')),
    ['open syn', 'open ack'],
  );
});

test('--loop on a virtual bench is refused', async (t) => {
  const { status, errors } = await newBench().rig('doctor --loop');
  t.is(status, 2);
  t.regex(errors, /no wires to join/);
});

const leftOff = sampleWithoutFirmware.replace('power:\n', 'power:\n  leave: off\n');

test('without power the bus lines tell nothing: they are looked at when reset is let go of', async (t) => {
  const { fake, rig } = newBench(leftOff);
  fake.stuckLow.add('scl').add('sda');
  fake.failing.add('open ack').add('open console');
  const { output } = await rig('doctor');
  t.regex(output, /skipped scl, sda {8}not tried: the device has no power between runs/);
  const done = fake.takeDone();
  t.true(done.indexOf('power on') < done.indexOf('let go of reset'));
});

test('every line is let go of before a supply that is left off is cut', async (t) => {
  const { fake, rig } = newBench(leftOff);
  fake.failing.add('open ack').add('open console');
  await rig('doctor');
  const done = fake.takeDone();
  const atTheEnd = done.slice(done.indexOf('close network'));
  const order = ['disable i2c', 'release syn', 'close power'].map((operation) => done.lastIndexOf(operation));
  t.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
    atTheEnd.join(', '),
  );
  t.true(order.every((at) => at >= 0));
});

test('the passphrase is in no finding', async (t) => {
  const { fake, rig } = newBench(sampleWithoutFirmware);
  fake.failing.add('open ack').add('open console');
  fake.complaint = 'no station with "correct horse"';
  for (const words of ['doctor', 'doctor --json']) {
    const { output } = await rig(words);
    t.regex(output, /no station with .*\[secret\]/);
    t.notRegex(output, /correct horse/);
  }
});

test('a network that was broken by hand is made whole first, and that is said', async (t) => {
  const { path, fake, rig } = newBench(sampleWithoutFirmware);
  fake.failing.add('open ack').add('open console');
  const log = join(path, 'state', 'access-point', 'lab-3.undo');
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, '{"name":"packets of wlan0 whole","command":["true"]}\n', { mode: 0o600 });
  const { errors } = await rig('doctor');
  t.regex(errors, /left was put right: packets of wlan0 whole/);
  t.false(existsSync(log));
});
