/** The heap of timers against the obvious reference: a list, sorted by due time, stable. */
import test from 'ava';
import fc from 'fast-check';
import { TimerQueue } from '../../../rig/time/timer-queue.js';
import { instant } from '../../../rig/time/units.js';

interface Reference {
  readonly name: string;
  readonly dueUs: number;
}

type Step =
  | { readonly kind: 'add'; readonly dueUs: number }
  | { readonly kind: 'cancel'; readonly index: number }
  | { readonly kind: 'take' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add'), dueUs: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel'), index: fc.nat(1_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take') }) },
);

/** The first of those due earliest. */
function firstOf(timers: readonly Reference[]): Reference | undefined {
  return timers.reduce<Reference | undefined>(
    (first, timer) => (first === undefined || timer.dueUs < first.dueUs ? timer : first),
    undefined,
  );
}

test('timers come out by due time, and in the order of their scheduling at the same instant', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const queue = new TimerQueue();
      const added: ReturnType<TimerQueue['add']>[] = [];
      let reference: Reference[] = [];
      for (const each of steps) {
        if (each.kind === 'add') {
          const name = `timer ${added.length}`;
          added.push(queue.add(name, instant(each.dueUs), () => undefined));
          reference.push({ name, dueUs: each.dueUs });
        } else if (each.kind === 'cancel') {
          const timer = added[each.index % Math.max(1, added.length)];
          timer?.cancel();
          reference = reference.filter(({ name }) => name !== timer?.name);
        } else {
          const first = firstOf(reference);
          t.is(queue.peek()?.name, first?.name);
          const taken = queue.take();
          t.is(taken?.name, first?.name);
          if (taken !== undefined) taken.callback = undefined;
          reference = reference.filter((timer) => timer !== first);
        }
        t.deepEqual(
          queue
            .pending()
            .map(({ name }) => name)
            .sort(),
          reference.map(({ name }) => name).sort(),
        );
      }
      for (let first = firstOf(reference); first !== undefined; first = firstOf(reference)) {
        t.is(queue.take()?.name, first.name);
        reference.splice(reference.indexOf(first), 1);
      }
      t.is(queue.take(), undefined);
    }),
    { numRuns: 200 },
  );
});

test('timers that are cancelled by the thousand do not pile up', (t) => {
  const queue = new TimerQueue();
  const kept = queue.add('kept', instant(1_000_000), () => undefined);
  for (let index = 0; index < 10_000; index += 1) {
    queue.add(`cancelled ${index}`, instant(2_000_000 + index), () => undefined).cancel();
  }
  t.deepEqual(queue.pending(), [kept]);
  t.is(queue.take(), kept);
  t.is(queue.take(), undefined);
});

test('to cancel a timer twice, or one that has been taken and run, changes nothing', (t) => {
  const queue = new TimerQueue();
  const first = queue.add('first', instant(1), () => undefined);
  const second = queue.add('second', instant(2), () => undefined);
  const taken = queue.take();
  t.is(taken, first);
  first.callback = undefined;
  first.cancel();
  second.cancel();
  second.cancel();
  t.is(queue.peek(), undefined);
  const third = queue.add('third', instant(3), () => undefined);
  t.is(queue.take(), third);
});
