import test from 'ava';
import fc from 'fast-check';
import type { Clock } from '../../../rig/time/clock.js';
import { type DurationUs, type InstantUs, instant, ms, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { startOpenLoop } from '../../../rig/traffic/open-loop.js';

/** A clock on which the host oversleeps: each timer fires late by what `lateness` says. */
function lateClock(clock: Clock, lateness: () => DurationUs): Clock {
  return {
    now: () => clock.now(),
    at: (name, dueUs, callback) => clock.at(name, instant(dueUs + lateness()), callback),
    sleep: (name, duration, signal) => clock.sleep(name, duration, signal),
    pending: () => clock.pending(),
  };
}

test('message i is due at start + i × period', async (t) => {
  const clock = new VirtualClock();
  const seen: [number, number, number][] = [];
  await clock.run(async () => {
    const loop = startOpenLoop({
      clock,
      stream: { name: 'up', periodUs: ms(100), count: 4 },
      startUs: instant(50_000),
      onDue: (_stream, sequence, dueUs) => seen.push([sequence, dueUs, clock.now()]),
    });
    t.deepEqual(clock.pending(), ['traffic up']);
    await loop.done;
    t.is(loop.lateMaxUs, us(0));
    t.is(loop.count, 4);
  });
  t.deepEqual(seen, [
    [0, 50_000, 50_000],
    [1, 150_000, 150_000],
    [2, 250_000, 250_000],
    [3, 350_000, 350_000],
  ]);
  t.deepEqual(clock.pending(), []);
});

test('the messages of a burst are due together', async (t) => {
  const clock = new VirtualClock();
  const seen: [number, number][] = [];
  await clock.run(async () => {
    const stream = { name: 'up', periodUs: ms(100), burst: 4, count: 6 };
    const onDue = (_stream: string, sequence: number, dueUs: InstantUs) => seen.push([sequence, dueUs]);
    await startOpenLoop({ clock, stream, startUs: instant(0), onDue }).done;
  });
  t.deepEqual(seen, [
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 100_000],
    [5, 100_000],
  ]);
});

test('a host that is late loses no message and shifts no due time, and its lateness is reported', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1_000 }),
      fc.nat({ max: 50 }),
      fc.array(fc.nat({ max: 5_000 }), { minLength: 1, maxLength: 60 }),
      async (periodUs, count, delays) => {
        const clock = new VirtualClock();
        let timers = 0;
        const host = lateClock(clock, () => us(delays[timers++ % delays.length] ?? 0));
        const seen: { sequence: number; dueUs: InstantUs; atUs: InstantUs }[] = [];
        const lateMaxUs = await clock.run(async () => {
          const loop = startOpenLoop({
            clock: host,
            stream: { name: 'up', periodUs: us(periodUs), count },
            startUs: instant(7),
            onDue: (_stream, sequence, dueUs) => seen.push({ sequence, dueUs, atUs: clock.now() }),
          });
          await loop.done;
          return loop.lateMaxUs;
        });
        t.deepEqual(
          seen.map(({ sequence, dueUs }) => [sequence, dueUs]),
          Array.from({ length: count }, (_, i) => [i, 7 + i * periodUs]),
        );
        t.is(lateMaxUs, us(Math.max(0, ...seen.map(({ dueUs, atUs }) => atUs - dueUs))));
      },
    ),
    { numRuns: 100 },
  );
});

test('after stop nothing falls due, and no timer is left', async (t) => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  await clock.run(async () => {
    const loop = startOpenLoop({
      clock,
      stream: { name: 'up', periodUs: ms(10), count: 1_000 },
      startUs: instant(0),
      onDue: (_stream, sequence) => {
        seen.push(sequence);
        if (sequence === 2) loop.stop();
      },
    });
    await loop.done;
    t.deepEqual(clock.pending(), []);
    await clock.sleep('afterwards', ms(100));
  });
  t.deepEqual(seen, [0, 1, 2]);
});

test('a stream without messages is done at once', async (t) => {
  const clock = new VirtualClock();
  const loop = startOpenLoop({
    clock,
    stream: { name: 'up', periodUs: ms(10), count: 0 },
    startUs: instant(0),
    onDue: () => t.fail('nothing is due'),
  });
  await loop.done;
  t.deepEqual(clock.pending(), []);
});
