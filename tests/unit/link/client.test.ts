/** The supervised client on a healthy DUT: bring-up, traffic both ways, hold-off, bad input. */
import test from 'ava';
import { LinkClient } from '../../../rig/link/client.js';
import { encodeConfigLine } from '../../../rig/link/config.js';
import { elapsed, ms, seconds } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { FakeDut } from '../../fixtures/link/fake-dut.js';
import { outcomeOf, testInBothRoles, withLink } from '../../fixtures/link/rig.js';

const CONFIG = new TextDecoder().decode(encodeConfigLine({ id: 'rig', server: '10.0.0.1' })).trimEnd();
const textsOf = (lines: readonly { text: string }[]): string[] => lines.map(({ text }) => text);

test('the link comes up: reset, synchronise, one second, the config line first', async (t) => {
  const left = await withLink({}, async ({ client, dut, states, clock }) => {
    t.is(client.state, 'down');
    await client.start();
    t.true(client.isReady);
    t.is(dut.reset.presses, 1);
    t.deepEqual(textsOf(dut.received), []);
    await clock.sleep('read', ms(5));
    t.deepEqual(textsOf(dut.received), [CONFIG]);
    t.deepEqual(
      states.map(({ state }) => state),
      ['rebooting', 'synchronised', 'configured'],
    );
    const [, synchronised, configured] = states;
    const settled = (configured?.atUs ?? 0) - (synchronised?.atUs ?? 0);
    t.true(settled >= 1_000_000 && settled < 1_100_000, `${settled}`);
  });
  t.deepEqual(left, []);
});

testInBothRoles(
  'messages pass both ways, in order, and send resolves when the DUT has taken the line',
  async (t, role) => {
    const up = Array.from({ length: 30 }, (_, index) => `up ${index}`);
    const down = Array.from({ length: 30 }, (_, index) => `down ${index}`);
    await withLink({ role }, async ({ client, dut, messages, sleep }) => {
      await client.start();
      const order: number[] = [];
      const sends = up.map((text, index) =>
        client.send(text, { qos: true, wait: true }).then(() => order.push(index)),
      );
      for (const text of down) dut.say(`n${text}\n`);
      await Promise.all(sends);
      await sleep(seconds(5));
      t.deepEqual(textsOf(dut.received), [CONFIG, ...up.map((text) => `3${text}`)]);
      t.deepEqual(
        order,
        up.map((_, index) => index),
      );
      t.deepEqual(textsOf(messages), down);
    });
  },
);

testInBothRoles(
  'a line that the DUT spreads over several payloads arrives whole, at the end of the last exchange',
  async (t, role) => {
    await withLink({ role }, async ({ client, dut, messages, sleep }) => {
      await client.start();
      for (const piece of ['nlong ', 'x'.repeat(200), ' li', 'ne\nnnext\nk', '\n']) dut.say(piece);
      await sleep(seconds(1));
      t.deepEqual(textsOf(messages), [`long ${'x'.repeat(200)} line`, 'next']);
      t.is(messages[0]?.atUs, messages[1]?.atUs);
    });
  },
);

testInBothRoles(
  'a DUT that holds off gets its lines later, none lost, and still sends its own',
  async (t, role) => {
    await withLink({ role, script: { readDelayUs: ms(750) } }, async ({ client, dut, messages }) => {
      await client.start();
      const sends = ['a', 'b', 'c'].map((text) => client.send(text, { qos: false, wait: false }));
      dut.say('nwhile holding off\n');
      await Promise.all(sends);
      t.true(dut.exchangesHeldOff >= 15, `${dut.exchangesHeldOff}`);
      t.deepEqual(textsOf(dut.received), [CONFIG, '0a', '0b']);
      t.deepEqual(textsOf(messages), ['while holding off']);
    });
  },
);

testInBothRoles(
  'every header of the DUT has its event, and what makes no sense is told, not fatal',
  async (t, role) => {
    const said = ['u\n', 'd\n', 'r[1, 2, 25000]\n', 'r[1, 2\n', 'zebra\n', '\n', 'nfine\n'];
    await withLink({ role, script: { greeting: said } }, async ({ client, messages, other, sleep, dut }) => {
      await client.start();
      await sleep(seconds(2));
      dut.say(Uint8Array.of(0x6e, 0xff, 0x0a));
      await sleep(ms(500));
      t.deepEqual(other, [
        'server up',
        'server down',
        'report 1 2 25000',
        'unknown r[1, 2',
        'unknown zebra',
        'unknown ',
      ]);
      t.deepEqual(textsOf(messages), ['fine', '\ufffd']);
      t.true(client.isReady);
    });
  },
);

testInBothRoles('a line from the DUT that never ends is reported, and does not grow', async (t, role) => {
  const limits = { lineBytes: 300 };
  await withLink({ role, limits }, async ({ client, dut, other, messages, sleep }) => {
    await client.start();
    for (let count = 0; count < 4; count += 1) dut.say('n'.repeat(200));
    dut.say('\nnok\n');
    await sleep(seconds(1));
    t.deepEqual(other, [`unknown ${'n'.repeat(300)}`]);
    t.deepEqual(textsOf(messages), ['ok']);
  });
});

test('the link is polled for as long as it is up, from the end of one exchange to the next', async (t) => {
  await withLink({ pollUs: ms(50) }, async ({ client, dut, exchanges, sleep }) => {
    await client.start();
    const before = dut.exchanges;
    await sleep(seconds(10));
    const mean = exchanges.reduce((sum, { durationUs }) => sum + durationUs, 0) / exchanges.length;
    const expected = 10_000_000 / (50_000 + mean);
    t.true(Math.abs(dut.exchanges - before - expected) < 3, `${dut.exchanges - before} of ${expected}`);
    t.true(mean > 500 && mean < 10_000);
    t.true(exchanges.every(({ ok, hostStallUs }) => ok && hostStallUs === undefined));
  });
});

testInBothRoles('a line that is none is refused, and harms neither queue nor link', async (t, role) => {
  await withLink({ role }, async ({ client, dut, sleep }) => {
    await t.throwsAsync(client.send('two\nlines'), { code: 'USAGE' });
    await t.throwsAsync(client.send('x'.repeat(199)), { code: 'USAGE' });
    await client.start();
    await client.send('x'.repeat(198));
    await sleep(ms(10));
    const messages = dut.received.map(({ text }) => text).filter((text) => text.startsWith('3'));
    t.deepEqual(messages, [`3${'x'.repeat(198)}`]);
  });
});

testInBothRoles(
  'the queue is bounded, and lines queued before the start follow the config line',
  async (t, role) => {
    await withLink({ role, limits: { queueLines: 2 } }, async ({ client, dut, sleep }) => {
      const kept = [client.send('first'), client.send('second')];
      await t.throwsAsync(client.send('third'), { code: 'FULL' });
      await client.start();
      await Promise.all(kept);
      await sleep(ms(10));
      t.deepEqual(textsOf(dut.received), [CONFIG, '3first', '3second']);
    });
  },
);

test('a wrong configuration is refused at once', async (t) => {
  const config = { id: 'rig', server: '', port: 8123 };
  await t.throwsAsync(
    withLink({ config }, async () => undefined),
    { code: 'USAGE' },
  );
});

testInBothRoles('a reboot on request keeps the queue and sends the config line again', async (t, role) => {
  await withLink({ role }, async ({ client, dut, states, sleep }) => {
    await client.start();
    await sleep(ms(10));
    const sent = client.send('after');
    client.reboot('the test wants it');
    t.is(outcomeOf(sent).now, 'pending');
    await sent;
    await sleep(ms(10));
    t.is(dut.boots, 2);
    t.deepEqual(
      dut.received.map(({ text, boot }) => `${boot} ${text}`),
      [`1 ${CONFIG}`, `2 ${CONFIG}`, '2 3after'],
    );
    t.is(states.find(({ reason }) => reason === 'the test wants it')?.state, 'rebooting');
  });
});

testInBothRoles('a client is started once', async (t, role) => {
  await withLink({ role }, async ({ client }) => {
    await client.start();
    await t.throwsAsync(client.start(), { code: 'USAGE' });
    t.true(client.isReady);
  });
});

test('a listener that throws ends the link as a defect of the bench, not of the device', async (t) => {
  const clock = new VirtualClock();
  const dut = new FakeDut(clock, { greeting: ['nboom\n'] });
  const failures: string[] = [];
  const events = {
    onMessage: () => {
      throw new Error('listener');
    },
    onFailed: ({ code, message }: { code: string; message: string }) => failures.push(`${code} ${message}`),
  };
  const client = new LinkClient({ clock, ports: dut.ports, config: { id: 'rig', server: 'host' }, events });
  await clock.run(async () => {
    await client.start();
    const startUs = clock.now();
    await t.throwsAsync(
      client
        .send('x')
        .then(() => client.send('y'))
        .then(() => client.send('z')),
      { code: 'BENCH' },
    );
    t.true(elapsed(startUs, clock.now()) < seconds(2));
    await client.close();
  });
  t.deepEqual(failures, ['BENCH listener']);
});

test('a listener that throws whatever it is told takes nobody who waits down with it', async (t) => {
  const clock = new VirtualClock();
  const dut = new FakeDut(clock);
  const events = {
    onState: () => {
      throw new Error('listener');
    },
  };
  const client = new LinkClient({ clock, ports: dut.ports, config: { id: 'rig', server: 'host' }, events });
  await clock.run(async () => {
    const sent = outcomeOf(client.send('x'));
    await t.throwsAsync(client.start(), { code: 'BENCH', message: 'listener' });
    t.is(sent.now, 'BENCH');
    await t.throwsAsync(client.close(), { message: 'listener' });
    t.is(dut.hostAddress, undefined);
  });
});

testInBothRoles(
  'held, the client leaves the device alone; given back, it reboots it and sends what waits',
  async (t, role) => {
    const left = await withLink({ role }, async ({ client, dut, sleep }) => {
      await t.throwsAsync(client.hold('too early'), { message: /not been started/ });
      await client.start();
      const giveBack = await client.hold('somebody wants it');
      await t.throwsAsync(client.hold('somebody else too'), { message: /held already/ });
      const boots = dut.boots;
      const sent = outcomeOf(client.send('meanwhile'));
      await sleep(seconds(100));
      t.deepEqual([dut.boots, sent.now], [boots, 'pending']);
      giveBack();
      await sleep(seconds(5));
      t.deepEqual([dut.boots, sent.now], [boots + 1, 'resolved']);
      // Closed while it is held: it ends all the same.
      await client.hold('once more');
    });
    t.deepEqual(left, []);
  },
);

test('a client that gives up, or is closed, refuses whoever waits for the device', async (t) => {
  await withLink(
    { script: { death: { exchange: 1, action: 0 } }, limits: { failedReboots: 1 } },
    async (rig) => {
      const { client, sleep } = rig;
      void client.start().catch(() => undefined);
      await sleep(ms(300));
      const held = outcomeOf(client.hold('while it comes up'));
      await sleep(seconds(1));
      t.is(held.now, 'resolved');
      await client.close();
      await t.throwsAsync(client.hold('late'), { message: /closed/ });
    },
  );
});
