/** The contract of `Clock`, the same for every clock. */
import test from 'ava';
import { isRigError } from '../../rig/errors.js';
import type { Clock } from '../../rig/time/clock.js';
import { elapsed, later, ms, us } from '../../rig/time/units.js';

/** Runs `body` with a fresh clock, and moves its time for as long as it takes. */
export type WithClock = (body: (clock: Clock) => Promise<void>) => Promise<void>;

/** Waits are short, because some clocks really wait. */
const SHORT = ms(5);
const LONG = ms(20);

export function testClock(name: string, withClock: WithClock): void {
  test(`${name}: a sleep lasts at least as long as asked, and time never goes back`, (t) =>
    withClock(async (clock) => {
      let before = clock.now();
      for (const duration of [us(1), us(700), SHORT, us(0)]) {
        const start = clock.now();
        await clock.sleep('sleep', duration);
        const now = clock.now();
        t.true(elapsed(start, now) >= duration, `${duration} µs took ${elapsed(start, now)} µs`);
        t.true(now >= before);
        before = now;
      }
    }));

  test(`${name}: callbacks run in the order of their due times, however they were scheduled`, (t) =>
    withClock(async (clock) => {
      const ran: number[] = [];
      const start = clock.now();
      const offsets = [9_000, 1_000, 5_000, 1_500, 1_400, 3_000, 1_450, 0];
      for (const offset of offsets) {
        clock.at(`at ${offset}`, later(start, us(offset)), () => ran.push(offset));
      }
      await clock.sleep('all of them', LONG);
      t.deepEqual(
        ran,
        [...offsets].sort((a, b) => a - b),
      );
    }));

  test(`${name}: callbacks due at the same instant run in the order in which they were scheduled`, (t) =>
    withClock(async (clock) => {
      const ran: number[] = [];
      const due = later(clock.now(), ms(8));
      for (let index = 0; index < 12; index += 1) {
        clock.at(`number ${index}`, due, () => ran.push(index));
        // So that the ones scheduled later have less time to wait.
        if (index % 3 === 2) await clock.sleep('between', us(600));
      }
      await clock.sleep('all of them', LONG);
      t.deepEqual(ran, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    }));

  test(`${name}: a callback is never early, and runs once`, (t) =>
    withClock(async (clock) => {
      const due = later(clock.now(), us(2_500));
      let runs = 0;
      clock.at('once', due, () => {
        runs += 1;
        t.true(clock.now() >= due);
      });
      await clock.sleep('beyond', LONG);
      t.is(runs, 1);
    }));

  test(`${name}: a callback due in the past runs soon, but not before the caller goes on`, (t) =>
    withClock(async (clock) => {
      await clock.sleep('some time', us(10));
      let ran = false;
      clock.at('past', later(clock.now(), us(-5)), () => {
        ran = true;
      });
      t.false(ran);
      await clock.sleep('soon', SHORT);
      t.true(ran);
    }));

  test(`${name}: a callback may schedule another at its own instant`, (t) =>
    withClock(async (clock) => {
      const ran: string[] = [];
      const due = clock.now();
      clock.at('outer', due, () => {
        ran.push('outer');
        clock.at('inner', due, () => ran.push('inner'));
      });
      await clock.sleep('both', SHORT);
      t.deepEqual(ran, ['outer', 'inner']);
    }));

  test(`${name}: a cancelled timer does not run, and is not pending`, (t) =>
    withClock(async (clock) => {
      const timer = clock.at('to be cancelled', later(clock.now(), us(500)), () =>
        t.fail('It was cancelled.'),
      );
      t.true(clock.pending().includes('to be cancelled'));
      timer.cancel();
      timer.cancel();
      t.false(clock.pending().includes('to be cancelled'));
      await clock.sleep('beyond', SHORT);
    }));

  test(`${name}: a callback may cancel another that is due at the same instant`, (t) =>
    withClock(async (clock) => {
      const due = later(clock.now(), us(500));
      clock.at('first', due, () => second.cancel());
      const second = clock.at('second', due, () => t.fail('It was cancelled.'));
      await clock.sleep('beyond', SHORT);
      t.pass();
    }));

  test(`${name}: timers are pending by name until they have run`, (t) =>
    withClock(async (clock) => {
      const due = later(clock.now(), us(500));
      let pendingInside: string[] = ['never ran'];
      clock.at('named', due, () => {
        pendingInside = clock.pending();
      });
      t.deepEqual(clock.pending(), ['named']);
      await clock.sleep('beyond', SHORT);
      t.false(pendingInside.includes('named'));
      t.deepEqual(clock.pending(), []);
    }));

  test(`${name}: to cancel a timer that has run is harmless`, (t) =>
    withClock(async (clock) => {
      const timer = clock.at('done', clock.now(), () => undefined);
      await clock.sleep('beyond', SHORT);
      timer.cancel();
      t.deepEqual(clock.pending(), []);
    }));

  test(`${name}: a sleep is cancelled by its signal at once, and leaves no timer`, (t) =>
    withClock(async (clock) => {
      const controller = new AbortController();
      const start = clock.now();
      const sleep = clock.sleep('for ever', ms(60_000), controller.signal);
      clock.at('abort', later(start, us(500)), () => controller.abort());
      const error = await t.throwsAsync(sleep);
      t.true(isRigError(error, 'CANCELLED'));
      t.regex(error.message, /for ever/);
      t.true(elapsed(start, clock.now()) < ms(10_000));
      t.deepEqual(clock.pending(), []);
    }));

  test(`${name}: a sleep with a signal that is aborted already rejects, and leaves no timer`, (t) =>
    withClock(async (clock) => {
      const error = await t.throwsAsync(clock.sleep('never', SHORT, AbortSignal.abort()));
      t.true(isRigError(error, 'CANCELLED'));
      t.deepEqual(clock.pending(), []);
    }));

  test(`${name}: an abort after the sleep has ended does nothing`, (t) =>
    withClock(async (clock) => {
      const controller = new AbortController();
      await clock.sleep('short', us(10), controller.signal);
      controller.abort();
      await clock.sleep('beyond', us(10));
      t.pass();
    }));
}
