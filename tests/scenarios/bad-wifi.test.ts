/** `bad-wifi`: the rig's firmware passes it; firmware that is careless at its start passes `steady` and fails it. */
import test from 'ava';
import { seconds } from '../../rig/time/units.js';
import { badWifi } from '../../scenarios/bad-wifi.js';
import { steady } from '../../scenarios/steady.js';
import { eventsOf, rehearse, spoiled } from './rehearsal.js';

const parameters = { messages: 60, period: seconds(3) };

test.serial('bad-wifi passes: the device says that there is no WiFi, and joins when there is', async (t) => {
  const { result, events } = await rehearse({ scenario: badWifi, parameters, seed: 7 });
  t.is(result.outcome, 'PASS', result.reason);
  t.deepEqual(
    result.faults.map(({ kind }) => kind),
    ['bad-start', 'bad-start', 'bad-start', 'restart'],
  );
  t.true(result.faults.every(({ recoveredAtMs }) => recoveredAtMs !== null));
  const evidence = result.faults.map((fault) => fault.evidence ?? '');
  t.regex(evidence[0] ?? '', /no access point, credentials right.*did not get through.* for 2\d{4} ms/);
  t.regex(
    evidence[1] ?? '',
    /no access point, credentials wrong.*; with wrong credentials.*did not get through/,
  );
  t.deepEqual(new Set(eventsOf(events, 'device.stopped').map(({ reason }) => reason)), new Set(['bad-wifi']));
  const text = JSON.stringify(events);
  t.false(text.includes('correct horse'), 'the passphrase is in no event');
});

const careless = {
  'stops without a word': {
    flash: spoiled('from link import outbox\noutbox.Outbox.put_failure = lambda self, header: None\n'),
    reason: /WiFi reported is 0 starts/,
  },
  'tries for a minute': {
    flash: spoiled(
      'from link import wifi\n' +
        'joined = wifi.Wifi._joined\n' +
        'def patient(self, limit_ms, give_up=False):\n' +
        '    return joined(self, 50000 if limit_ms == 20000 else limit_ms, give_up)\n' +
        'wifi.Wifi._joined = patient\n',
    ),
    reason: /report max is 5\d{4}[\d.]* ms; report max, flash only is 5\d{4}[\d.]* ms/,
  },
  'gives up without given credentials': {
    flash: spoiled(
      'from link import wifi\n' +
        'join = wifi.Wifi.join\n' +
        'async def choosy(self):\n' +
        '    if not self._given:\n' +
        '        raise wifi.NoWifi("no credentials")\n' +
        '    await join(self)\n' +
        'wifi.Wifi.join = choosy\n',
    ),
    reason: /^The link did not recover from fault 4 \(restart\)/,
  },
} as const;

for (const [name, { flash, reason }] of Object.entries(careless)) {
  test.serial(`firmware that ${name} passes steady and fails bad-wifi`, async (t) => {
    const calm = await rehearse({ scenario: steady, seed: 5, flash, parameters: { messages: 15 } });
    t.is(calm.result.outcome, 'PASS', calm.result.reason);
    const { result } = await rehearse({ scenario: badWifi, seed: 5, flash, parameters });
    t.is(result.outcome, 'FAIL', result.reason);
    t.regex(result.reason ?? '', reason);
  });
}
