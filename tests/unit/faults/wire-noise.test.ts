/** Faults of the wires on a bench of fakes: what proves each, what does not, and that the wires are always let go. */
import test from 'ava';
import { isRigError } from '../../../rig/errors.js';
import { ExchangeWatch } from '../../../rig/faults/exchange-watch.js';
import { WireNoise } from '../../../rig/faults/wire-noise.js';
import { type DurationUs, type InstantUs, later, ms, seconds, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import type { WireFaults } from '../../../rig/wire-faults.js';
import { makeObserver } from '../run/observer-rig.js';
import { fakeLines } from './fake-lines.js';

function setUp() {
  const clock = new VirtualClock();
  const { around, faults } = makeObserver(clock);
  const done: string[] = [];
  const note = (what: string) => async () => void done.push(`${what} at ${clock.now() / 1_000} ms`);
  const seen: {
    reboot: { atUs: InstantUs; reason: string } | undefined;
    damage: { atUs: InstantUs; what: string } | undefined;
    edges: number;
  } = { reboot: undefined, damage: undefined, edges: 4 };
  const wires: WireFaults = {
    hold: (wire, level) => note(`hold ${wire} ${level}`)(),
    glitch: async (wire) => {
      seen.edges += 2;
      await note(`glitch ${wire}`)();
    },
    disturb: (transfers) => note(`disturb ${transfers.length}`)(),
    stretch: note('stretch'),
    clear: note('clear'),
    edges: async () => seen.edges,
  };
  const exchanges = new ExchangeWatch();
  const stop = new AbortController();
  const noise = new WireNoise({
    clock,
    log: faults,
    signal: stop.signal,
    lines: fakeLines({ lastReboot: () => seen.reboot, lastDamage: () => seen.damage, exchanges }),
  });
  const at = (time: DurationUs, act: () => void) => void clock.at('test', later(clock.now(), time), act);
  const rebootAt = (time: DurationUs) =>
    at(time, () => {
      seen.reboot = { atUs: clock.now(), reason: 'no answer' };
    });
  const evidence = () =>
    around.events.flatMap((event) => (event.type === 'fault.proved' ? [event.evidence] : []));
  const make = (fault: Parameters<WireNoise['make']>[0]) => clock.run(() => noise.make(fault, wires));
  return { clock, seen, wires, exchanges, stop, at, rebootAt, evidence, make, done };
}

test('a line of the bus is let go when the client reboots the device, another wire is held to the end', async (t) => {
  for (const [wire, clearedMs] of [
    ['sda', 1_000],
    ['ack', 2_000],
  ] as const) {
    const { rebootAt, make, evidence, done } = setUp();
    rebootAt(seconds(1));
    await make({ kind: 'stuck', wire, level: 0, duration: seconds(2) });
    t.deepEqual(done, [`hold ${wire} 0 at 0 ms`, `clear at ${clearedMs} ms`]);
    t.deepEqual(evidence(), ['the client had to reboot the device: no answer']);
  }
});

test('a wrong bit is proved by what arrives damaged, and the device is then watched for its death', async (t) => {
  const { clock, at, seen, make, evidence, done } = setUp();
  at(ms(505), () => {
    seen.damage = { atUs: clock.now(), what: 'a message arrived damaged' };
  });
  await make({ kind: 'payload-flip', places: [0.1, 0.2] });
  t.deepEqual(done, ['disturb 2 at 0 ms', 'clear at 510 ms']);
  t.deepEqual(evidence(), ['a message arrived damaged']);
  t.is(clock.now() as number, seconds(6));
});

test('a glitch is proved by the probe, whether or not it does harm; a slow bus by slow exchanges', async (t) => {
  const glitch = setUp();
  await glitch.make({ kind: 'glitch', wire: 'syn', width: us(30) });
  t.deepEqual(glitch.evidence(), ['a probe on syn saw it change 2 times']);
  const slow = setUp();
  // One that a glitch made long, and others that are as they should be.
  for (const duration of [98, 4, 4, 4, 5, 5, 5, 3]) slow.exchanges.took(ms(duration));
  for (const [atMs, duration] of [
    [5, 8],
    [500, 44],
    [700, 61],
    [2_010, 9],
  ] as const) {
    slow.at(ms(atMs), () => slow.exchanges.took(ms(duration)));
  }
  await slow.make({ kind: 'slow-bus', stretch: ms(20), duration: seconds(2) });
  t.deepEqual(slow.evidence(), ['2 exchanges took 44.0 to 61.0 ms, 8 others 16.0 ms on average']);
  t.is(slow.exchanges.before()?.count, 8, 'the one that was under way at its end counts for nothing');
});

test('a reset without effect is proved by a press of which the probe saw nothing', async (t) => {
  const { rebootAt, make, evidence, done } = setUp();
  rebootAt(seconds(1));
  await make({ kind: 'deaf-reset', duration: seconds(2) });
  t.deepEqual(done, ['hold rst 1 at 0 ms', 'disturb 2 at 0 ms', 'clear at 3000 ms']);
  t.deepEqual(evidence(), ['the client pressed reset (no answer), and a probe on rst saw no change']);
});

test('a reset that reached the device is no reset without effect', async (t) => {
  const { at, seen, rebootAt, make, done } = setUp();
  rebootAt(seconds(1));
  at(seconds(1), () => {
    seen.edges += 2;
  });
  const error = await t.throwsAsync(make({ kind: 'deaf-reset', duration: seconds(2) }));
  t.true(isRigError(error, 'INVALID'));
  t.regex(error?.message ?? '', /the wire changed 2 times all the same/);
  t.deepEqual(done.at(-1), 'clear at 3000 ms');
});

test('what nobody noticed makes the run INVALID, and what happened before is no proof', async (t) => {
  for (const fault of [
    { kind: 'nack', transfers: 2 },
    { kind: 'deaf-reset', duration: seconds(2) },
    { kind: 'header-flip', places: [0] },
    { kind: 'stuck', wire: 'ack', level: 1, duration: seconds(2) },
    { kind: 'slow-bus', stretch: ms(20), duration: seconds(2) },
  ] as const) {
    const { clock, rebootAt, make, seen, done } = setUp();
    rebootAt(ms(5));
    seen.damage = { atUs: clock.now(), what: 'earlier' };
    await clock.run(() => clock.sleep('earlier', ms(10)));
    const error = await t.throwsAsync(make(fault));
    t.true(isRigError(error, 'INVALID'));
    t.regex(error?.message ?? '', /was not proved.*on the wires of this link/);
    t.regex(done.at(-1) ?? '', /^clear/);
  }
});

test('a run that is stopped meanwhile lets the wires go', async (t) => {
  const { at, stop, make, done } = setUp();
  at(ms(700), () => stop.abort());
  const error = await t.throwsAsync(make({ kind: 'stuck', wire: 'syn', level: 0, duration: seconds(2) }));
  t.true(isRigError(error, 'CANCELLED'));
  t.deepEqual(done, ['hold syn 0 at 0 ms', 'clear at 700 ms']);
});
