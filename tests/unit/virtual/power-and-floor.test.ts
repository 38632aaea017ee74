/** The rail of the virtual supply, presses of its reset button, and the floor of the virtual bench. */
import test from 'ava';
import { measureVirtualFloor } from '../../../drivers/virtual/floor.js';
import { type PoweredBoard, VirtualPower } from '../../../drivers/virtual/power.js';
import type { Feed } from '../../../drivers/virtual/rail.js';
import { VirtualReset } from '../../../drivers/virtual/reset.js';
import { createRandom } from '../../../rig/random.js';
import { ms, seconds, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';

const NO_BOARD = { powerOn: () => undefined, powerOff: () => undefined };

const supplyOf = (
  clock: VirtualClock,
  board: PoweredBoard = NO_BOARD,
  feeds: () => readonly Feed[] = () => [],
) => new VirtualPower({ clock, board, feeds, random: createRandom(1) });

test('the rail falls by a discharge curve, and is never seen to rise while off', async (t) => {
  const clock = new VirtualClock();
  const power = supplyOf(clock);
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
  const power = supplyOf(clock);
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
  const power = supplyOf(clock, {
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

test('a rail that is fed through a line does not fall to zero, until the line is let go of', async (t) => {
  const clock = new VirtualClock();
  let feeds: readonly Feed[] = ['pull-up', 'output'];
  const power = supplyOf(clock, NO_BOARD, () => feeds);
  await clock.run(async () => {
    await power.on();
    await power.off();
    const rests: number[] = [];
    for (const next of [['pull-up'], []] as const) {
      await clock.sleep('fall', seconds(1));
      rests.push((await power.rail()).volts);
      feeds = next;
    }
    await clock.sleep('fall', seconds(1));
    rests.push((await power.rail()).volts);
    t.deepEqual(
      rests.map((volts) => volts.toFixed(1)),
      ['1.8', '0.9', '0.0'],
    );
  });
});

test('on a supply that sags the board starts again and again, until the supply is whole or off', async (t) => {
  const clock = new VirtualClock();
  const starts: number[] = [];
  let runs = false;
  const power: VirtualPower = supplyOf(clock, {
    powerOn: () => {
      starts.push(clock.now());
      runs = true;
      power.chipStarted();
    },
    powerOff: () => {
      runs = false;
      power.chipStopped();
    },
  });
  const volts: number[] = [];
  const look = async (duration: number) => {
    for (let time = 0; time < duration; time += 20) {
      await clock.sleep('look', ms(20));
      volts.push((await power.rail()).volts);
    }
  };
  await clock.run(async () => {
    await power.on();
    await clock.sleep('calm', seconds(5));
    t.is(starts.length, 1);
    await power.sag();
    t.false(runs, 'undervoltage at once');
    await look(4_000);
    t.true(starts.length > 5 && starts.length < 30, `${starts.length}`);
    t.true(Math.max(...volts) < 3.3 && Math.min(...volts) > 2.5);
    await power.on();
    const before = starts.length;
    await clock.sleep('whole', seconds(5));
    t.true(runs);
    t.true(starts.length <= before + 1, 'one start at most, and it stays');
    await power.sag();
    await power.off();
    const inAll = starts.length;
    await clock.sleep('off', seconds(5));
    t.deepEqual([runs, starts.length], [false, inAll]);
    // Its starts are no clockwork.
    const gaps = starts.slice(2).map((atUs, index) => atUs - (starts[index + 1] ?? 0));
    t.true(new Set(gaps.slice(0, 5)).size > 3);
  });
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
