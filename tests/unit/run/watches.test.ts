/** The watches over the instrument itself, on a clock that is late now and then. */
import test from 'ava';
import type { InputLine } from '../../../rig/ports.js';
import type { RunEventBody } from '../../../rig/run/events.js';
import { InstrumentWatch } from '../../../rig/run/instrument-watch.js';
import { StallWatch } from '../../../rig/run/stall-watch.js';
import { ms, seconds, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { StallingClock } from '../../fixtures/link/stalling-clock.js';
import { makeObserver } from './observer-rig.js';

function setUp() {
  const virtual = new VirtualClock();
  const clock = new StallingClock(virtual);
  const events: RunEventBody[] = [];
  const { observer } = makeObserver();
  const line = { missedEdges: 0 };
  const ack: InputLine = {
    get missedEdges() {
      return line.missedEdges;
    },
    read: async () => 0,
    nextEdge: () => new Promise(() => undefined),
    discardEdges: () => undefined,
  };
  const watch = new InstrumentWatch({
    clock,
    ack,
    observer,
    floorUs: us(560),
    emit: (body) => events.push(body),
  });
  return { virtual, clock, events, observer, line, watch };
}

test('a clock that is on time shows no stall', async (t) => {
  const virtual = new VirtualClock();
  const watch = new StallWatch(virtual);
  await virtual.run(() => virtual.sleep('run', seconds(5)));
  t.is(watch.maxUs, us(0));
  watch.stop();
  t.deepEqual(virtual.pending(), []);
});

test('the longest stall is kept', async (t) => {
  const virtual = new VirtualClock();
  const clock = new StallingClock(virtual);
  const watch = new StallWatch(clock);
  await virtual.run(async () => {
    for (const stall of [ms(400), ms(900), ms(300)]) {
      clock.stall(stall);
      await virtual.sleep('run', seconds(2));
    }
  });
  // Up to one period of 250 ms of a stall passes before the timer falls due.
  t.true(watch.maxUs > ms(650) && watch.maxUs <= ms(900), String(watch.maxUs));
});

test('a stall is seen before the timer that it delays has run', async (t) => {
  const virtual = new VirtualClock();
  const clock = new StallingClock(virtual);
  const watch = new StallWatch(clock);
  clock.stall(seconds(3));
  await virtual.run(() => virtual.sleep('run', seconds(2)));
  t.true(watch.maxUs >= ms(1_750), String(watch.maxUs));
  watch.stop();
  await virtual.run(() => virtual.sleep('run', seconds(20)));
  t.true(watch.maxUs < ms(1_800));
});

test("the instrument's condition is reported every ten seconds and at the end, and nothing is left", async (t) => {
  const { virtual, events, observer, watch } = setUp();
  observer.sawExchange(ms(2), true);
  observer.sawExchange(ms(5), true);
  observer.sawExchange(ms(9), false);
  await virtual.run(() => virtual.sleep('run', seconds(25)));
  t.is(events.length, 2);
  watch.stop();
  t.is(events.length, 3);
  t.deepEqual(events[2], {
    type: 'instrument',
    stallMaxUs: us(0),
    missedEdges: 0,
    exchange: { count: 2, totalUs: ms(7), maxUs: ms(5), failed: 1 },
    floorUs: us(560),
  });
  t.is(watch.doubt(), undefined);
  t.deepEqual(virtual.pending(), []);
});

test('missed edges, stalls of the exchange and long stalls are doubts; short ones are not', async (t) => {
  const missed = setUp();
  missed.line.missedEdges = 3;
  t.regex(missed.watch.doubt() ?? '', /3 edges of the ack line were missed/);

  const host = setUp();
  host.observer.sawHostStall(ms(700));
  t.regex(host.watch.doubt() ?? '', /stalled 1 times while the device waited/);

  for (const [stall, doubted] of [
    [ms(450), false],
    [ms(900), true],
  ] as const) {
    const { virtual, clock, watch } = setUp();
    clock.stall(stall);
    await virtual.run(() => virtual.sleep('run', seconds(2)));
    t.is(watch.doubt() !== undefined, doubted, String(stall));
    watch.stop();
    t.is(watch.doubt() !== undefined, doubted);
  }
});
