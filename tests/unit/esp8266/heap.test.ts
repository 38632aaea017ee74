/** The heap that the board presents: what counts, when garbage is collected, and when an allocation fails. */
import test from 'ava';
import { HEAP_BYTES, Heap } from '../../../drivers/virtual/esp8266/chip/heap.js';

/** An interpreter's allocator that counts. */
function counting() {
  const state = { live: 50_000, garbage: 0, granted: 0, collections: 0 };
  const heap = new Heap({
    allocated: () => state.live + state.garbage,
    collect: () => {
      state.garbage = 0;
      state.collections += 1;
    },
    grant: (bytes) => {
      state.granted = bytes;
    },
  });
  return { state, heap };
}

test('what the program has allocated since it started counts, code that it loads aside', (t) => {
  const { state, heap } = counting();
  heap.startProgram();
  t.is(heap.used(), 0);
  state.live += 1_000;
  state.garbage = 500;
  t.is(heap.used(), 1_500);
  heap.codeLoading();
  state.live += 100_000;
  t.false(heap.isExhausted(50_000, false), 'code knows no limit');
  heap.codeLoaded();
  t.is(heap.used(), 1_000);
  t.is(state.granted, HEAP_BYTES - 1_000);
  state.garbage = HEAP_BYTES;
  t.is(heap.used(), 1_000, 'a heap full of garbage would have been collected');
});

test('an allocation fails when it does not fit once the garbage is gone', (t) => {
  const { state, heap } = counting();
  heap.startProgram();
  state.live += 20_000;
  state.garbage = 16_000;
  t.false(heap.isExhausted(10_000, false));
  t.is(state.granted, HEAP_BYTES - 20_000);
  t.true(heap.isExhausted(HEAP_BYTES - 20_000 + 1, false));
  t.is(state.granted, HEAP_BYTES - 20_000, 'what is smaller may still fit');
});

test('a block may grow into the last of the heap, and no further', (t) => {
  const { state, heap } = counting();
  heap.startProgram();
  state.live += HEAP_BYTES - 100;
  t.false(heap.isExhausted(20_000, true));
  t.is(state.granted, 20_000);
  state.live += 200;
  t.true(heap.isExhausted(20_000, true));
  t.is(state.granted, 0);
});
