/** Message ids: the sender's sequence and the receiver's memory. */
import test from 'ava';
import fc from 'fast-check';
import { Inbox } from '../../../rig/server/inbox.js';
import { MidSequence, midDistance, SeenMids } from '../../../rig/server/mids.js';
import { MID_SPAN_LIMIT } from '../../../rig/server/outbox.js';
import { mids as vectors } from '../../fixtures/vectors/vectors.js';

function sequence(length: number): number[] {
  const mids = new MidSequence();
  return Array.from({ length }, () => mids.next());
}

test('0 comes once, then 1 to 255 for ever', (t) => {
  const { take, first, at } = vectors.sequence;
  const mids = sequence(take);
  t.deepEqual(mids.slice(0, first.length), first);
  for (const [index, mid] of at) t.is(mids[index], mid);
  t.is(mids.indexOf(0, 1), -1);
});

for (const { name, receive, isNew } of vectors.seen) {
  test(`the inbox ${name}`, (t) => {
    const inbox = new Inbox();
    t.deepEqual(
      receive.map(([mid, text]) => inbox.isNew(mid, text)),
      isNew,
    );
  });
}

test('setting a flag clears the byte of flags 128 away', (t) => {
  const seen = new SeenMids();
  for (const mid of [7, 8, 15, 16]) seen.note(mid);
  seen.note(8 + 128);
  t.deepEqual(
    [7, 8, 15, 16].map((mid) => seen.has(mid)),
    [true, false, false, true],
  );
});

test('the distance counts the steps of the sequence', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 200 }), (from, steps) => {
      const mids = sequence(from + steps + 1);
      const oldest = mids[from] ?? -1;
      const newest = mids[from + steps] ?? -1;
      // From 0 itself the wrap cannot be told, and need not be: nothing stays unacknowledged that long.
      t.true(midDistance(oldest, newest) === steps || (oldest === 0 && from + steps > 255));
    }),
  );
});

test('every message is new once, however late within the span and however often it is repeated', (t) => {
  const repetitions = fc.array(
    fc.record({ at: fc.nat({ max: 1_499 }), back: fc.integer({ min: 0, max: MID_SPAN_LIMIT }) }),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(repetitions, (repeats) => {
      const mids = sequence(1_500);
      const inbox = new Inbox();
      const backAt = new Map<number, number[]>();
      for (const { at, back } of repeats) backAt.set(at, [...(backAt.get(at) ?? []), back]);
      const note = (index: number): boolean => inbox.isNew(mids[index] ?? -1, `text ${index}`);
      mids.forEach((_mid, index) => {
        if (!note(index)) throw new Error(`message ${index} was taken for a repetition`);
        for (const back of backAt.get(index) ?? []) {
          if (index >= back && note(index - back)) throw new Error(`message ${index - back} was taken twice`);
        }
      });
      return true;
    }),
    { numRuns: 50 },
  );
  t.pass();
});

test('messages that arrive out of order within the span are each new once', (t) => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: MID_SPAN_LIMIT }), (seed, width) => {
      const inbox = new Inbox();
      const mids = sequence(1_024);
      for (let start = 1; start < mids.length; start += width) {
        const window = mids.slice(start, start + width);
        const turn = Math.abs(seed) % window.length;
        const shuffled = [...window.slice(turn), ...window.slice(0, turn)].reverse();
        for (const mid of shuffled) if (!inbox.isNew(mid, String(mid))) return false;
        for (const mid of window) if (inbox.isNew(mid, String(mid))) return false;
      }
      return true;
    }),
    { numRuns: 50 },
  );
  t.pass();
});
