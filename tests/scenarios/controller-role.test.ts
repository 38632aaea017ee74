/**
 * The mirrored link: the host is I2C controller and answers the exchanges that the device starts. The scenarios keep their
 * promises, and firmware that breaks the link in this role is blamed for it, while a host that stands still is not.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { ms, seconds } from '../../rig/time/units.js';
import { powerCut } from '../../scenarios/power-cut.js';
import { resetButton } from '../../scenarios/reset-button.js';
import { steady } from '../../scenarios/steady.js';
import { wifiOutage } from '../../scenarios/wifi-outage.js';
import { stallingBench } from '../fixtures/link/stalling-bench.js';
import { eventsOf, flashOf, initiatorFirmware, linkFirmware, rehearse } from './rehearsal.js';

const role = 'controller';
const shortSteady = { messages: 60 };

test.serial(
  'rig run --bench benches/virtual-controller.yaml passes every scenario of this role',
  async (t) => {
    const root = fileURLToPath(new URL('../../../', import.meta.url));
    const folder = mkdtempSync(join(tmpdir(), 'rig-controller-'));
    const scenarios = ['steady', 'wifi-outage', 'power-cut', 'reset-button'];
    const settings = ['messages=40', 'outages=1', 'cuts=1', 'presses=1'].flatMap((each) => ['--set', each]);
    const bench = ['--bench', join(root, 'benches/virtual-controller.yaml')];
    try {
      const words = [
        join(root, 'dist/cli/rig.js'),
        'run',
        ...scenarios,
        ...bench,
        ...settings,
        '--seed',
        '42',
      ];
      const run = spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [run.stdout, run.stderr]) {
        stream.on('data', (data) => {
          output += data;
        });
      }
      t.is(await new Promise((resolve) => run.on('close', resolve)), 0, output);
      for (const name of scenarios) t.regex(output, new RegExp(`PASS ${name} seed 42`));
      t.regex(output, /on bench virtual-controller, firmware link-initiator/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test.serial('steady passes: nothing lost, one boot, no exchange failed', async (t) => {
  const { result } = await rehearse({ scenario: steady, seed: 7, role, parameters: { messages: 60 } });
  t.is(result.outcome, 'PASS', result.reason);
  t.is(result.boots.length, 1);
  const { exchange, floorMs, missedEdges } = result.instrument;
  t.is(exchange.failed, 0);
  t.is(missedEdges, 0);
  // Two headers and 48 bytes a message take 5 ms on a bus of 100 kHz.
  t.true(exchange.meanMs > floorMs && exchange.meanMs < 10, `${exchange.meanMs}`);
  t.true(exchange.maxMs < 15, `${exchange.maxMs}`);
});

const outage = () =>
  rehearse({
    scenario: wifiOutage,
    seed: 7,
    role,
    parameters: { messages: 80, outages: 1, outage: seconds(8) },
  });

test.serial('wifi-outage passes, and the same seed gives the same result, event for event', async (t) => {
  const [first, again] = [await outage(), await outage()];
  t.is(first.result.outcome, 'PASS', first.result.reason);
  t.is(first.result.faults.length, 1);
  for (const stream of first.result.streams) {
    t.is(stream.delivered, 80);
    t.is(stream.duplicated + stream.reordered + stream.corrupted, 0);
  }
  t.deepEqual({ ...again.result, wallMs: 0 }, { ...first.result, wallMs: 0 });
  t.deepEqual(again.events.slice(0, -1), first.events.slice(0, -1));
});

test.serial('power-cut passes: each cut is noticed, and nothing arrives twice', async (t) => {
  const parameters = { messages: 120, cuts: 2 };
  const { result } = await rehearse({ scenario: powerCut, seed: 3, role, parameters });
  t.is(result.outcome, 'PASS', result.reason);
  t.is(result.faults.filter(({ recoveredAtMs }) => recoveredAtMs !== null).length, 2);
  t.true(result.streams.every(({ duplicated }) => duplicated === 0));
});

test.serial('reset-button passes: each press is noticed, and nothing arrives twice', async (t) => {
  const parameters = { messages: 120, presses: 2 };
  const { result } = await rehearse({ scenario: resetButton, seed: 2, role, parameters });
  t.is(result.outcome, 'PASS', result.reason);
  t.is(result.faults.filter(({ recoveredAtMs }) => recoveredAtMs !== null).length, 2);
  t.true(result.streams.every(({ duplicated }) => duplicated === 0));
});

/** Synchronises and settles as an Initiator does. */
const SYNCHRONISED = `
from machine import I2CTarget, Pin
import time
syn = Pin(5, Pin.IN)
ack = Pin(4, Pin.OUT, value=1)
def arm(memory):
    return I2CTarget(0, 0x12, mem=memory, mem_addrsize=0)
time.sleep_ms(100)
ack(0)
while syn():
    time.sleep_ms(100)
time.sleep_ms(1000)
print('synchronised')
`;
const FOR_EVER = 'while True:\n    time.sleep(1)\n';
/** Its part of steps 1 and 2, with a given header. */
const offerHeader = (low: number, high: number) => `
arm(bytearray([${low}, ${high}]))
ack(1)
while not syn():
    pass
ack(0)
`;

interface Saboteur {
  readonly what: string;
  readonly main: string;
  readonly reason: RegExp;
}

const saboteurs: readonly Saboteur[] = [
  {
    what: 'never starts an exchange',
    main: FOR_EVER,
    reason: /not sent a line after 5 reboots.*not started an exchange for 2500 ms/,
  },
  {
    what: 'starts an exchange with no target on the bus',
    main: `ack(1)\n${FOR_EVER}`,
    reason: /not sent a line after 5 reboots.*target at 0x12 did not acknowledge its address/,
  },
  {
    what: 'stops in the middle of an exchange',
    main: `arm(bytearray(2))\nack(1)\n${FOR_EVER}`,
    reason: /not sent a line after 5 reboots.*step 2 of an exchange.*did not lower ack within 1000 ms/,
  },
  {
    what: 'takes its target away before it is written to',
    main: `${offerHeader(0, 0)}time.sleep_ms(1)\narm(bytearray(2)).deinit()\nack(1)\n${FOR_EVER}`,
    reason: /not sent a line after 5 reboots.*target at 0x12 did not acknowledge/,
  },
  {
    what: 'announces a payload that is too long',
    main: `${offerHeader(201, 0)}${FOR_EVER}`,
    reason: /not sent a line after 5 reboots.*201 bytes/,
  },
  {
    what: 'announces a payload that it does not offer',
    main: `${offerHeader(5, 0)}${FOR_EVER}`,
    reason: /not sent a line after 5 reboots.*step 3 of an exchange.*did not raise ack/,
  },
  {
    what: 'lowers its line where it was to raise it',
    main: `ack(1)\ntime.sleep_us(10)\nack(0)\n${FOR_EVER}`,
    reason: /not sent a line after 5 reboots.*did not acknowledge/,
  },
];

for (const { what, main, reason } of saboteurs) {
  test.serial(`firmware that ${what} ends the run as FAIL, with the reason`, async (t) => {
    const flash = flashOf({ 'main.py': SYNCHRONISED + main });
    const { result, wallMs } = await rehearse({
      scenario: steady,
      seed: 1,
      role,
      flash,
      parameters: shortSteady,
    });
    t.is(result.outcome, 'FAIL', result.reason);
    t.regex(result.reason ?? '', reason);
    t.regex(result.reason ?? '', /\| synchronised/);
    t.true(wallMs < 20_000, `${wallMs}`);
  });
}

test.serial(
  'firmware that waits for exchanges, as the one for the other role, is blamed for starting none',
  async (t) => {
    const { result } = await rehearse({
      scenario: steady,
      seed: 1,
      role,
      flash: linkFirmware,
      parameters: shortSteady,
    });
    t.is(result.outcome, 'FAIL');
    t.regex(result.reason ?? '', /not started an exchange/);
  },
);

/** The link's own firmware, spoilt by a few lines before it starts. */
function spoilt(lines: string) {
  const main = new TextDecoder().decode(initiatorFirmware.get('main.py'));
  return new Map([
    ...initiatorFirmware,
    ...flashOf({ 'main.py': main.replace('\ntry:', `\n${lines}\ntry:`) }),
  ]);
}

test.serial('firmware that never takes its configuration ends the run as FAIL', async (t) => {
  const flash = spoilt(`
def _header(header, length, hold_off):
    header[0] = 0
    header[1] = 0x80
initiator.frame.pack = _header
`);
  const { result } = await rehearse({ scenario: steady, seed: 1, role, flash, parameters: shortSteady });
  t.is(result.outcome, 'FAIL');
  t.regex(result.reason ?? '', /holds off.*not taken its configuration for 10 s/);
});

test.serial(
  'an application that dies while exchanges go on is missed by its keepalives, and is the device’s fault',
  async (t) => {
    const flash = spoilt(`
from link.compat import asyncio
_alive = app.Application._keep_alive
async def _dying(self):
    self._outbox.put_keepalive()
    await asyncio.sleep(6)
    self._outbox.put_keepalive()
    await asyncio.sleep(1000)
app.Application._keep_alive = _dying
`);
    const { result, events } = await rehearse({
      scenario: steady,
      seed: 1,
      role,
      flash,
      parameters: shortSteady,
    });
    t.is(result.outcome, 'FAIL');
    const reasons = eventsOf(events, 'link').map(({ reason }) => reason ?? '');
    t.true(
      reasons.some((reason) => reason.includes('No keepalive')),
      reasons.join('\n'),
    );
    t.is(result.instrument.exchange.failed, 0);
  },
);

/** The run of a healthy board on a host that stands still for 1.5 s at each of the given instants. */
const withStalls = (stallsMs: readonly number[]) =>
  rehearse({
    scenario: steady,
    seed: 5,
    role,
    parameters: shortSteady,
    aroundBench: (bench) =>
      stallingBench(
        bench,
        stallsMs.map((afterMs) => ({ after: ms(afterMs), length: seconds(1.5) })),
      ),
  });

// Between two exchanges, and at several instants of one: they begin about every 105 ms.
for (const afterMs of [9_000, 9_033, 9_066, 9_090]) {
  test.serial(`a host that stands still at ${afterMs} ms ends the run as INVALID, not as FAIL`, async (t) => {
    const { result, events } = await withStalls([afterMs]);
    t.is(result.outcome, 'INVALID', result.reason);
    t.regex(result.reason ?? '', /The rig stalled/);
    const notes = eventsOf(events, 'note').filter(({ text }) => text.startsWith('The rig itself stalled'));
    t.true(notes.length > 0, 'the link noticed it as well');
  });
}

test.serial('a host that stands still so often that the link never comes up blames itself', async (t) => {
  const { result } = await withStalls(Array.from({ length: 80 }, (_, index) => 400 + index * 2_000));
  t.is(result.outcome, 'INVALID', result.reason);
  t.regex(result.reason ?? '', /The rig stalled.*(did not come up|not sent a line)/s);
});
