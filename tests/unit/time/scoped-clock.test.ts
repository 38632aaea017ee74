/** A scope names the timers that were made through it, and no others. */
import test from 'ava';
import { ScopedClock } from '../../../rig/time/scoped-clock.js';
import { instant, later, ms, seconds, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';

test('only the timers of the scope are pending in it, whatever else its clock holds', async (t) => {
  const bench = new VirtualClock();
  const scope = new ScopedClock(bench);
  const other = new ScopedClock(bench);
  bench.at("the bench's own", instant(10), () => undefined);
  other.at("the other scope's", instant(10), () => undefined);
  scope.at('mine', instant(10), () => undefined);
  const abort = new AbortController();
  const sleeping = scope.sleep('my sleep', seconds(1), abort.signal).catch(() => 'cancelled');
  t.deepEqual(scope.pending(), ['mine', 'my sleep']);
  t.deepEqual(other.pending(), ["the other scope's"]);
  await bench.run(() => bench.sleep('on', us(20)));
  t.deepEqual(scope.pending(), ['my sleep']);
  abort.abort();
  t.is(await sleeping, 'cancelled');
  t.deepEqual(scope.pending(), []);
});

test('a timer tells the due time that its clock gave it', async (t) => {
  const bench = new VirtualClock();
  await bench.run(async () => {
    await bench.sleep('on', ms(1));
    const scope = new ScopedClock(bench);
    t.is(scope.now(), bench.now());
    t.is(scope.at('past', instant(3), () => undefined).dueUs, bench.now());
    t.is(scope.at('future', later(bench.now(), ms(5)), () => undefined).dueUs, instant(6_000));
  });
});
