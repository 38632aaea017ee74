/** A host that stands still looks to the protocol like a DUT that has crashed: the client knows the difference. */
import test from 'ava';
import { ms, seconds } from '../../../rig/time/units.js';
import type { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { testInBothRoles, withLink } from '../../fixtures/link/rig.js';
import { StallingClock } from '../../fixtures/link/stalling-clock.js';

function stallingHost() {
  let host: StallingClock | undefined;
  return {
    hostClock: (clock: VirtualClock) => {
      host = new StallingClock(clock);
      return host;
    },
    stall: (duration: ReturnType<typeof ms>) => host?.stall(duration),
  };
}

test('an exchange that fails while the host stands still says so, with the length of the stall', async (t) => {
  const { hostClock, stall } = stallingHost();
  await withLink({ hostClock }, async ({ client, dut, exchanges, states, sleep }) => {
    await client.start();
    await sleep(seconds(1));
    dut.crash();
    await sleep(ms(250));
    stall(seconds(1.1));
    await sleep(seconds(5));
    const failed = exchanges.filter(({ ok }) => !ok);
    t.is(failed.length, 1);
    const stallUs = failed[0]?.hostStallUs ?? 0;
    t.true(stallUs > 900_000 && stallUs <= 1_100_000, `${stallUs}`);
    t.regex(
      states.find(({ reason }) => reason?.includes('host'))?.reason ?? '',
      /host itself stood still for \d+/,
    );
    t.true(client.isReady);
  });
});

test('an exchange that fails on a host that is on time carries no stall', async (t) => {
  const { hostClock } = stallingHost();
  await withLink({ hostClock }, async ({ client, dut, exchanges, sleep }) => {
    await client.start();
    dut.crash();
    await sleep(seconds(5));
    t.deepEqual(
      exchanges.filter(({ ok }) => !ok).map(({ hostStallUs }) => hostStallUs),
      [undefined],
    );
  });
});

for (const stallMs of [3_000, 4_100, 6_000, 20_000]) {
  test(`a host that stands still for ${stallMs} ms between exchanges does not reboot a healthy DUT`, async (t) => {
    const { hostClock, stall } = stallingHost();
    await withLink({ hostClock }, async ({ client, dut, other, sleep }) => {
      await client.start();
      await sleep(seconds(7.05));
      stall(ms(stallMs));
      await sleep(seconds(40));
      t.is(dut.boots, 1);
      t.is(other.length, 1);
      t.regex(other[0] ?? '', /^stall/);
    });
  });
}

test('a stall that ends just as the keepalive falls due is excused too', async (t) => {
  for (let stallMs = 3_000; stallMs < 3_600; stallMs += 25) {
    const { hostClock, stall } = stallingHost();
    await withLink({ hostClock }, async ({ client, dut, sleep }) => {
      await client.start();
      await sleep(seconds(7.05));
      // The keepalive that waits in the DUT is not the first line that the next exchanges bring.
      for (let line = 0; line < 8; line += 1) dut.say('nbusy\n');
      stall(ms(stallMs));
      await sleep(seconds(10));
      t.is(dut.boots, 1, `${stallMs} ms`);
    });
  }
});

testInBothRoles(
  'a host that stands still again and again does not keep a dead application for ever',
  async (t, role) => {
    const { hostClock, stall } = stallingHost();
    await withLink({ role, hostClock }, async ({ client, dut, sleep }) => {
      await client.start();
      await sleep(seconds(7));
      dut.killApplication();
      for (let count = 0; count < 12; count += 1) {
        stall(ms(500));
        await sleep(seconds(1));
      }
      t.is(dut.boots, 2);
    });
  },
);
