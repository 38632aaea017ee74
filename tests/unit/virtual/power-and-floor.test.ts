/** The rail of the virtual supply, presses of its reset button, and the floor of the virtual bench. */
import test from 'ava';
import { measureVirtualFloor } from '../../../drivers/virtual/floor.js';
import { VirtualPower } from '../../../drivers/virtual/power.js';
import { VirtualReset } from '../../../drivers/virtual/reset.js';
import { ms, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';

const NO_BOARD = { powerOn: () => undefined, powerOff: () => undefined };

test('the rail falls by a discharge curve, and is never seen to rise while off', async (t) => {
  const clock = new VirtualClock();
  const power = new VirtualPower(clock, NO_BOARD);
  await clock.run(async () => {
    t.is((await power.rail()).volts, 0);
    await power.on();
    t.is((await power.rail()).volts, 3.3);
    await power.off();
    const volts: number[] = [];
    for (let sample = 0; sample < 10; sample += 1) {
      volts.push((await power.rail()).volts);
      await clock.sleep('on', ms(2));
    }
    t.is(volts[0], 3.3);
    // 4 ms of time constant: a factor e in each.
    t.true(Math.abs((volts[2] ?? 0) - 3.3 / Math.E) < 1e-9);
    for (let sample = 1; sample < volts.length; sample += 1) {
      t.true((volts[sample] ?? 0) < (volts[sample - 1] ?? 0));
    }
    t.true((volts.at(-1) ?? 1) < 0.1);
  });
});

test('switching off twice does not start the discharge anew', async (t) => {
  const clock = new VirtualClock();
  const power = new VirtualPower(clock, NO_BOARD);
  await clock.run(async () => {
    await power.on();
    await power.off();
    await clock.sleep('fall', ms(20));
    await power.off();
    t.true((await power.rail()).volts < 0.1);
  });
});

test('the board is told of each change of its supply once', async (t) => {
  const clock = new VirtualClock();
  const told: string[] = [];
  const power = new VirtualPower(clock, {
    powerOn: () => told.push('on'),
    powerOff: () => told.push('off'),
  });
  await power.off();
  await power.on();
  await power.on();
  await power.off();
  await power.off();
  t.deepEqual(told, ['on', 'off']);
});

test('of two presses that overlap, the later one is held to its end', async (t) => {
  const clock = new VirtualClock();
  const told: string[] = [];
  const reset = new VirtualReset(clock, {
    holdReset: () => told.push(`hold ${clock.now()}`),
    releaseReset: () => told.push(`release ${clock.now()}`),
  });
  await clock.run(async () => {
    const first = reset.press(ms(10));
    await clock.sleep('between', ms(5));
    const second = reset.press(ms(10));
    await Promise.all([first, second]);
  });
  t.deepEqual(told, ['hold 0', 'hold 5000', 'release 15000']);
});

for (const role of ['target', 'controller'] as const) {
  test(`the floor is the edge latency, once for each edge that the host waits for as ${role}`, async (t) => {
    const at80 = await measureVirtualFloor(us(80), role);
    t.is(await measureVirtualFloor(us(80), role), at80);
    t.is(await measureVirtualFloor(us(160), role), us(2 * at80));
    // A Responder waits for 20 µs from each of four edges, unless it has heard of them later than that.
    t.is(await measureVirtualFloor(us(0), role), us(role === 'target' ? 0 : 4 * 20));
    t.is(at80 % 80, 0);
    t.true(at80 > 0);
  });
}
