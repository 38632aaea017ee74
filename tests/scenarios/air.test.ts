/**
 * The scenarios of an air that fails: the rig's firmware passes them, and firmware that is careless in the very way
 * that each is about passes `steady` and fails it.
 */
import test, { type ExecutionContext } from 'ava';
import type { ParameterDeclarations, ParameterValues, Scenario } from '../../rig/run/scenario.js';
import { ms, seconds } from '../../rig/time/units.js';
import { steady } from '../../scenarios/steady.js';
import { wifiBlackhole } from '../../scenarios/wifi-blackhole.js';
import { wifiDegraded } from '../../scenarios/wifi-degraded.js';
import { wifiKick } from '../../scenarios/wifi-kick.js';
import { eventsOf, type Rehearsed, rehearse, spoiled } from './rehearsal.js';

const kicked = { scenario: wifiKick, parameters: { messages: 120, kicks: 2 } };
/** Often enough that a message is on its way at one of them. */
const kickedOften = { scenario: wifiKick, parameters: { messages: 200, kicks: 3 } };
const silenced = { scenario: wifiBlackhole, parameters: { messages: 100, silences: 1, silence: seconds(8) } };
const degraded = { scenario: wifiDegraded, parameters: { messages: 140, times: 1, duration: seconds(15) } };

function isWhole(t: ExecutionContext, { result }: Rehearsed, messages: number, faults: number): void {
  t.is(result.outcome, 'PASS', result.reason);
  t.is(result.faults.length, faults);
  for (const fault of result.faults) {
    t.truthy(fault.evidence);
    t.not(fault.recoveredAtMs, null);
    t.is(fault.waterfall.at(-1)?.step, 'backlog drained');
  }
  for (const stream of result.streams) {
    t.is(stream.delivered, messages);
    t.is(stream.lost + stream.duplicated + stream.reordered + stream.corrupted + stream.unsent, 0);
  }
  t.is(result.boots.length, 1);
}

test.serial('wifi-kick passes: the device notices each kick at once, and comes back by itself', async (t) => {
  const run = await rehearse({ ...kicked, seed: 7 });
  isWhole(t, run, 120, 2);
  t.is(run.result.reports.connectCount, 3);
  for (const fault of run.result.faults) {
    const seenMs = fault.waterfall.find(({ step }) => step === 'seen by the client')?.atMs ?? 0;
    t.true(seenMs - fault.injectedAtMs < 500, 'sooner than any time-out');
  }
});

test.serial('wifi-blackhole passes: nobody tells the device, and it finds out', async (t) => {
  const run = await rehearse({ ...silenced, seed: 7 });
  isWhole(t, run, 100, 1);
  for (const fault of run.result.faults) {
    t.regex(fault.evidence ?? '', /heard nothing for 7\d\d ms/);
    t.true((fault.clearedAtMs ?? 0) - fault.injectedAtMs >= 8_000);
  }
  const reasons = eventsOf(run.events, 'console').map(({ line }) => line);
  t.true(
    reasons.some((line) => /outage: nothing from the server/.test(line)),
    'by the silence itself',
  );
  t.false(
    reasons.some((line) => line.includes('WiFi lost')),
    'its WiFi has not told it',
  );
});

test.serial('wifi-degraded passes: messages are late, and nothing else', async (t) => {
  const run = await rehearse({ ...degraded, seed: 7 });
  isWhole(t, run, 140, 1);
  for (const fault of run.result.faults) t.regex(fault.evidence ?? '', /^the fastest of \d+ messages took/);
  const [steadyP50, faultP50] = (['steady', 'fault'] as const).map((phase) =>
    Math.max(...run.result.streams.map(({ response }) => response[phase].p50Ms)),
  );
  t.true((faultP50 ?? 0) > 2 * (steadyP50 ?? 0), `${faultP50} ms against ${steadyP50} ms`);
});

test.serial('the same seed gives the same losses and delays, another seed others', async (t) => {
  const run = (seed: number) =>
    rehearse({
      scenario: wifiDegraded,
      parameters: { messages: 60, times: 1, duration: seconds(8), period: ms(300) },
      seed,
    });
  const [first, again, other] = [await run(3), await run(3), await run(4)];
  t.deepEqual(again.events.slice(0, -1), first.events.slice(0, -1), 'event for event');
  t.notDeepEqual(
    eventsOf(other.events, 'message').map(({ deliveredUs }) => deliveredUs),
    eventsOf(first.events, 'message').map(({ deliveredUs }) => deliveredUs),
  );
});

/** Drops at each new connection what the last one left unacknowledged: "it was sent, after all". */
const forgetful = spoiled(
  'from link import window\nwindow.Window.restart = lambda self: self._entries.clear()\n',
);

/** Takes every message that comes for a new one. */
const credulous = spoiled('from link import mids\nmids.MidFilter.is_new = lambda self, mid, text: True\n');

async function fails<P extends ParameterDeclarations>(
  t: ExecutionContext,
  flash: ReadonlyMap<string, Uint8Array>,
  run: { readonly scenario: Scenario<P>; readonly parameters: Partial<ParameterValues<P>> },
  reason: RegExp,
): Promise<void> {
  const calm = await rehearse({ scenario: steady, seed: 5, flash, parameters: { messages: 20 } });
  t.is(calm.result.outcome, 'PASS', calm.result.reason);
  const { result } = await rehearse({ ...run, seed: 5, flash });
  t.is(result.outcome, 'FAIL', result.reason);
  t.regex(result.reason ?? '', reason);
  if (!reason.source.includes('did not recover')) return;
  t.true(
    result.streams.some(({ lost }) => lost > 0),
    'what it waited for in vain is lost',
  );
}

test.serial('firmware that forgets what was on its way passes steady and fails wifi-kick', (t) =>
  fails(t, forgetful, kickedOften, /^The link did not recover from fault \d \(wifi-kick\)/),
);

test.serial('firmware that forgets what was on its way passes steady and fails wifi-blackhole', (t) =>
  fails(t, forgetful, silenced, /^The link did not recover from fault \d \(wifi-blackhole\)/),
);

test.serial('firmware that takes what comes again for new passes steady and fails wifi-degraded', (t) =>
  fails(t, credulous, degraded, /duplicated is \d+ messages/),
);
