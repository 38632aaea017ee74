/** Runs that never come to their scenario: whatever breaks, there is a result, and what was set up is undone. */
import test from 'ava';
import { RigError } from '../../../rig/errors.js';
import { createRandom } from '../../../rig/random.js';
import type { Bench } from '../../../rig/run/bench.js';
import type { RunEvent } from '../../../rig/run/events.js';
import { BRING_UP_LIMIT, runScenario } from '../../../rig/run/runner.js';
import { defineScenario } from '../../../rig/run/scenario.js';
import { later, ms, seconds } from '../../../rig/time/units.js';
import { deadVirtualBench } from './dead-bench.js';

const scenario = defineScenario({
  name: 'nothing',
  summary: 'does nothing',
  description: '',
  promise: '',
  parameters: { pause: { kind: 'duration', description: 'of nothing', default: ms(1_500) } },
  needs: [],
  faults: [],
  measurements: () => [],
  streams: () => [],
  run: async () => undefined,
  conclude: () => undefined,
});

function start(
  bench: Bench,
  more: Partial<Parameters<typeof runScenario<typeof scenario.parameters>>[0]> = {},
) {
  const events: RunEvent[] = [];
  const result = runScenario({
    scenario,
    parameters: { pause: ms(1_500) },
    bench,
    random: createRandom(9),
    sink: (event) => events.push(event),
    signal: new AbortController().signal,
    wall: { isoNow: () => '2020-01-01T00:00:00.000Z', elapsedMs: () => 0 },
    ...more,
  });
  return { events, result, types: () => events.map(({ type }) => type) };
}

test('a dead device fails the run within the stated bound, and the bench is left safe', async (t) => {
  const { bench, clock, done, syn } = deadVirtualBench();
  const { result, types, events } = start(bench);
  const { outcome, reason } = await result;
  t.is(outcome, 'FAIL');
  t.regex(reason ?? '', /did not (come up|synchronise)/);
  t.true(clock.now() <= BRING_UP_LIMIT + seconds(20));
  t.is(types()[0], 'run.started');
  t.is(types().at(-1), 'run.ended');
  t.deepEqual(done.slice(-2), ['power on', 'reset released']);
  t.is(syn.level, 1);
  t.deepEqual(
    events.filter(({ type }) => type === 'note'),
    [],
  );
});

test('a run that is stopped is ABORTED at once, after teardown', async (t) => {
  const { bench, clock, done } = deadVirtualBench();
  const controller = new AbortController();
  clock.at('Ctrl-C', later(clock.now(), seconds(3)), () => controller.abort());
  const { result } = start(bench, { signal: controller.signal });
  t.is((await result).outcome, 'ABORTED');
  t.true(clock.now() < seconds(15));
  t.is(done.at(-1), 'reset released');
});

test('a bench that breaks is an ERROR with its reason, after teardown', async (t) => {
  const { bench, clock, done, breakDown } = deadVirtualBench();
  clock.at('break', later(clock.now(), seconds(3)), () => breakDown('The adapter is gone.'));
  const { outcome, reason } = await start(bench).result;
  t.is(outcome, 'ERROR');
  t.regex(reason ?? '', /The adapter is gone/);
  t.is(done.at(-1), 'reset released');
});

test('a floor that cannot be measured is an ERROR with a result', async (t) => {
  const { bench } = deadVirtualBench();
  const { result, types } = start({
    ...bench,
    measureFloor: () => Promise.reject(new RigError('BENCH', 'No floor.')),
  });
  const { outcome, reason } = await result;
  t.deepEqual([outcome, reason], ['ERROR', 'No floor.']);
  t.deepEqual(types(), ['run.started', 'run.ended']);
});

test('a scenario that cannot declare itself is an ERROR with a result', async (t) => {
  const { bench } = deadVirtualBench();
  const { result, types } = start(bench, {
    scenario: {
      ...scenario,
      streams: () => {
        throw new Error('No such stream.');
      },
    },
  });
  t.is((await result).outcome, 'ERROR');
  t.deepEqual(types(), ['run.started', 'run.ended']);
});

test('a timer that throws ends the run as an ERROR that names it', async (t) => {
  const { bench, clock } = deadVirtualBench();
  clock.at('bad driver', later(clock.now(), seconds(2)), () => {
    throw new Error('out of range');
  });
  const { outcome, reason } = await start(bench).result;
  t.is(outcome, 'ERROR');
  t.regex(reason ?? '', /bad driver.*out of range/);
});

test('the journal begins with everything that is known, durations with their unit', async (t) => {
  const { bench } = deadVirtualBench();
  const { result, events } = start(bench);
  await result;
  t.like(events[0], {
    type: 'run.started',
    scenario: 'nothing',
    description: 'does nothing',
    seed: 9,
    parameters: { pause: '1500ms' },
    bench: { name: 'dead', kind: 'virtual' },
    startedAt: '2020-01-01T00:00:00.000Z',
  });
});
