/**
 * What is promised of each kind of message: the rig's firmware keeps it, and firmware that breaks one promise of a kind
 * that `steady` does not have passes `steady` and fails.
 */
import test, { type ExecutionContext } from 'ava';
import type { ParameterDeclarations, ParameterValues, Scenario } from '../../rig/run/scenario.js';
import { ms } from '../../rig/time/units.js';
import { burst } from '../../scenarios/burst.js';
import { qosMatrix } from '../../scenarios/qos-matrix.js';
import { steady } from '../../scenarios/steady.js';
import { type Flash, rehearse, spoiled } from './rehearsal.js';

const matrix = { scenario: qosMatrix, parameters: { messages: 50, outages: 1 }, seed: 7 };
/** More than one message of a stream on its way when the outage begins. */
const dense = { ...matrix, parameters: { messages: 60, period: ms(700), outages: 1 } };
const bursts = { scenario: burst, parameters: { messages: 120, outages: 1 }, seed: 7 };

test.serial(
  'qos-matrix passes: an outage costs messages without qos at its start, and no others',
  async (t) => {
    const { result } = await rehearse(matrix);
    t.is(result.outcome, 'PASS', result.reason);
    t.is(result.streams.length, 8);
    const lost = result.streams.map((stream) => stream.lost);
    t.deepEqual([lost[0], lost[1], lost[4], lost[5]], [0, 0, 0, 0], 'with qos');
    const injectedMs = result.faults[0]?.injectedAtMs ?? 0;
    t.true(result.losses.length > 0, 'something was on its way');
    for (const { dueMs, fault } of result.losses) {
      t.is(fault, 1);
      t.true(dueMs > injectedMs - 500 && dueMs < injectedMs + 3_000);
    }
  },
);

test.serial('burst passes: four at a time, each arrives once', async (t) => {
  const { result, events } = await rehearse(bursts);
  t.is(result.outcome, 'PASS', result.reason);
  for (const stream of result.streams) {
    t.is(stream.delivered, 120);
    t.is(stream.lost + stream.duplicated + stream.corrupted + stream.unsent, 0);
  }
  const due = events.flatMap((event) =>
    event.type === 'message' && event.stream === 'uplink' ? [event.dueUs] : [],
  );
  t.is(new Set(due).size, 30, 'four fall due together');
});

async function fails<P extends ParameterDeclarations>(
  t: ExecutionContext,
  flash: Flash,
  run: {
    readonly scenario: Scenario<P>;
    readonly parameters: Partial<ParameterValues<P>>;
    readonly seed: number;
  },
  reason: RegExp,
): Promise<void> {
  const calm = await rehearse({ scenario: steady, seed: 5, flash, parameters: { messages: 40 } });
  t.is(calm.result.outcome, 'PASS', calm.result.reason);
  const { result } = await rehearse({ ...run, flash });
  t.is(result.outcome, 'FAIL', result.reason);
  t.regex(result.reason ?? '', reason);
}

/** Takes every message for one without qos. */
const careless = spoiled(
  'from link import window\nadd = window.Window.add\n' +
    'window.Window.add = lambda self, mid, line, qos: add(self, mid, line, False)\n',
);

/** Waits for nothing, and after an outage begins with what it was given last. */
const backwards = spoiled(
  'from link import window\nWindow = window.Window\nrestart = Window.restart\n' +
    'def reversed_restart(self):\n    restart(self)\n    self._entries.reverse()\n' +
    'Window.restart = reversed_restart\nadmits = Window.admits\n' +
    'Window.admits = lambda self, mid, wait: admits(self, mid, False)\n',
);

/** Thinks that what is sent once may as well not be sent now and then. */
const lazy = spoiled(
  'from link import window\nadd = window.Window.add\n' +
    'def lazy_add(self, mid, line, qos):\n    if qos or mid % 7: add(self, mid, line, qos)\n' +
    'window.Window.add = lazy_add\n',
);

/** Keeps one message until it is acked, whatever it took before. */
const singleMinded = spoiled(
  'from link import window\nadd = window.Window.add\n' +
    'def add_one(self, mid, line, qos):\n    self._entries.clear()\n    add(self, mid, line, qos)\n' +
    'window.Window.add = add_one\n',
);

test.serial('firmware that ignores qos passes steady and fails qos-matrix', (t) =>
  fails(t, careless, matrix, /lost with qos is \d+ messages|did not recover from fault/),
);

test.serial('firmware that ignores wait passes steady and fails qos-matrix', (t) =>
  fails(t, backwards, dense, /^reordered with qos and wait is \d+ messages/),
);

test.serial('firmware that loses messages without qos at any time passes steady and fails qos-matrix', (t) =>
  fails(t, lazy, matrix, /^lost away from outage starts is \d+ messages/),
);

test.serial('firmware that holds one message at a time passes steady and fails burst', (t) =>
  fails(t, singleMinded, bursts, /lost is \d+ messages|did not recover from fault/),
);

test.serial('firmware that turns bursts around passes burst: order is counted, not judged', async (t) => {
  const { result } = await rehearse({ ...bursts, flash: backwards });
  t.is(result.outcome, 'PASS', result.reason);
  t.true(result.streams.some(({ reordered }) => reordered > 0));
});
