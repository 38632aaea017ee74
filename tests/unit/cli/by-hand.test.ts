/** The bench by hand: what each command does, what it leaves, what it says, and what it refuses. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { compose } from '../../../cli/compose.js';
import { takeBench } from '../../../drivers/pi/safety/bench-lock.js';
import { FakeBench } from '../../fixtures/pi/fake-drivers.js';
import { sample, spoiled } from '../bench-file/sample.js';
import { type InProcess, runInProcess } from './in-process.js';

const root = mkdtempSync(join(tmpdir(), 'rig-hand-'));
test.after.always(() => rmSync(root, { recursive: true }));
let benches = 0;

function newBench(text: string = sample) {
  benches += 1;
  const path = join(root, `${benches}`);
  mkdirSync(path);
  writeFileSync(join(path, 'bench.yaml'), text);
  const fake = new FakeBench();
  const composition = compose(async () => ({
    drivers: fake.drivers,
    folders: { state: join(path, 'state'), locks: path },
  }));
  const rig = (words: string, onStart?: (interrupt: () => void) => void) =>
    runInProcess(words.split(' '), {
      composition,
      workingDirectory: path,
      ...(onStart !== undefined && { onStart }),
    });
  const rigWith = (words: string, options: Partial<InProcess>) =>
    runInProcess(words.split(' '), { composition, workingDirectory: path, ...options });
  return { path, fake, rig, rigWith };
}

/** A supply that stays as it is put, without a program. */
const plug = spoiled(
  'driver: gpio-relay\n  control: {driver: gpio, line: GPIO26}',
  'driver: command\n  on: [plug, on]\n  off: [plug, off]',
);

test('"rig power off" leaves the supply off, whatever power.leave says, and says what the rail shows', async (t) => {
  const { fake, rig } = newBench(plug);
  const { status, output, errors } = await rig('power off');
  t.is(errors, '');
  t.is(status, 0);
  t.is(output, 'Supply off: the rail shows 0.01 V.\n');
  t.deepEqual(fake.takeDone(), ['open power', 'power off', 'close power']);
  t.is(fake.leave, 'off', 'so the driver leaves it when it is closed');
});

test('"rig power on" and "cycle" end with the supply on', async (t) => {
  const { fake, rig } = newBench(plug);
  t.is((await rig('power on')).output, 'Supply on: the rail shows 5.02 V.\n');
  const around = (...done: string[]) => ['open power', 'open reset', ...done, 'close reset', 'close power'];
  t.deepEqual(fake.takeDone(), around('power on'), 'its rail was up: it is not reset');
  const { output } = await rig('power cycle --for 10ms');
  t.is(output, 'Supply off for 10ms: the rail shows 0.01 V.\nSupply on: the rail shows 5.02 V.\n');
  const up = ['hold reset', 'power on', 'let go of reset'];
  t.deepEqual(
    fake.takeDone(),
    around('reset knows of the cut', 'power off', ...up),
    'it starts once, on a steady rail',
  );
  await rig('power off');
  fake.takeDone();
  await rig('power on');
  t.deepEqual(fake.takeDone(), around(...up), 'also where an earlier command had cut it');
});

test('a relay is held by its program: off until Ctrl-C where it rests on', async (t) => {
  const { fake, rig } = newBench();
  const { status, output, errors } = await rig('power off', (interrupt) => {
    fake.onDone = (operation) => {
      if (operation === 'power off') setTimeout(interrupt, 30);
    };
  });
  t.is(status, 0);
  t.regex(
    output,
    /^Supply off: the rail shows 0\.01 V\.\nA relay is held by the program .*: off until you press Ctrl-C/,
  );
  t.regex(output, /The relay is at rest again: supply on, as power\.leave says\.\n$/);
  t.is(errors, 'rig: letting go of the bench.\n');
  t.is(fake.leave, 'on');
  fake.onDone = () => undefined;
  t.is(
    (await rig('power on')).output,
    'Supply on: the rail shows 5.02 V.\n',
    'at rest, nothing is to be held',
  );
});

test('without a sense, nothing is claimed of the rail', async (t) => {
  const { rig } = newBench(spoiled('  sense: {driver: ina219, bus: 1}\n', '', plug));
  t.regex((await rig('power off')).output, /^Supply off: nothing measures the rail, so nothing confirms it/);
});

test('a rail that contradicts the switch is an error', async (t) => {
  const { fake, rig } = newBench(plug);
  fake.isStuck = true;
  const { status, output, errors } = await rig('power off');
  t.is(status, 4);
  t.is(output, '');
  t.regex(
    errors,
    /^rig: The supply was switched off, but the rail shows 5\.02 V\. Does the switch really cut it\?/,
  );
  t.is(fake.takeDone().at(-1), 'close power');
});

test('"rig reset" presses reset as long as the bench file says, or as told', async (t) => {
  const { fake, rig } = newBench();
  const { status, output } = await rig('reset');
  t.is(status, 0);
  t.is(output, 'Reset was pressed for 200ms and released: the device boots.\n');
  t.deepEqual(fake.takeDone(), ['open reset', 'press reset', 'close reset']);
  t.regex((await rig('reset --pulse 1s')).output, /pressed for 1s/);
  fake.failing.add('press reset');
  const refused = await rig('reset');
  t.is(refused.status, 4);
  t.is(refused.errors, 'rig: press reset: no.\n');
});

test('Ctrl-C ends a long press, and reset is let go of', async (t) => {
  const { fake, rig } = newBench();
  fake.hanging.add('press reset');
  const { status, errors } = await rig('reset --pulse 600s', (interrupt) => {
    fake.onDone = (operation) => {
      if (operation === 'press reset') setTimeout(interrupt, 10);
    };
  });
  t.is(status, 130);
  t.regex(errors, /letting go of the bench/);
  t.deepEqual(fake.takeDone(), ['open reset', 'press reset', 'release reset', 'close reset']);
});

test('Ctrl-C while the supply is off for a cycle switches it on, and waits for what the rail shows', async (t) => {
  const { fake, rig } = newBench(plug);
  const { status, output } = await rig('power cycle --for 600s', (interrupt) => {
    fake.onDone = (operation) => {
      if (operation === 'power off') setTimeout(interrupt, 10);
      // The rail needs a moment.
      if (operation === 'power on') fake.riseAfter(60);
    };
  });
  t.regex(output, /Supply on: the rail shows 5\.02 V\.\n$/);
  t.is(status, 130);
});

test('what is thrown where nobody catches it ends the command, with the bench put right first', async (t) => {
  const { path, fake, rigWith } = newBench();
  const { errors } = await rigWith('power off', {
    onCrashable: (crash) => {
      fake.onDone = (operation) => {
        if (operation === 'power off') setTimeout(() => crash(new Error('a listener broke')), 10);
      };
    },
  });
  t.regex(errors, /^rig: a listener broke\n/);
  t.regex(errors, /The process would end now, with 4\./);
  t.is(fake.takeDone().at(-1), 'close power');
  t.deepEqual(
    readdirSync(path).filter((name) => name.endsWith('.lock')),
    [],
  );
});

test('the passphrase is in nothing that a command prints', async (t) => {
  const { fake, rigWith } = newBench();
  const environment = { RIG_WIFI_PASSPHRASE: 'correct horse' };
  fake.failing.add('press reset');
  fake.complaint = 'wpa_passphrase=correct horse is wrong';
  const { errors } = await rigWith('reset', { environment });
  t.is(errors, 'rig: wpa_passphrase=[secret] is wrong\n');
});

test('"rig wifi" breaks the network and leaves it so; only what is whole again is closed', async (t) => {
  const { fake, rig } = newBench();
  const words = ['off', 'kick', 'silence', 'degrade --loss 10% --latency 200ms --jitter 50ms', 'on'];
  const outputs: string[] = [];
  for (const each of words) {
    const { status, output, errors } = await rig(`wifi ${each}`);
    t.is(status, 0, errors);
    outputs.push(output);
  }
  t.deepEqual(fake.takeDone(), [
    'open accessPoint',
    'access point off',
    'open accessPoint',
    'kick',
    'open accessPoint',
    'silence',
    'open accessPoint',
    'degrade 0.1 200000 50000',
    'open accessPoint',
    'access point on',
    'close accessPoint',
  ]);
  t.deepEqual(outputs, [
    'Access point rig off. It stays so until "rig wifi on", or the next run.\n',
    'The device was disassociated. Joined now: 5c:cf:7f:00:00:01.\n',
    'Packets from and to the device are lost from now on. It stays so until "rig wifi on", or the next run.\n',
    'Packets from and to the device: 10 % lost, 200 ms late by ±50 ms, each way. It stays so until "rig wifi on", or the next run.\n',
    'Access point rig on, and whole. Joined now: 5c:cf:7f:00:00:01.\n',
  ]);
});

test('no passphrase is needed to switch things', async (t) => {
  t.is((await newBench().rig('wifi on')).status, 0);
});

test('a bench that a run uses is left alone', async (t) => {
  const { path, fake, rig } = newBench();
  const lock = await takeBench({ bench: 'lab-3', folder: path, command: 'rig run steady', since: 'now' });
  const { status, errors } = await rig('reset');
  t.is(status, 4);
  t.regex(errors, /^rig: The bench "lab-3" is in use by process \d+ \("rig run steady", since now\)/);
  t.deepEqual(fake.done, []);
  await lock.release();
});

test('after a process was killed on the bench, its lines are let go of first, and that is said', async (t) => {
  const { path, fake, rig } = newBench();
  const lock = {
    pid: 2 ** 22 + 1,
    startTicks: '1',
    host: hostname(),
    command: 'rig run steady',
    since: 'then',
  };
  writeFileSync(join(path, 'wifi-hil-rig-lab-3.lock'), JSON.stringify(lock));
  fake.failing.add('release syn');
  const { status, output, errors } = await rig('wifi on');
  t.is(status, 0);
  t.regex(output, /^Access point rig on/);
  t.regex(errors, /rig: process 4194305 \("rig run steady", since then\) had this bench and was killed/);
  t.regex(errors, /rig: Teardown, release syn: release syn: no\./);
  t.deepEqual(fake.takeDone().slice(0, 7), [
    'open i2c',
    'close i2c',
    'open reset',
    'release reset',
    'close reset',
    'open syn',
    'release syn',
  ]);
});

const virtual = '{name: v, kind: virtual, board: {kind: esp8266}}';
const commandsOnly = spoiled(
  /accessPoint:[\s\S]*passphraseEnv/,
  'accessPoint:\n  driver: commands\n  on: [up]\n  off: [down]\n  ssid: rig\n  passphraseEnv',
);

const refused: readonly [name: string, text: string, words: string, message: RegExp][] = [
  [
    'a virtual bench',
    virtual,
    'power off',
    /"rig power" switches the supply of real hardware; "v" \(bench\.yaml:1:\d+\) is virtual, and nothing of it outlives a run/,
  ],
  ['a virtual bench', virtual, 'reset', /"rig reset" presses the button of real hardware; "v"/],
  ['a virtual bench', virtual, 'wifi off', /"rig wifi" switches the access point of real hardware; "v"/],
  [
    'no power section',
    spoiled(/power:[\s\S]*console:/, 'console:'),
    'power off',
    /bench\.yaml: bench "lab-3" has no power switch\. Add a section "power"/,
  ],
  [
    'no reset section',
    spoiled(/reset:[\s\S]*power:/, 'power:'),
    'reset',
    /bench "lab-3" has no reset pin\. Add a section "reset"/,
  ],
  [
    'no access point',
    spoiled(/accessPoint:[\s\S]*server:/, 'server:'),
    'wifi off',
    /bench "lab-3" has no access point/,
  ],
  [
    'an access point that cannot kick',
    commandsOnly,
    'wifi kick',
    /bench\.yaml:\d+:\d+: this access point cannot kick\. Add its command as accessPoint\.kick/,
  ],
  [
    'an access point that cannot degrade',
    commandsOnly,
    'wifi degrade --loss 1%',
    /this access point cannot degrade\. Only the driver hostapd can/,
  ],
  ['no action', sample, 'power', /missing required argument 'action'/],
  [
    'an unknown action',
    sample,
    'power of',
    /'of' is invalid for argument 'action'\. Allowed choices are on, off, cycle/,
  ],
  ['a time without unit', sample, 'power cycle --for 3', /--for: "3" is not a duration/],
  ['a pulse of nothing', sample, 'reset --pulse 0s', /--pulse: 0s is out of range/],
  ['degrading by nothing', sample, 'wifi degrade', /say how, with --loss 10%/],
  [
    'a loss of nonsense',
    sample,
    'wifi degrade --loss 0.1',
    /--loss: "0\.1" is no share of packets\. Write a percentage/,
  ],
  ['more than all', sample, 'wifi degrade --loss 101%', /--loss: "101%" is no share/],
  [
    'jitter without latency',
    sample,
    'wifi degrade --jitter 50ms',
    /--jitter: it may not be more than --latency/,
  ],
  [
    'options of another action',
    sample,
    'wifi off --loss 10%',
    /--loss, --latency and --jitter are for "rig wifi degrade"/,
  ],
  [
    'a bench file that is missing',
    sample,
    'reset --bench lab.yaml',
    /--bench lab\.yaml: there is no such file/,
  ],
];

for (const [name, text, words, message] of refused) {
  test(`"rig ${words}" with ${name} is refused, and nothing is touched`, async (t) => {
    const { fake, rig } = newBench(text);
    const { status, output, errors } = await rig(words);
    t.is(status, 2);
    t.is(output, '');
    t.regex(errors, message);
    t.regex(errors, /^rig: [^\n]+\n$/);
    t.deepEqual(fake.done, []);
  });
}

test('without a bench file, it is said where one is looked for', async (t) => {
  const { path, rig } = newBench();
  rmSync(join(path, 'bench.yaml'));
  t.regex(
    (await rig('power on')).errors,
    /there is no bench\.yaml here\. Name the bench's with --bench FILE\.\n$/,
  );
});
