/** What a run keeps of its reports and of broken promises, however long it is. */
import test from 'ava';
import { MemoryWatch, REPORTS_KEPT } from '../../../rig/run/memory-watch.js';
import { PromiseTally } from '../../../rig/run/promise-tally.js';
import { instant, seconds } from '../../../rig/time/units.js';

const at = (s: number) => instant(seconds(s));

test('free memory counts between faults, from the first fault of a life on', (t) => {
  const watch = new MemoryWatch();
  const report = (atS: number, bytes: number, life = 1, isSteady = true) =>
    watch.reported(at(atS), bytes, life, isSteady);
  for (let s = 0; s < 100; s += 10) report(s, 30_000 - 20 * s);
  t.is(watch.trend().slope, undefined, 'before the first fault');
  watch.struck(1);
  report(100, 9_000, 1, false);
  for (let s = 110; s < 300; s += 10) report(s, 25_000 - s);
  for (let s = 300; s < 400; s += 10) report(s, 30_000 + 50 * s, 2);
  const { slope, leastBytes } = watch.trend();
  t.is(leastBytes, 9_000);
  t.is(slope?.readings, 19, 'none of the next life, which no fault has struck yet');
  t.true(Math.abs((slope?.perS ?? 0) + 1) < 1e-9);
});

test('of too many reports every other one is dropped, and the whole run stays covered', (t) => {
  const watch = new MemoryWatch();
  watch.struck(1);
  for (let index = 0; index < 10 * REPORTS_KEPT; index += 1) {
    watch.reported(at(10 * index), index < 9 * REPORTS_KEPT ? 20_000 : 10_000, 1, true);
  }
  const { slope } = watch.trend();
  t.true((slope?.readings ?? 0) <= REPORTS_KEPT && (slope?.readings ?? 0) > REPORTS_KEPT / 4);
  t.true((slope?.perS ?? 0) < 0, 'the end is seen');
});

test('what fell due shortly before a start, or in a fault with one, went with the memory', (t) => {
  const tally = new PromiseTally();
  const lost = (dueS: number, boot: number, fault?: number) =>
    tally.message({
      verdict: 'lost',
      boot,
      dueUs: at(dueS),
      ...(fault !== undefined && { fault }),
    });
  tally.lostMemory(1, at(100), 4);
  lost(50, 1);
  lost(90, 1);
  lost(120, 2, 4);
  lost(120, 2, 5);
  tally.duplicated(4);
  tally.duplicated(undefined);
  tally.message({ verdict: 'delivered', reordered: true, boot: 2, dueUs: at(130) });
  tally.message({ verdict: 'delivered', boot: 2, dueUs: at(131) });
  t.deepEqual(tally.counts(), {
    broken: { lost: 2, duplicated: 1, reordered: 1 },
    excused: { lost: 2, duplicated: 1, reordered: 0 },
  });
});
