/** `server-outage`: the rig's firmware passes it; firmware that is careless about its server passes `steady` and fails it. */
import test from 'ava';
import { ms, seconds } from '../../rig/time/units.js';
import { serverOutage } from '../../scenarios/server-outage.js';
import { steady } from '../../scenarios/steady.js';
import { eventsOf, rehearse, spoiled } from './rehearsal.js';

const parameters = { messages: 340, period: ms(400), outages: 4, outage: seconds(6) };

test.serial(
  'server-outage passes: whatever way the server dies, the device notices, and loses nothing',
  async (t) => {
    const { result, events } = await rehearse({ scenario: serverOutage, parameters, seed: 7 });
    t.is(result.outcome, 'PASS', result.reason);
    t.deepEqual(
      result.faults.map(({ kind }) => kind),
      ['server-stop', 'server-refuse', 'server-reset', 'server-half-open', 'bad-start'],
    );
    for (const fault of result.faults) {
      t.truthy(fault.evidence);
      t.is(fault.waterfall.at(-1)?.step, 'backlog drained');
      t.false(
        fault.waterfall.some(({ step }) => step === 'seen by the server'),
        'a server that is broken is no witness',
      );
    }
    for (const { delivered, due } of result.streams) t.is(delivered, due);
    t.deepEqual(
      eventsOf(events, 'device.stopped').map(({ reason }) => reason),
      ['bad-server'],
    );
    const noticedMs = result.faults.map(
      ({ waterfall, injectedAtMs }) =>
        (waterfall.find(({ step }) => step === 'seen by the client')?.atMs ?? 0) - injectedAtMs,
    );
    t.true((noticedMs[3] ?? 0) > 1_000, 'nobody tells it of a half-open connection');
    t.true(noticedMs.slice(0, 3).every((time) => time < 500));
  },
);

const careless = {
  /** Takes a connection that says nothing for one that has nothing to say. */
  deaf: spoiled(
    'from link import server\n' +
      'async def pulse(self):\n' +
      '    while True:\n' +
      '        self._something_to_send.set()\n' +
      '        await server.asyncio.sleep_ms(300)\n' +
      'server.Server._watch = pulse\n',
  ),
  /** Stops without a word when there is no server. */
  mute: spoiled('from link import outbox\noutbox.Outbox.put_failure = lambda self, header: None\n'),
} as const;

for (const [name, { flash, run, reason }] of Object.entries({
  'does not notice silence': {
    flash: careless.deaf,
    run: { messages: 150, outages: 4, outage: seconds(6), starts: 0 },
    reason: /detection max is [\d.]+ ms/,
  },
  'does not report that its server refuses': {
    flash: careless.mute,
    run: { messages: 60, outages: 1, outage: seconds(4), starts: 1 },
    reason: /server reported is 0 starts/,
  },
})) {
  test.serial(`firmware that ${name} passes steady and fails server-outage`, async (t) => {
    const calm = await rehearse({ scenario: steady, seed: 5, flash, parameters: { messages: 15 } });
    t.is(calm.result.outcome, 'PASS', calm.result.reason);
    const { result } = await rehearse({ scenario: serverOutage, seed: 5, flash, parameters: run });
    t.is(result.outcome, 'FAIL', result.reason);
    t.regex(result.reason ?? '', reason);
  });
}
