/** Whatever throws where nobody catches it, a run ends as ERROR after its teardown, on any clock. */
import test from 'ava';
import { RigError } from '../../../rig/errors.js';
import { createRandom } from '../../../rig/random.js';
import type { Bench } from '../../../rig/run/bench.js';
import type { RunEvent } from '../../../rig/run/events.js';
import { runScenario } from '../../../rig/run/runner.js';
import { defineScenario, type Scenario } from '../../../rig/run/scenario.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { later, ms } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { deadBench, deadVirtualBench } from './dead-bench.js';

const scenario = defineScenario({
  name: 'nothing',
  summary: 'does nothing',
  description: '',
  promise: '',
  parameters: {},
  needs: [],
  faults: [],
  measurements: () => [],
  streams: () => [],
  run: async () => undefined,
  conclude: () => undefined,
});

async function run(
  bench: Bench,
  sink: (event: RunEvent) => void = () => undefined,
  what: Scenario = scenario,
) {
  const events: RunEvent[] = [];
  const result = await runScenario({
    scenario: what,
    parameters: {},
    bench,
    random: createRandom(9),
    sink: (event) => {
      events.push(event);
      sink(event);
    },
    signal: new AbortController().signal,
    wall: { isoNow: () => '2020-01-01T00:00:00.000Z', elapsedMs: () => 0 },
  });
  const parts = events.flatMap((event) => (event.type === 'run.part' ? [event.part] : []));
  return { ...result, events, parts };
}

const outOfRange = () => {
  throw new Error('out of range');
};

for (const [name, createClock] of [
  ['virtual time', () => new VirtualClock()],
  ["the system's clock", () => new SystemClock()],
] as const) {
  test(`in ${name}, a driver's timer that throws ends the run after its teardown`, async (t) => {
    const { bench, clock, done, syn } = deadBench(createClock());
    clock.at('bad driver', later(clock.now(), ms(20)), outOfRange);
    const { outcome, reason, parts } = await run(bench);
    t.is(outcome, 'ERROR');
    t.regex(reason ?? '', /bad driver.*out of range/);
    t.deepEqual(parts, ['bring-up', 'teardown']);
    t.is(done.at(-1), 'reset released');
    t.is(syn.level, 1);
    t.deepEqual(clock.pending(), []);
  });

  test(`in ${name}, timers that go on throwing do not keep teardown from its end`, async (t) => {
    const { bench, clock, done } = deadBench(createClock());
    let isOver = false;
    const again = () => {
      if (isOver) return;
      clock.at('bad driver', later(clock.now(), ms(1)), again);
      throw new Error('again');
    };
    clock.at('bad driver', later(clock.now(), ms(20)), again);
    const { outcome, parts } = await run(bench);
    isOver = true;
    t.is(outcome, 'ERROR');
    t.deepEqual(parts, ['bring-up', 'teardown']);
    t.is(done.at(-1), 'reset released');
  });
}

test("a timer of the run's own that throws ends it after its teardown", async (t) => {
  const { bench, done, clock } = deadVirtualBench();
  const { outcome, reason } = await run({
    ...bench,
    ports: {
      ...bench.ports,
      accessPoint: {
        ssid: 'x',
        passphrase: '',
        on: async () => void clock.at('station list', later(clock.now(), ms(20)), outOfRange),
        off: async () => undefined,
      },
    },
  });
  t.is(outcome, 'ERROR');
  t.regex(reason ?? '', /station list.*out of range/);
  t.is(done.at(-1), 'reset released');
});

test('what throws during teardown makes an ERROR of a run that would have ended otherwise', async (t) => {
  const { bench, clock } = deadVirtualBench();
  const { outcome, events } = await run(
    {
      ...bench,
      ports: {
        ...bench.ports,
        reset: {
          press: async () => undefined,
          release: async () => {
            clock.at('late', later(clock.now(), ms(1)), outOfRange);
            await clock.sleep('release', ms(5));
          },
        },
      },
    },
    undefined,
  );
  // The device is dead, which makes a FAIL; the defect is told beside it.
  t.is(outcome, 'FAIL');
  t.true(events.some((event) => event.type === 'note' && /late.*out of range/.test(event.text)));
});

test('a reader of events that throws keeps nothing from being made safe', async (t) => {
  const { bench, done } = deadVirtualBench();
  const { outcome } = await run(bench, (event) => {
    if (event.type === 'run.part') throw new RigError('BENCH', 'no reader');
  });
  t.is(outcome, 'ERROR');
  t.deepEqual(done, [], 'nothing had been switched on');
  const later = deadVirtualBench();
  const second = await run(later.bench, (event) => {
    if (event.type === 'run.part' && event.part === 'teardown') throw new RigError('BENCH', 'no reader');
  });
  t.is(second.outcome, 'ERROR');
  t.is(later.done.at(-1), 'reset released');
});

test('a fault that cannot be cleared keeps no other from being cleared', async (t) => {
  const { bench, done } = deadVirtualBench();
  const stuck = async () => {
    throw new RigError('BENCH', 'the radio is gone');
  };
  let switchedOn = 0;
  const { events } = await run({
    ...bench,
    ports: {
      ...bench.ports,
      accessPoint: {
        ssid: 'x',
        passphrase: '',
        on: () => {
          switchedOn += 1;
          return switchedOn === 1 ? Promise.resolve() : stuck();
        },
        off: async () => undefined,
      },
    },
  });
  t.deepEqual(done.slice(-2), ['power on', 'reset released']);
  t.true(events.some((event) => event.type === 'note' && /clear faults: the radio is gone/.test(event.text)));
});
