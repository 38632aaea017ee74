/** The exchange over ports: bounds, edges, blame. */
import test from 'ava';
import { RigError } from '../../../rig/errors.js';
import { Exchanger } from '../../../rig/link/exchanger.js';
import { elapsed, ms, seconds } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { FakeDut, type FakeDutScript } from '../../fixtures/link/fake-dut.js';

/** A DUT that is synchronised, and the exchanger that talks to it. */
async function synchronised(
  script: FakeDutScript,
  body: (parts: { clock: VirtualClock; dut: FakeDut; exchanger: Exchanger }) => Promise<void>,
): Promise<string[]> {
  const clock = new VirtualClock();
  const dut = new FakeDut(clock, script);
  const exchanger = new Exchanger({ clock, ports: dut.ports, waitUs: ms(500) });
  return clock.run(async () => {
    await exchanger.join();
    await dut.syn.write(0);
    await dut.reset.press(ms(1));
    await clock.sleep('boot', seconds(1));
    await body({ clock, dut, exchanger });
    dut.crash();
    return clock.pending();
  });
}

const bytes = (...values: number[]) => Uint8Array.from(values);

test('an exchange reports payloads, fate and how long it took', async (t) => {
  const left = await synchronised({ neverSpeaks: true }, async ({ dut, exchanger, clock }) => {
    dut.say(bytes(1, 2, 3));
    const startUs = clock.now();
    const outcome = await exchanger.exchange(bytes(9, 10));
    t.deepEqual(outcome, {
      ok: true,
      payload: 'taken',
      received: bytes(1, 2, 3),
      durationUs: outcome.durationUs,
    });
    t.is(outcome.durationUs, elapsed(startUs, clock.now()));
    t.true(outcome.durationUs > 500);
  });
  t.deepEqual(left, []);
});

test('a payload waits while the peer holds off, and the own hold-off keeps the peer’s payload back', async (t) => {
  await synchronised({ neverSpeaks: true, readDelayUs: ms(20) }, async ({ dut, exchanger, clock }) => {
    dut.say(bytes(5));
    const first = await exchanger.exchange(bytes(1), true);
    t.like(first, { ok: true, payload: 'taken', received: undefined });
    t.like(await exchanger.exchange(bytes(2), true), { ok: true, payload: 'kept', received: undefined });
    await clock.sleep('read', ms(30));
    t.like(await exchanger.exchange(bytes(2)), { ok: true, payload: 'kept', received: bytes(5) });
    t.like(await exchanger.exchange(bytes(2)), { ok: true, payload: 'taken' });
  });
});

test('a DUT that does not answer fails the exchange after the bound, with the step in the message', async (t) => {
  const left = await synchronised({ death: { exchange: 1, action: 2 } }, async ({ exchanger }) => {
    const outcome = await exchanger.exchange(undefined);
    t.like(outcome, { ok: false, payload: 'kept', durationUs: ms(500) });
    if (outcome.ok) return t.fail();
    t.is(outcome.error.code, 'TIMEOUT');
    t.regex(outcome.error.message, /step 2 .*raise ack within 500 ms/);
  });
  t.deepEqual(left, []);
});

test('edges from before the first exchange after a synchronisation are forgotten', async (t) => {
  await synchronised({ neverSpeaks: true }, async ({ dut, exchanger }) => {
    for (let count = 0; count < 5; count += 1) {
      dut.ack.set(1);
      dut.ack.set(0);
    }
    exchanger.reset();
    t.true((await exchanger.exchange(bytes(1))).ok);
  });
});

test('ack that moved between two exchanges means that the DUT has rebooted', async (t) => {
  await synchronised({ neverSpeaks: true }, async ({ dut, exchanger }) => {
    await exchanger.exchange(undefined);
    dut.ack.set(1);
    dut.ack.set(0);
    const outcome = await exchanger.exchange(bytes(1));
    t.like(outcome, { ok: false, payload: 'kept' });
    if (!outcome.ok) t.is(outcome.error.code, 'PROTOCOL');
  });
});

test('ack that falls where it was to rise breaks the protocol at once, not after the bound', async (t) => {
  await synchronised({}, async ({ dut, exchanger, clock }) => {
    dut.crash();
    dut.ack.set(1);
    const outcome = exchanger.exchange(undefined);
    await clock.sleep('boot', ms(10));
    dut.ack.set(0);
    const { ok, durationUs } = await outcome;
    t.false(ok);
    t.is(durationUs, ms(10));
  });
});

test('missed edges are the instrument’s fault, a broken port the bench’s', async (t) => {
  await synchronised({}, async ({ dut, clock }) => {
    const { ack } = dut;
    for (const error of [
      new RigError('INVALID', 'gap'),
      new RigError('BENCH', 'gone'),
      new Error('driver bug'),
    ]) {
      const port = {
        missedEdges: 1,
        read: () => ack.read(),
        discardEdges: () => ack.discardEdges(),
        nextEdge: () => Promise.reject(error),
      };
      const broken = new Exchanger({ clock, ports: { ...dut.ports, ack: port } });
      const outcome = await broken.exchange(undefined);
      if (outcome.ok) return t.fail();
      t.is(outcome.error.code, error instanceof RigError ? error.code : 'BENCH');
      t.regex(outcome.error.message, new RegExp(error.message));
    }
  });
});

test('a payload that no exchange can carry is refused before a line moves', async (t) => {
  await synchronised({}, async ({ dut, exchanger }) => {
    const writes = dut.syn.writes;
    const outcome = await exchanger.exchange(new Uint8Array(201));
    t.false(outcome.ok);
    t.is(dut.syn.writes, writes);
  });
});
