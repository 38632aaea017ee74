/** The rig's own scenarios with its own firmware, shortened: they pass, and what they report hangs together. */
import test, { type ExecutionContext } from 'ava';
import { RigError } from '../../rig/errors.js';
import { waterfallSteps } from '../../rig/run/events.js';
import type { FaultResult, RunResult } from '../../rig/run/result.js';
import { defineScenario } from '../../rig/run/scenario.js';
import { ms, seconds } from '../../rig/time/units.js';
import { powerCut } from '../../scenarios/power-cut.js';
import { resetButton } from '../../scenarios/reset-button.js';
import { steady } from '../../scenarios/steady.js';
import { wifiOutage } from '../../scenarios/wifi-outage.js';
import { eventsOf, parameterValues, type Rehearsed, rehearse, spoiled } from './rehearsal.js';

const outage = (seed: number, parameters: { messages: number; outages: number }) =>
  rehearse({ scenario: wifiOutage, seed, parameters: { ...parameters, outage: seconds(8) } });

/** The instants of the faults, in milliseconds of the bench's clock. */
const instantsOf = ({ result }: Rehearsed) => result.faults.map((fault) => fault.injectedAtMs);

/** Every message that fell due has one verdict, by the result and by the events that it is computed from. */
function countsAddUp(t: ExecutionContext, { result, events }: Rehearsed, messages: number): void {
  for (const stream of result.streams) {
    t.is(stream.due, messages);
    t.is(stream.delivered + stream.lost + stream.unsent, stream.due);
    const decided = eventsOf(events, 'message').filter((event) => event.stream === stream.name);
    t.is(
      new Set(decided.map(({ sequence }) => sequence)).size,
      messages,
      `${stream.name}: each decided once`,
    );
    t.is(decided.length, messages);
  }
}

function isProvedAndOver(t: ExecutionContext, fault: FaultResult): void {
  const { number, evidence, injectedAtMs, provedAtMs, clearedAtMs, recoveredAtMs, waterfall } = fault;
  t.truthy(evidence, `fault ${number} is proved`);
  t.true(provedAtMs !== null && provedAtMs >= injectedAtMs);
  t.true(clearedAtMs !== null && clearedAtMs > injectedAtMs);
  t.true(
    recoveredAtMs !== null && clearedAtMs !== null && recoveredAtMs > clearedAtMs,
    `fault ${number} is over`,
  );
  const times = waterfall.map((entry) => entry.atMs);
  t.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
    'the waterfall runs down',
  );
  t.is(waterfall[0]?.step, 'injected');
  t.is(waterfall.at(-1)?.step, 'backlog drained');
}

/** These steps come in this order, whatever comes between them. */
function comesInOrder(t: ExecutionContext, { waterfall }: FaultResult, steps: readonly string[]): void {
  const seen = waterfall.map((entry) => entry.step);
  t.deepEqual(
    seen.filter((step) => steps.includes(step)),
    steps,
  );
  t.true(seen.every((step) => waterfallSteps.includes(step)));
}

function tellsEachLoss(t: ExecutionContext, result: RunResult): void {
  t.is(
    result.losses.length + result.lossesNotShown,
    result.streams.reduce((sum, { lost }) => sum + lost, 0),
  );
  for (const loss of result.losses) {
    t.true(['due', 'offered', 'accepted', 'acked'].includes(loss.lastPoint), loss.lastPoint);
    const fault = result.faults.find(({ number }) => number === loss.fault);
    t.truthy(fault, `${loss.stream} ${loss.sequence} has its fault`);
    t.true(loss.dueMs <= (fault?.recoveredAtMs ?? 0), 'it fell due before the fault was over');
  }
}

test.serial('steady passes: nothing lost, no fault, one boot', async (t) => {
  const run = await rehearse({ scenario: steady, seed: 7, parameters: { messages: 60 } });
  const { result } = run;
  t.is(result.outcome, 'PASS', result.reason);
  countsAddUp(t, run, 60);
  t.deepEqual(result.faults, []);
  t.deepEqual(result.losses, []);
  t.deepEqual(
    result.boots.map(({ cause, expected }) => [cause, expected]),
    [[2, true]],
  );
  t.is(result.instrument.missedEdges, 0);
  t.is(result.instrument.exchange.failed, 0);
});

test.serial(
  'wifi-outage passes: each outage is proved, detected and recovered from, exactly once and in order',
  async (t) => {
    const run = await outage(7, { messages: 160, outages: 2 });
    const { result } = run;
    t.is(result.outcome, 'PASS', result.reason);
    countsAddUp(t, run, 160);
    t.is(result.faults.length, 2);
    for (const fault of result.faults) {
      isProvedAndOver(t, fault);
      comesInOrder(t, fault, [
        'injected',
        'proved',
        'cleared',
        'server up',
        'first uplink delivered',
        'backlog drained',
      ]);
      // The device's own word for it travels by a slower way than the first message to the server.
      comesInOrder(t, fault, [
        'cleared',
        'WiFi up',
        'server up',
        'first downlink delivered',
        'backlog drained',
      ]);
      const seen = fault.waterfall.map((entry) => entry.step);
      t.true(seen.includes('seen by the client') && seen.includes('seen by the server'));
      t.true((fault.clearedAtMs ?? 0) - fault.injectedAtMs >= 8_000);
    }
    for (const stream of result.streams) {
      t.is(stream.lost + stream.duplicated + stream.reordered + stream.corrupted + stream.unsent, 0);
      t.true(stream.response.fault.count > 0, 'some fell due during an outage');
      t.true(stream.response.fault.maxMs > 8_000, 'and waited for its end');
    }
    t.is(result.boots.length, 1);
    t.is(result.reports.connectCount, 3);
  },
);

test.serial('another seed gives other instants, the same seed the same', async (t) => {
  const short = { messages: 80, outages: 1 };
  const [first, again, other] = [await outage(7, short), await outage(7, short), await outage(8, short)];
  t.deepEqual(instantsOf(again), instantsOf(first));
  t.deepEqual({ ...again.result, wallMs: 0 }, { ...first.result, wallMs: 0 });
  t.deepEqual(again.events.slice(0, -1), first.events.slice(0, -1), 'event for event');
  t.notDeepEqual(instantsOf(other), instantsOf(first));
});

test.serial(
  'power-cut passes: every cut is proved by the rail, and each loss has its last point and its cut',
  async (t) => {
    const run = await rehearse({ scenario: powerCut, seed: 3, parameters: { messages: 150, cuts: 2 } });
    const { result } = run;
    t.is(result.outcome, 'PASS', result.reason);
    countsAddUp(t, run, 150);
    t.is(result.faults.length, 2);
    for (const fault of result.faults) {
      isProvedAndOver(t, fault);
      t.regex(fault.evidence ?? '', /V/);
      comesInOrder(t, fault, [
        'injected',
        'cleared',
        'ROM message',
        'synchronised',
        'configured',
        'server up',
      ]);
    }
    tellsEachLoss(t, result);
    t.true(result.boots.length >= 3);
    t.true(result.boots.every((boot) => boot.expected));
    t.is(
      result.boots.filter(({ cause }) => cause === 1).length,
      2,
      'one power-on each; the run began by a reset',
    );
  },
);

test.serial(
  'reset-button passes: every press is proved by the ROM, and each loss has its last point and its press',
  async (t) => {
    const run = await rehearse({ scenario: resetButton, seed: 2, parameters: { messages: 150, presses: 2 } });
    const { result } = run;
    t.is(result.outcome, 'PASS', result.reason);
    countsAddUp(t, run, 150);
    t.is(result.faults.length, 2);
    for (const fault of result.faults) {
      isProvedAndOver(t, fault);
      t.regex(fault.evidence ?? '', /ROM|rst cause/);
      comesInOrder(t, fault, [
        'injected',
        'cleared',
        'ROM message',
        'synchronised',
        'configured',
        'server up',
      ]);
    }
    tellsEachLoss(t, result);
    t.true(result.losses.length > 0, 'this seed loses some, so the check above is not empty');
  },
);

test.serial('by default, outages and messages are as many and as long as was promised', (t) => {
  const values = parameterValues(wifiOutage.parameters);
  t.true(values.outages >= 5);
  t.true(values.outage >= seconds(8));
  t.true(values.messages >= 1_000);
  const streams = wifiOutage.streams(values);
  t.deepEqual(
    streams.map(({ direction, qos }) => [direction, qos]),
    [
      ['uplink', true],
      ['downlink', true],
    ],
  );
  const limits = new Map(wifiOutage.measurements(values).map(({ name, limit }) => [name, limit]));
  for (const name of ['lost', 'duplicated', 'reordered', 'corrupted', 'unsent']) {
    t.deepEqual(limits.get(name), { kind: 'equal', value: 0 });
  }
  t.deepEqual(limits.get('recovered'), { kind: 'equal', value: values.outages });
});

test.serial('by default, power is cut and the button is pressed as often as was promised', (t) => {
  const cuts = parameterValues(powerCut.parameters);
  const presses = parameterValues(resetButton.parameters);
  t.true(cuts.cuts >= 20 && presses.presses >= 20);
  t.true(cuts.shortest >= ms(50) && presses.shortest >= ms(1));
  const recovered = [...powerCut.measurements(cuts), ...resetButton.measurements(presses)].filter(
    ({ name }) => name === 'recovered',
  );
  t.deepEqual(
    recovered.map(({ limit }) => limit),
    [
      { kind: 'equal', value: cuts.cuts },
      { kind: 'equal', value: presses.presses },
    ],
  );
});

/** As a run ends whose device never comes back. */
const givenUp = defineScenario({
  ...steady,
  measurements: () => [],
  run: async ({ faults, sleep }) => {
    await sleep(seconds(5));
    faults.wifiOutage(seconds(60)).catch(() => undefined);
    await sleep(seconds(10));
    throw new RigError('TIMEOUT', 'The device did not recover.');
  },
});

test.serial('a run that ends early accounts for every message all the same', async (t) => {
  const run = await rehearse({ scenario: givenUp, seed: 7, parameters: { messages: 500 } });
  const { result, events } = run;
  t.is(result.outcome, 'FAIL', result.reason);
  for (const stream of result.streams) {
    const { due, delivered, lost, unsent, undecided } = stream;
    t.true(due >= 55 && due <= 70, `${due}: every 250 ms for a little more than 15 s`);
    t.is(delivered + lost + unsent + undecided, due);
    t.is(lost, 0);
    t.true(delivered >= 15 && unsent + undecided >= 35, 'nothing came through the outage');
    t.true(stream.lossUpperBound95 >= undecided / due, 'each of them may be lost');
  }
  t.true(
    result.streams.some(({ undecided }) => undecided > 0),
    'some were on their way',
  );
  t.is(events.at(-1)?.type, 'run.ended');
  t.deepEqual(eventsOf(events, 'note'), [], 'the fault that was under way has ended, too');
});

/** Drops at each new connection what the last one left unacknowledged: "it was sent, after all". */
const forgetful = spoiled(
  'from link import window\nwindow.Window.restart = lambda self: self._entries.clear()\n',
);
/** Does not want to run twice at a time, and is told so by a file that a sudden end leaves behind. */
const locking = spoiled(
  "import os\nif 'lock' in os.listdir():\n    raise RuntimeError('running already')\nopen('lock', 'w').close()\n",
);

test.serial('firmware that forgets what was on its way passes steady and fails wifi-outage', async (t) => {
  const calm = await rehearse({ scenario: steady, seed: 5, flash: forgetful, parameters: { messages: 20 } });
  t.is(calm.result.outcome, 'PASS', calm.result.reason);
  const parameters = { messages: 60, outages: 1, outage: seconds(4) };
  const { result } = await rehearse({ scenario: wifiOutage, seed: 5, flash: forgetful, parameters });
  t.is(result.outcome, 'FAIL', result.reason);
  t.regex(result.reason ?? '', /^The link did not recover from fault 1 \(wifi-outage\)/);
});

test.serial(
  'firmware that leaves a lock behind passes steady and fails power-cut and reset-button',
  async (t) => {
    const calm = await rehearse({ scenario: steady, seed: 5, flash: locking, parameters: { messages: 20 } });
    t.is(calm.result.outcome, 'PASS', calm.result.reason);
    const traffic = { messages: 40 };
    const cut = { ...traffic, cuts: 1 };
    const pressed = { ...traffic, presses: 1 };
    for (const { result } of [
      await rehearse({ scenario: powerCut, seed: 5, flash: locking, parameters: cut }),
      await rehearse({ scenario: resetButton, seed: 5, flash: locking, parameters: pressed }),
    ]) {
      t.is(result.outcome, 'FAIL', result.reason);
      t.regex(result.reason ?? '', /RuntimeError: running already/);
    }
  },
);

test('a shortest cut that is longer than the longest is refused before anything runs', (t) => {
  const values = parameterValues(powerCut.parameters);
  const wrong = { ...values, shortest: seconds(5), longest: seconds(1) };
  t.throws(() => powerCut.measurements(wrong), { code: 'USAGE', message: /shortest is 5s and longest 1s/ });
  t.notThrows(() => powerCut.measurements({ ...values, shortest: seconds(1), longest: seconds(1) }));
});
