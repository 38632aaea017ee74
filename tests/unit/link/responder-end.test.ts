/** What is different where the DUT starts the exchanges: who waits for whom, when a payload counts as taken, and blame. */
import test from 'ava';
import { RigError } from '../../../rig/errors.js';
import { Exchanger } from '../../../rig/link/exchanger.js';
import type { InputLine } from '../../../rig/ports.js';
import { type DurationUs, elapsed, ms, seconds } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { FakeDut, type FakeDutScript } from '../../fixtures/link/fake-dut.js';
import { outcomeOf, withLink } from '../../fixtures/link/rig.js';
import { StallingClock } from '../../fixtures/link/stalling-clock.js';

const role = 'controller';
/** Exchange 1 carries the config line; exchange 2 is the first that can carry a payload each way. */
const BUSY_EXCHANGE = 2;
/** The Initiator's actions in an exchange with payload both ways, one more for "after the last". */
const BUSY_ACTIONS = 25;
const bytes = (...values: number[]) => Uint8Array.from(values);
const isConfig = (text: string): boolean => text.startsWith('[');

interface Parts {
  readonly clock: VirtualClock;
  readonly dut: FakeDut;
  readonly exchanger: Exchanger;
  readonly stalls: DurationUs[];
}

/** A DUT that has just synchronised, and the exchanger that waits for it. */
async function synchronised(script: FakeDutScript, body: (parts: Parts) => Promise<void>): Promise<string[]> {
  const clock = new VirtualClock();
  const dut = new FakeDut(clock, { role, ...script });
  const stalls: DurationUs[] = [];
  const onStall = (stall: DurationUs) => stalls.push(stall);
  const exchanger = new Exchanger({ clock, ports: dut.ports, waitUs: ms(500), onStall });
  return clock.run(async () => {
    await exchanger.join();
    await dut.syn.write(0);
    await dut.reset.press(ms(1));
    await clock.sleep('boot', ms(310));
    await body({ clock, dut, exchanger, stalls });
    dut.crash();
    return clock.pending();
  });
}

test('an exchange begins with the DUT, and its duration counts from the DUT’s edge', async (t) => {
  const left = await synchronised({ neverSpeaks: true }, async ({ dut, exchanger, clock }) => {
    dut.say(bytes(1, 2, 3));
    await exchanger.nextTurn(true);
    const startUs = clock.now();
    await clock.sleep('host that is slow to begin', ms(3));
    const outcome = await exchanger.exchange(bytes(9, 10));
    t.like(outcome, { ok: true, payload: 'taken', received: bytes(1, 2, 3) });
    t.is(outcome.durationUs, elapsed(startUs, clock.now()));
    t.true(outcome.durationUs > 3_500);
  });
  t.deepEqual(left, []);
});

test('a payload waits while the DUT holds off, and the own hold-off keeps the DUT’s payload back', async (t) => {
  await synchronised({ neverSpeaks: true, readDelayUs: ms(150) }, async ({ dut, exchanger }) => {
    await exchanger.nextTurn(true);
    t.like(await exchanger.exchange(bytes(1), true), { ok: true, payload: 'taken', received: undefined });
    dut.say(bytes(5));
    await exchanger.nextTurn(false);
    t.like(await exchanger.exchange(bytes(2)), { ok: true, payload: 'kept', received: undefined });
    await exchanger.nextTurn(false);
    t.like(await exchanger.exchange(bytes(2)), { ok: true, payload: 'taken', received: bytes(5) });
  });
});

test('a DUT that starts no exchange is given the time to settle, then counts as silent', async (t) => {
  await synchronised({}, async ({ dut, exchanger, clock, stalls }) => {
    dut.crash();
    const startUs = clock.now();
    await t.throwsAsync(exchanger.nextTurn(true), {
      code: 'TIMEOUT',
      message: /started an exchange for 2500 ms/,
    });
    t.is(elapsed(startUs, clock.now()), seconds(2.5));
    await t.throwsAsync(exchanger.nextTurn(false), { code: 'TIMEOUT', message: /1500 ms/ });
    t.deepEqual(stalls, []);
  });
});

test('a DUT whose line falls between two exchanges has rebooted', async (t) => {
  await synchronised({}, async ({ dut, exchanger }) => {
    dut.crash();
    dut.ack.set(1);
    const turn = exchanger.nextTurn(true);
    dut.ack.set(0);
    await t.throwsAsync(turn, { code: 'PROTOCOL', message: /Between two exchanges the device lowered ack/ });
  });
});

test('a DUT that raises its line without a target behind it breaks the protocol', async (t) => {
  await synchronised({}, async ({ dut, exchanger }) => {
    const turn = exchanger.nextTurn(true);
    dut.crash();
    dut.ack.set(1);
    await turn;
    const outcome = await exchanger.exchange(bytes(1));
    t.like(outcome, { ok: false, payload: 'kept' });
    if (!outcome.ok) t.is(outcome.error.code, 'PROTOCOL');
  });
});

test('missed edges are the instrument’s fault, a broken port the bench’s, also while nothing is exchanged', async (t) => {
  await synchronised({}, async ({ dut, clock }) => {
    for (const error of [new RigError('INVALID', 'gap'), new RigError('BENCH', 'gone')]) {
      const ack: InputLine = {
        missedEdges: 1,
        read: () => dut.ack.read(),
        discardEdges: () => dut.ack.discardEdges(),
        nextEdge: () => Promise.reject(error),
      };
      const exchanger = new Exchanger({ clock, ports: { ...dut.ports, ack } });
      t.is(await t.throwsAsync(exchanger.nextTurn(false)), error);
    }
  });
});

for (let action = 0; action < BUSY_ACTIONS; action += 1) {
  test(`a DUT that dies before action ${action} of its exchange is rebooted; nothing is sent twice`, async (t) => {
    const script = { death: { exchange: BUSY_EXCHANGE, action }, greeting: ['n1\n', 'n2\n'] };
    const left = await withLink({ role, script }, async ({ client, dut, exchanges, sleep }) => {
      await client.start();
      const outcomes = ['a', 'b', 'c'].map((text) => outcomeOf(client.send(text)));
      await sleep(seconds(10));
      t.is(dut.boots, 2);
      t.true(client.isReady);
      // One that dies before it raises its line has started none; one that dies after the end has failed none.
      t.true(exchanges.filter(({ ok }) => !ok).length <= 1);
      t.true(exchanges.every(({ durationUs }) => durationUs < 1_100_000));
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
      if (first === 'resolved') return;
      t.true(first === 'TIMEOUT' || first === 'PROTOCOL', first);
      t.false(arrived.includes('3a'));
    });
    t.deepEqual(left, []);
  });
}

test('which line survives a death depends on how far it came: kept, unknown, taken', async (t) => {
  const fates: string[] = [];
  for (let action = 0; action < BUSY_ACTIONS; action += 1) {
    const script = { death: { exchange: BUSY_EXCHANGE, action }, greeting: ['n1\n', 'n2\n'] };
    await withLink({ role, script }, async ({ client, dut, sleep }) => {
      await client.start();
      const outcome = outcomeOf(client.send('a'));
      await sleep(seconds(10));
      const arrived = dut.received.some(({ text }) => text === '3a');
      const told = outcome.now === 'resolved' ? 'resolved' : 'unknown';
      fates.push(`${told} ${arrived ? 'arrived' : 'lost'}`);
    });
  }
  const runs = fates.filter((fate, index) => fate !== fates[index - 1]);
  t.deepEqual(runs, ['resolved arrived', 'unknown lost', 'resolved lost']);
});

test('a DUT that stops between two exchanges is noticed by its silence, within two seconds', async (t) => {
  await withLink({ role }, async ({ client, dut, states, exchanges, clock, sleep }) => {
    await client.start();
    await sleep(seconds(3.05));
    dut.crash();
    const diedUs = clock.now();
    await sleep(seconds(5));
    const reboot = states.find(({ reason }) => reason?.includes('not started an exchange'));
    t.is(reboot?.state, 'rebooting');
    const detection = elapsed(diedUs, reboot?.atUs ?? clock.now());
    t.true(detection > seconds(1.3) && detection < seconds(2), `${detection}`);
    t.true(exchanges.every(({ ok }) => ok));
    t.true(client.isReady);
  });
});

test('a DUT that holds off for ever is not taken for configured', async (t) => {
  const limits = { configureUs: seconds(3), failedReboots: 2 };
  await withLink(
    { role, script: { holdsOffUs: seconds(1_000) }, limits },
    async ({ client, failures, states }) => {
      await t.throwsAsync(client.start(), { code: 'TIMEOUT', message: /holds off.*configuration for 3 s/ });
      t.is(failures.length, 1);
      t.false(states.some(({ state }) => state === 'configured'));
    },
  );
});

test('a DUT that holds off at first is configured as soon as it can be', async (t) => {
  await withLink({ role, script: { holdsOffUs: seconds(4) } }, async ({ client, dut, clock, sleep }) => {
    await client.start();
    t.true(clock.now() > seconds(4) && clock.now() < seconds(4.5), `${clock.now()}`);
    await sleep(ms(10));
    t.true(isConfig(dut.received[0]?.text ?? ''));
  });
});

test('an Initiator whose client stood still gives up; the stall is told, and the link comes back', async (t) => {
  for (const offsetMs of [20, 60, 100, 101, 102]) {
    let host: StallingClock | undefined;
    const hostClock = (clock: VirtualClock) => {
      host = new StallingClock(clock);
      return host;
    };
    const left = await withLink(
      { role, hostClock },
      async ({ client, dut, other, exchanges, states, sleep }) => {
        await client.start();
        await sleep(ms(2_000 + offsetMs));
        host?.stall(seconds(1.5));
        await sleep(seconds(8));
        const stalled = other.some((line) => line.startsWith('stall'));
        const inExchange = exchanges.some(({ ok, hostStallUs }) => !ok && hostStallUs !== undefined);
        const told = states.some(({ reason }) => reason?.includes('host itself stood still'));
        t.true(stalled || (inExchange && told), `stalled at ${offsetMs} ms`);
        t.true(client.isReady);
        t.true(dut.received.filter(({ text }) => isConfig(text)).length >= 1);
      },
    );
    t.deepEqual(left, []);
  }
});

test('a host that stands still for less than the Initiator waits does not reboot it', async (t) => {
  for (const offsetMs of [20, 60, 100, 101, 102]) {
    let host: StallingClock | undefined;
    const hostClock = (clock: VirtualClock) => {
      host = new StallingClock(clock);
      return host;
    };
    await withLink({ role, hostClock }, async ({ client, dut, sleep }) => {
      await client.start();
      await sleep(ms(2_000 + offsetMs));
      host?.stall(ms(700));
      await sleep(seconds(8));
      t.is(dut.boots, 1, `stalled at ${offsetMs} ms`);
    });
  }
});
