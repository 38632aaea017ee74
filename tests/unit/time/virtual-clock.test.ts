/** Virtual time: the order of events, its end, and the lockstep of processes that keep a time of their own. */
import test from 'ava';
import { isRigError } from '../../../rig/errors.js';
import { elapsed, type InstantUs, instant, ms, ORIGIN, seconds, us } from '../../../rig/time/units.js';
import { type LockstepProcess, VirtualClock } from '../../../rig/time/virtual-clock.js';
import { deferred } from '../../contract/deferred.js';
import { ScriptedProcess } from './scripted-process.js';

test('time starts at the origin, and stands still until something is due', async (t) => {
  const clock = new VirtualClock();
  t.is(clock.now(), ORIGIN);
  await clock.run(async () => {
    await Promise.resolve();
    t.is(clock.now(), ORIGIN);
  });
});

test('a long time passes at once, exactly', async (t) => {
  const clock = new VirtualClock();
  await clock.run(() => clock.sleep('a year', seconds(365 * 86_400)));
  t.is(clock.now(), seconds(365 * 86_400) as number as InstantUs);
});

test('time goes on from where an earlier run left it, to the microsecond', async (t) => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  clock.at('first', instant(10), () => seen.push(clock.now()));
  clock.at('second', instant(25), () => seen.push(clock.now()));
  await clock.run(() => clock.sleep('one', us(15)));
  t.deepEqual(seen, [10]);
  t.is(clock.now(), instant(15));
  await clock.run(() => clock.sleep('two', us(15)));
  t.deepEqual(seen, [10, 25]);
  t.is(clock.now(), instant(30));
});

test('what microtasks schedule at an instant happens before time moves on', async (t) => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  clock.at('early', instant(5), () => {
    void Promise.resolve()
      .then(() => undefined)
      .then(() => clock.at('same instant', instant(5), () => seen.push(`same instant at ${clock.now()}`)));
  });
  clock.at('later', instant(6), () => seen.push(`later at ${clock.now()}`));
  await clock.run(() => clock.sleep('end', us(10)));
  t.deepEqual(seen, ['same instant at 5', 'later at 6']);
});

test('an event scheduled in the past happens now', async (t) => {
  const clock = new VirtualClock();
  await clock.run(async () => {
    await clock.sleep('on', ms(1));
    const timer = clock.at('past', instant(3), () => undefined);
    t.is(timer.dueUs, instant(1_000));
    await clock.sleep('let it happen', us(0));
    t.deepEqual(clock.pending(), []);
  });
});

test('a callback that throws rejects the run and is named', async (t) => {
  const clock = new VirtualClock();
  clock.at('bad step', instant(1), () => {
    throw new Error('no such thing');
  });
  const error = await t.throwsAsync(() => clock.run(() => clock.sleep('wait', seconds(1))));
  t.true(isRigError(error, 'BENCH'));
  t.regex(error.message, /bad step.*no such thing/);
  // The clock is usable again, and the timer that threw is gone.
  await clock.run(() => clock.sleep('again', us(1)));
});

test('a wait that nothing can end rejects the run instead of hanging', async (t) => {
  const clock = new VirtualClock();
  const error = await t.throwsAsync(() => clock.run(() => new Promise<void>(() => undefined)));
  t.true(isRigError(error, 'BENCH'));
});

test('what the main function rejects with is what the run rejects with', async (t) => {
  const clock = new VirtualClock();
  const failure = new Error('mine');
  t.is(await t.throwsAsync(() => clock.run(() => Promise.reject(failure))), failure);
});

test('a clock runs once at a time', async (t) => {
  const clock = new VirtualClock();
  const error = await clock.run(() => t.throwsAsync(() => clock.run(async () => undefined)));
  t.true(isRigError(error, 'BENCH'));
});

test('a pace is asked before each instant, and not again for a second event at it', async (t) => {
  const asked: number[] = [];
  const clock = new VirtualClock({
    pace: async (dueUs) => {
      asked.push(dueUs);
    },
  });
  clock.at('a', instant(10), () => undefined);
  clock.at('b', instant(10), () => undefined);
  await clock.run(() => clock.sleep('c', us(20)));
  t.deepEqual(asked, [10, 20]);
});

test('an event that is cancelled while the pace waits for it does not let time jump past a process', async (t) => {
  const process = new ScriptedProcess([150]);
  const clock = new VirtualClock({
    pace: async () => {
      cancelled.cancel();
    },
  });
  process.join(clock);
  const cancelled = clock.at('cancelled', instant(100), () => t.fail('It was cancelled.'));
  await clock.run(() => clock.sleep('end', us(300)));
  t.deepEqual(process.handled, ['event at 150 handled at 150']);
});

test('a process is let run up to the next event and never past it', async (t) => {
  const clock = new VirtualClock();
  const process = new ScriptedProcess([10, 20, 30, 40, 50, 60]);
  process.join(clock);
  for (const atUs of [15, 35, 36]) clock.at('host', instant(atUs), () => process.noteHost(clock.now()));
  await clock.run(() => clock.sleep('end', us(100)));
  t.deepEqual(process.seen, [10, 'host 15', 20, 30, 'host 35', 'host 36', 40, 50, 60]);
  t.deepEqual(
    process.handled,
    [10, 20, 30, 40, 50, 60].map((atUs) => `event at ${atUs} handled at ${atUs}`),
  );
});

test('what a process does pulls in the next event, and the answer reaches it before it goes on', async (t) => {
  const clock = new VirtualClock();
  const process = new ScriptedProcess([10, 50]);
  process.join(clock);
  process.onEvent = (atUs) => {
    if (atUs === 10) clock.at('answer', instant(30), () => process.wake(31));
  };
  await clock.run(() => clock.sleep('end', us(100)));
  t.deepEqual(process.seen, [10, 31, 50]);
});

test('an idle process is woken by an event, at the time of the event', async (t) => {
  const clock = new VirtualClock();
  const process = new ScriptedProcess([]);
  process.join(clock);
  clock.at('wake it', instant(40), () => process.wake(40));
  await clock.run(() => clock.sleep('end', us(100)));
  t.deepEqual(process.handled, ['event at 40 handled at 40']);
});

test('a process alone keeps time moving when no event is due', async (t) => {
  const clock = new VirtualClock();
  const process = new ScriptedProcess([1_000, 2_000_000]);
  process.join(clock);
  const done = deferred<void>();
  process.onEvent = (atUs) => {
    if (atUs === 2_000_000) done.resolve();
  };
  await clock.run(() => done.promise);
  t.is(clock.now(), instant(2_000_000));
});

test('a process that has been detached is let run no more', async (t) => {
  const clock = new VirtualClock();
  const process = new ScriptedProcess([10, 20]);
  const detach = process.join(clock);
  clock.at('detach', instant(15), detach);
  await clock.run(() => clock.sleep('end', us(100)));
  detach();
  t.deepEqual(process.seen, [10]);
});

test('a process that throws rejects the run', async (t) => {
  const clock = new VirtualClock();
  const broken: LockstepProcess = {
    nextUs: () => clock.now(),
    runUntil: () => {
      throw new Error('process broke');
    },
  };
  clock.attach(broken);
  await t.throwsAsync(() => clock.run(() => clock.sleep('end', us(1))), { message: /process broke/ });
});

test('instants are whole microseconds, so that a deadline set from one is met at it', async (t) => {
  const clock = new VirtualClock();
  const deadlines = await clock.run(async () => {
    const seen: [number, boolean][] = [];
    for (let round = 0; round < 50; round += 1) {
      const startUs = clock.now();
      // Beyond 2^26 µs, (a + d) − a comes out below d for many fractions of a microsecond.
      await clock.sleep('fraction', us(2 ** 21 + 0.1 * round));
      seen.push([clock.now(), elapsed(startUs, clock.now()) >= 2 ** 21 + 0.1 * round]);
    }
    return seen;
  });
  t.true(deadlines.every(([atUs, isMet]) => Number.isInteger(atUs) && isMet));
});
