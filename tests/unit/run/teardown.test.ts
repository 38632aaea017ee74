/** Teardown: in reverse, bounded, and whatever happens in one step, the others are run. */
import test from 'ava';
import { STEP_LIMIT, Teardown } from '../../../rig/run/teardown.js';
import { ScopedClock } from '../../../rig/time/scoped-clock.js';
import { instant, ms } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';

const never = () => new Promise<void>(() => undefined);

function setUp() {
  const bench = new VirtualClock();
  const clock = new ScopedClock(bench);
  return { bench, clock, teardown: new Teardown(clock) };
}

test('steps run one after another, last added first', async (t) => {
  const { bench, clock, teardown } = setUp();
  const ran: string[] = [];
  teardown.add('first', () => {
    ran.push(`first at ${clock.now()}`);
  });
  teardown.add('second', async () => {
    await clock.sleep('work', ms(20));
    ran.push(`second at ${clock.now()}`);
  });
  t.deepEqual(await bench.run(() => teardown.run()), []);
  t.deepEqual(ran, ['second at 20000', 'first at 20000']);
  t.deepEqual(clock.pending(), []);
});

test('a step that fails, at once or later, is told and keeps no other from running', async (t) => {
  const { bench, clock, teardown } = setUp();
  const ran: string[] = [];
  teardown.add('first', () => {
    ran.push('first');
  });
  teardown.add('throws', () => {
    throw new Error('no relay');
  });
  teardown.add('rejects', () => Promise.reject(new Error('no rail')));
  t.deepEqual(await bench.run(() => teardown.run()), [
    'Teardown, rejects: no rail',
    'Teardown, throws: no relay',
  ]);
  t.deepEqual(ran, ['first']);
  t.deepEqual(clock.pending(), []);
});

test('a step that hangs is given up after its limit, and the next one runs', async (t) => {
  const { bench, clock, teardown } = setUp();
  let ran = false;
  teardown.add('first', () => {
    ran = true;
  });
  teardown.add('hangs', never);
  const [problem, ...others] = await bench.run(() => teardown.run());
  t.regex(problem ?? '', /hangs: not done within 10 s/);
  t.deepEqual(others, []);
  t.true(ran);
  t.is(clock.now(), instant(STEP_LIMIT));
  t.deepEqual(clock.pending(), []);
});

test('hurried, no step is waited for, but every one is begun, and no timer stays', async (t) => {
  const { bench, clock, teardown } = setUp();
  const begun: string[] = [];
  const hurry = new AbortController();
  for (const name of ['first', 'second', 'third']) {
    teardown.add(name, () => {
      begun.push(name);
      return never();
    });
  }
  clock.at('second Ctrl-C', instant(3_000), () => hurry.abort());
  t.deepEqual(await bench.run(() => teardown.run(hurry.signal)), []);
  t.deepEqual(begun, ['third', 'second', 'first']);
  t.is(clock.now(), instant(3_000));
  t.deepEqual(clock.pending(), []);
});

test('steps run once, however often teardown is run', async (t) => {
  const { bench, teardown } = setUp();
  let runs = 0;
  teardown.add('once', () => {
    runs += 1;
  });
  await bench.run(async () => {
    await teardown.run();
    await teardown.run();
  });
  t.is(runs, 1);
});
