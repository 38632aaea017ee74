/** The scenarios about what a device has in the long run: its free memory, and its promises through everything. */
import test from 'ava';
import { ms, seconds } from '../../rig/time/units.js';
import { memory } from '../../scenarios/memory.js';
import { soak } from '../../scenarios/soak.js';
import { steady } from '../../scenarios/steady.js';
import { type Rehearsed, rehearse, spoiled } from './rehearsal.js';

const outages = { messages: 500, outages: 3, outage: seconds(3) };

const measuredOf = ({ result }: Rehearsed, name: string) =>
  result.measurements.find((measurement) => measurement.name === name)?.value ?? Number.NaN;

/** Keeps something of each connection. */
const LEAKING = `
from link import server
kept = []
came_up = server.Server._came_up
def leak(self):
    kept.append(bytearray(200))
    came_up(self)
server.Server._came_up = leak
`;

test.serial('memory passes: free memory between outages stays what it is, within a few words', async (t) => {
  const run = await rehearse({ scenario: memory, seed: 7, parameters: outages });
  t.is(run.result.outcome, 'PASS', run.result.reason);
  t.is(measuredOf(run, 'leak'), 0);
  t.true(measuredOf(run, 'memory least') > 20_000);
});

test.serial('memory finds a leak that the board was told to have', async (t) => {
  const run = await rehearse({ scenario: memory, seed: 7, parameters: { ...outages, leak: 150 } });
  t.is(run.result.outcome, 'FAIL');
  t.regex(run.result.reason ?? '', /^leak is \d+ B\/h/);
  // 150 bytes about every 50 s.
  t.true(measuredOf(run, 'memory slope') < -6_000 && measuredOf(run, 'memory slope') > -16_000);
});

test.serial('firmware that keeps something of each connection passes steady and fails memory', async (t) => {
  const flash = spoiled(LEAKING);
  const calm = await rehearse({ scenario: steady, seed: 5, flash, parameters: { messages: 60 } });
  t.is(calm.result.outcome, 'PASS', calm.result.reason);
  const { result } = await rehearse({ scenario: memory, seed: 5, flash, parameters: outages });
  t.is(result.outcome, 'FAIL');
  t.regex(result.reason ?? '', /^leak is \d+ B\/h/);
});

const brief = { duration: seconds(260), period: ms(500) };

test.serial('soak passes: faults of many kinds, and nothing promised is lost', async (t) => {
  const run = await rehearse({ scenario: soak, seed: 3, parameters: brief });
  t.is(run.result.outcome, 'PASS', run.result.reason);
  t.is(measuredOf(run, 'faults'), run.result.faults.length);
  t.true(new Set(run.result.faults.map(({ kind }) => kind)).size >= 3);
  t.true(run.result.boots.length > 1, 'the device lost its memory at least once');
});

test.serial('firmware that forgets what was on its way passes steady and fails soak', async (t) => {
  const flash = spoiled(
    'from link import window\nwindow.Window.restart = lambda self: self._entries.clear()\n',
  );
  const { result } = await rehearse({ scenario: soak, seed: 3, flash, parameters: brief });
  t.is(result.outcome, 'FAIL');
  t.regex(result.reason ?? '', /lost is \d+ messages|did not recover/);
});
