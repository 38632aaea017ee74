/** The supervised client when things break: death at every step, dead applications, power cuts, giving up. */
import test from 'ava';
import { RigError } from '../../../rig/errors.js';
import { elapsed, ms, seconds } from '../../../rig/time/units.js';
import { outcomeOf, testInBothRoles, withLink } from '../../fixtures/link/rig.js';

/** Exchange 1 carries the config line; exchange 3 is the first that can carry a payload each way. */
const BUSY_EXCHANGE = 3;
/** The Responder's actions in an exchange with payload both ways, one more for "after the last". */
const BUSY_ACTIONS = 26;

const isConfig = (text: string): boolean => text.startsWith('[');

for (let action = 0; action < BUSY_ACTIONS; action += 1) {
  test(`a DUT that dies before action ${action} of a busy exchange is rebooted; nothing is sent twice`, async (t) => {
    const script = { death: { exchange: BUSY_EXCHANGE, action }, greeting: ['n1\n', 'n2\n'] };
    const left = await withLink({ script }, async ({ client, dut, exchanges, sleep }) => {
      await client.start();
      const outcomes = ['a', 'b', 'c'].map((text) => outcomeOf(client.send(text)));
      await sleep(seconds(10));
      t.is(dut.boots, 2);
      t.true(client.isReady);
      t.is(exchanges.filter(({ ok }) => !ok).length, 1);
      t.true(exchanges.every(({ durationUs }) => durationUs < 1_100_000));
      // The config line comes first after each boot.
      for (const boot of [1, 2]) {
        const lines = dut.received.filter((line) => line.boot === boot).map(({ text }) => text);
        t.true(isConfig(lines[0] ?? ''), `${lines}`);
        t.false(lines.slice(1).some(isConfig));
      }
      const arrived = dut.received.map(({ text }) => text).filter((text) => !isConfig(text));
      t.deepEqual(arrived, [...new Set(arrived)], 'no line twice');
      t.deepEqual(arrived.slice(-2), ['3b', '3c']);
      const [first, ...later] = outcomes.map(({ now }) => now);
      t.deepEqual(later, ['resolved', 'resolved']);
      // Lost only where the DUT had taken it or may have; whoever sent it is told when nobody knows.
      if (first === 'TIMEOUT') t.false(arrived.includes('3a'));
      else t.is(first, 'resolved');
    });
    t.deepEqual(left, []);
  });
}

test('which line survives a death depends on how far it came: kept, unknown, taken', async (t) => {
  const fates: string[] = [];
  for (let action = 0; action < BUSY_ACTIONS; action += 1) {
    const script = { death: { exchange: BUSY_EXCHANGE, action }, greeting: ['n1\n', 'n2\n'] };
    await withLink({ script }, async ({ client, dut, sleep }) => {
      await client.start();
      const outcome = outcomeOf(client.send('a'));
      await sleep(seconds(10));
      const arrived = dut.received.some(({ text }) => text === '3a');
      fates.push(`${outcome.now} ${arrived ? 'arrived' : 'lost'}`);
    });
  }
  const runs = fates.filter((fate, index) => fate !== fates[index - 1]);
  t.deepEqual(runs, ['resolved arrived', 'TIMEOUT lost', 'resolved lost']);
});

testInBothRoles(
  'a DUT that resets itself at any moment of an exchange or between two is survived',
  async (t, role) => {
    for (let offset = 0; offset < 60; offset += 1) {
      await withLink({ role }, async ({ client, dut, clock, sleep }) => {
        await client.start();
        for (const text of ['a', 'b']) outcomeOf(client.send(text));
        // Steps of 97 µs cover one exchange of about 2 ms, starting within the one that carries "b".
        await sleep(ms(300));
        for (let step = 0; step < offset; step += 1) await sleep(ms(0.097));
        dut.pressReset();
        const pressedUs = clock.now();
        await sleep(ms(50));
        const after = client.send('after');
        await after;
        await sleep(ms(10));
        t.is(dut.received.at(-1)?.text, '3after');
        t.true(elapsed(pressedUs, clock.now()) < seconds(6), `offset ${offset}`);
      });
    }
  },
);

test('a DUT that reboots and synchronises between two exchanges is noticed by its edges alone', async (t) => {
  await withLink({ pollUs: seconds(3) }, async ({ client, dut, states, sleep }) => {
    await client.start();
    await sleep(seconds(1));
    dut.pressReset();
    await sleep(seconds(7));
    t.regex(states.find(({ reason }) => reason?.includes('outside'))?.reason ?? '', /ack changed 2 times/);
    t.true(client.isReady);
    t.true(dut.received.every(({ text }) => isConfig(text)));
  });
});

testInBothRoles(
  'an application that dies under a live interrupt handler is rebooted once its keepalives are missed',
  async (t, role) => {
    await withLink({ role }, async ({ client, dut, states, exchanges, clock, sleep }) => {
      await client.start();
      await sleep(seconds(20));
      t.is(dut.boots, 1);
      dut.killApplication();
      const diedUs = clock.now();
      await sleep(seconds(10));
      t.is(dut.boots, 2);
      t.true(client.isReady);
      const reboot = states.find(
        ({ state, reason }) => state === 'rebooting' && reason?.includes('keepalive'),
      );
      const detection = elapsed(diedUs, reboot?.atUs ?? clock.now());
      t.true(detection > seconds(1.5) && detection < seconds(4.3), `${detection}`);
      t.true(
        exchanges.every(({ ok }) => ok),
        'no exchange failed',
      );
    });
  },
);

testInBothRoles(
  'a DUT that is configured but never speaks has a longer, bounded time to its first keepalive',
  async (t, role) => {
    const limits = { firstKeepaliveUs: seconds(10), failedReboots: 3 };
    await withLink(
      { role, script: { neverSpeaks: true }, limits },
      async ({ client, dut, failures, sleep }) => {
        await client.start();
        await sleep(seconds(9));
        t.is(dut.boots, 1);
        await sleep(seconds(40));
        t.is(dut.boots, 3);
        t.is(failures.length, 1);
        t.regex(failures[0]?.message ?? '', /not sent a line after 3 reboots.*No keepalive/);
      },
    );
  },
);

testInBothRoles(
  'a word from the DUT before its first keepalive extends that time but does not lift it',
  async (t, role) => {
    const script = { neverSpeaks: true, greeting: ['u\n'] };
    await withLink(
      { role, script, limits: { firstKeepaliveUs: seconds(10) } },
      async ({ client, dut, failures, sleep }) => {
        await client.start();
        await sleep(seconds(60));
        t.true(dut.boots >= 4, `${dut.boots}`);
        t.deepEqual(failures, [], 'a DUT that speaks after each reboot is not given up');
      },
    );
  },
);

testInBothRoles(
  'a DUT that never synchronises ends in bounded time, and everyone who waits is told',
  async (t, role) => {
    const left = await withLink({ role, script: { neverSynchronises: true } }, async (rig) => {
      const { client, dut, failures, clock } = rig;
      const sent = outcomeOf(client.send('in vain'));
      await t.throwsAsync(client.start(), { code: 'TIMEOUT', message: /5 reboots.*ack is high/ });
      t.true(clock.now() < seconds(5 * 30.5));
      t.is(dut.reset.presses, 5);
      t.is(sent.now, 'TIMEOUT');
      t.is(client.state, 'down');
      t.is(failures.length, 1);
      t.is(dut.syn.level, 1);
      t.is(dut.hostAddress, undefined);
      await t.throwsAsync(client.send('later'), { code: 'TIMEOUT' });
      await t.throwsAsync(client.whenConfigured(), { code: 'TIMEOUT' });
      t.deepEqual(
        clock.pending().filter((name) => name.startsWith('link')),
        [],
      );
    });
    t.deepEqual(left, []);
  },
);

for (const unpoweredAckIsLow of [false, true]) {
  test(`a long power cut is waited out, with ack ${unpoweredAckIsLow ? 'low' : 'high'} meanwhile`, async (t) => {
    await withLink(
      { script: { unpoweredAckIsLow } },
      async ({ client, dut, states, failures, exchanges, sleep }) => {
        await client.start();
        await sleep(seconds(5));
        dut.power(false);
        const sent = outcomeOf(client.send('queued in the dark'));
        await sleep(seconds(70));
        t.is(sent.now, 'pending');
        t.is(states.at(-1)?.state, 'rebooting');
        dut.power(true);
        await sleep(seconds(3));
        t.is(sent.now, 'resolved');
        t.deepEqual(failures, []);
        t.is(
          exchanges.filter(({ ok }) => !ok).length,
          1,
          'no exchange is tried with a DUT that is not there',
        );
      },
    );
  });
}

testInBothRoles(
  'a DUT that stops for want of WiFi is reported, and rebooted after the normal keepalive bound',
  async (t, role) => {
    const script = { neverSpeaks: true, greeting: ['b\n'] };
    await withLink(
      { role, script, limits: { stoppedReboots: 3 } },
      async ({ client, dut, other, failures, sleep }) => {
        await client.start();
        await sleep(seconds(5.5));
        t.is(dut.boots, 2);
        await sleep(seconds(30));
        t.deepEqual(other, Array(3).fill('stopped bad-wifi'));
        t.is(dut.boots, 3);
        t.regex(failures[0]?.message ?? '', /stopped at start-up 3 times/);
      },
    );
  },
);

testInBothRoles('a DUT that stops is left alone when that is asked for', async (t, role) => {
  const script = { neverSpeaks: true, greeting: ['s\n'] };
  await withLink({ role, script, onStoppedReboot: false }, async ({ client, dut, other, sleep }) => {
    await client.start();
    await sleep(seconds(300));
    t.deepEqual(other, ['stopped bad-server']);
    t.is(dut.boots, 1);
    t.is(client.state, 'configured');
  });
});

test('without a reset wire the link comes up, but its first failure is its last', async (t) => {
  await withLink({ withoutReset: true }, async ({ client, dut, failures, sleep }) => {
    dut.power(true);
    await client.start();
    t.throws(() => client.reboot('please'), { code: 'USAGE' });
    await sleep(seconds(1));
    dut.crash();
    await sleep(seconds(2));
    t.regex(failures[0]?.message ?? '', /no reset wire.*step 2.*1000 ms/);
    t.is(client.state, 'down');
  });
});

testInBothRoles('a port that breaks ends the link at once, as the bench’s fault', async (t, role) => {
  await withLink({ role }, async ({ client, dut, failures, sleep }) => {
    await client.start();
    const unplugged = new RigError('BENCH', 'GPIO chip unplugged');
    dut.syn.broken = unplugged;
    await sleep(ms(200));
    t.deepEqual(failures, [unplugged]);
    t.is(dut.boots, 1);
  });
});

testInBothRoles(
  'closing leaves the line high, the bus released, no timer, and rejects who waits, in every state',
  async (t, role) => {
    const instants = [0, 1, 100, 250, 505, 550, 1_000, 1_704, 1_800, 1_805.5, 1_806, 1_900];
    for (const instantMs of instants) {
      for (const neverSynchronises of [false, true]) {
        const waits: { now: string }[] = [];
        const left = await withLink(
          { role, script: { neverSynchronises } },
          async ({ client, dut, sleep, clock }) => {
            waits.push(outcomeOf(client.start()));
            for (let count = 0; count < 9; count += 1) waits.push(outcomeOf(client.send(`${count}`)));
            await sleep(ms(instantMs));
            const closingUs = clock.now();
            await Promise.all([client.close(), client.close()]);
            t.true(elapsed(closingUs, clock.now()) < ms(210), `at ${instantMs} ms`);
            t.is(client.state, 'down');
            t.is(dut.syn.level, 1);
            t.is(dut.hostAddress, undefined);
            t.true(
              waits.every(({ now }) => now === 'CLOSED' || now === 'resolved'),
              waits.map(({ now }) => now).join(),
            );
            t.is(waits.at(-1)?.now, 'CLOSED');
            await t.throwsAsync(client.send('late'), { code: 'CLOSED' });
            await t.throwsAsync(client.whenConfigured(), { code: 'CLOSED' });
            t.throws(() => client.reboot('late'), { code: 'CLOSED' });
          },
        );
        t.deepEqual(left, [], `at ${instantMs} ms`);
      }
    }
  },
);

test('closing while an exchange hangs on a dead DUT takes no longer than that exchange may', async (t) => {
  // The first exchange carries a payload in one direction only.
  for (let action = 0; action < 16; action += 3) {
    const left = await withLink(
      { script: { death: { exchange: 1, action } } },
      async ({ client, sleep, clock }) => {
        const started = outcomeOf(client.start());
        await sleep(seconds(2));
        const closingUs = clock.now();
        await client.close();
        t.true(elapsed(closingUs, clock.now()) <= seconds(1.1));
        await sleep(ms(1));
        t.is(started.now, 'CLOSED');
      },
    );
    t.deepEqual(left, []);
  }
});

testInBothRoles('a client that was never started closes without touching a port', async (t, role) => {
  await withLink({ role }, async ({ client, dut }) => {
    await client.close();
    t.is(dut.syn.writes, 0);
    await t.throwsAsync(client.start(), { code: 'CLOSED' });
  });
});
