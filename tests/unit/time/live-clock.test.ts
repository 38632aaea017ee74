/** Virtual time beside the wall clock: never ahead of it, and open to the outside. */
import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import { LiveClock } from '../../../rig/time/live-clock.js';
import { type InstantUs, instant, later, ms, seconds } from '../../../rig/time/units.js';
import type { LockstepProcess } from '../../../rig/time/virtual-clock.js';

const wallMs = () => performance.now();

/** Computes all the time. */
class BusyProcess implements LockstepProcess {
  timeUs = 0;
  turns = 0;

  nextUs(): number {
    return this.timeUs;
  }

  runUntil(horizonUs: InstantUs): void {
    this.timeUs = Math.max(this.timeUs, horizonUs);
    this.turns += 1;
  }
}

// Each takes the wall's time before it makes a clock: a machine may stand still between two lines.
test.serial('an event happens when its time has come by the wall clock, not before', async (t) => {
  const startMs = wallMs();
  const clock = new LiveClock();
  await clock.run(async () => {
    await clock.sleep('a while', ms(30));
    t.true(wallMs() - startMs >= 29);
    t.true(clock.now() >= 30_000);
    await clock.sleep('a while more', ms(20));
  });
  t.true(wallMs() - startMs >= 49);
});

test.serial('what comes from outside happens at once, however far the next event is', async (t) => {
  const clock = new LiveClock();
  await clock.run(async () => {
    const far = clock.at('far away', later(clock.now(), seconds(100)), () => undefined);
    const latencies: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      await wait(3);
      const askedMs = wallMs();
      const answer = await clock.enter('question', async () => {
        const at = clock.now();
        await clock.sleep('thinking', ms(1));
        return clock.now() - at;
      });
      latencies.push(wallMs() - askedMs);
      t.is(answer, 1_000);
    }
    far.cancel();
    latencies.sort((a, b) => a - b);
    // Of ten, the fifth: a machine that is busy with other things may hold up some.
    t.true((latencies[4] ?? 0) < 50, String(latencies));
  });
});

test.serial('time does not stand still with nothing to do, and passes for whoever looks', async (t) => {
  const clock = new LiveClock();
  await clock.run(async () => {
    const before = clock.now();
    await wait(20);
    const after = clock.now();
    t.true(after - before >= 15_000, `${before} ${after}`);
    t.true(clock.now() >= after);
  });
});

test.serial('a process that is always busy never runs ahead of the wall clock', async (t) => {
  const startMs = wallMs();
  const clock = new LiveClock();
  const busy = new BusyProcess();
  clock.attach(busy);
  await clock.run(async () => {
    for (let round = 0; round < 10; round += 1) {
      await clock.sleep('a while', ms(5));
      t.true(busy.timeUs <= (wallMs() - startMs) * 1_000 + 1);
      t.true(busy.timeUs >= clock.now() - 1, 'Nor behind the events.');
    }
  });
});

test.serial('what the outside asks for may fail without ending anything', async (t) => {
  const clock = new LiveClock();
  await clock.run(async () => {
    await t.throwsAsync(
      clock.enter('fails', () => {
        throw new Error('no such thing');
      }),
      { message: 'no such thing' },
    );
    t.is(await clock.enter('works', () => 7), 7);
  });
});

test.serial('faster than the wall clock where that is asked for', async (t) => {
  const startMs = wallMs();
  const clock = new LiveClock({ speed: 20 });
  await clock.run(() => clock.sleep('a second', seconds(1)));
  const tookMs = wallMs() - startMs;
  t.true(tookMs >= 45 && tookMs < 900, String(tookMs));
});

test.serial('after a long standstill it goes on from where it was, instead of racing', async (t) => {
  const clock = new LiveClock();
  const busy = new BusyProcess();
  clock.attach(busy);
  await clock.run(async () => {
    await clock.sleep('start', ms(5));
    const before = clock.now();
    const stoppedMs = wallMs() + 900;
    while (wallMs() < stoppedMs);
    await clock.sleep('afterwards', ms(5));
    t.true(clock.now() - before < 600_000, String(clock.now() - before));
    t.true(instant(busy.timeUs) >= before);
  });
});
