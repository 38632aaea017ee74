/** A binary heap of timers, ordered by due time and, at the same instant, by when they were scheduled. */
import type { Timer } from './clock.js';
import type { InstantUs } from './units.js';

export class QueuedTimer implements Timer {
  readonly name: string;
  readonly dueUs: InstantUs;
  readonly order: number;
  /** Undefined once it has run or was cancelled. */
  callback: (() => void) | undefined;
  private readonly queue: TimerQueue;

  constructor(queue: TimerQueue, name: string, dueUs: InstantUs, order: number, callback: () => void) {
    this.queue = queue;
    this.name = name;
    this.dueUs = dueUs;
    this.order = order;
    this.callback = callback;
  }

  cancel(): void {
    if (this.callback === undefined) return;
    this.callback = undefined;
    this.queue.noteCancelled();
  }
}

const before = (a: QueuedTimer, b: QueuedTimer): boolean =>
  a.dueUs < b.dueUs || (a.dueUs === b.dueUs && a.order < b.order);

export class TimerQueue {
  private heap: QueuedTimer[] = [];
  private cancelled = 0;
  private scheduled = 0;

  add(name: string, dueUs: InstantUs, callback: () => void): QueuedTimer {
    const timer = new QueuedTimer(this, name, dueUs, this.scheduled++, callback);
    this.heap.push(timer);
    this.siftUp(this.heap.length - 1);
    return timer;
  }

  /** The timer that is due first, left in the queue. */
  peek(): QueuedTimer | undefined {
    this.dropCancelledHead();
    return this.heap[0];
  }

  /** Takes the timer that is due first. */
  take(): QueuedTimer | undefined {
    this.dropCancelledHead();
    return this.removeHead();
  }

  /** Pending timers, in no particular order. */
  pending(): QueuedTimer[] {
    return this.heap.filter((timer) => timer.callback !== undefined);
  }

  /** Cancelled timers stay in the heap until they reach its head; when they outnumber the rest, sweep. */
  noteCancelled(): void {
    this.cancelled += 1;
    if (this.cancelled < 64 || this.cancelled * 2 < this.heap.length) return;
    const kept = this.pending();
    this.heap = [];
    this.cancelled = 0;
    for (const timer of kept) {
      this.heap.push(timer);
      this.siftUp(this.heap.length - 1);
    }
  }

  private dropCancelledHead(): void {
    while (this.heap.length > 0 && this.heap[0]?.callback === undefined) {
      this.removeHead();
      this.cancelled -= 1;
    }
  }

  private removeHead(): QueuedTimer | undefined {
    const head = this.heap[0];
    const last = this.heap.pop();
    if (last !== undefined && last !== head) {
      this.heap[0] = last;
      this.siftDown();
    }
    return head;
  }

  private siftUp(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  private siftDown(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const leftTimer = this.heap[left];
      const rightTimer = this.heap[right];
      if (leftTimer === undefined) return;
      const child = rightTimer !== undefined && before(rightTimer, leftTimer) ? right : left;
      if (!this.swapIfBefore(child, index)) return;
      index = child;
    }
  }

  /** Swaps when the timer at `a` is due before the one at `b`; tells whether it did. */
  private swapIfBefore(a: number, b: number): boolean {
    const timerA = this.heap[a];
    const timerB = this.heap[b];
    if (timerA === undefined || timerB === undefined || !before(timerA, timerB)) return false;
    this.heap[a] = timerB;
    this.heap[b] = timerA;
    return true;
  }
}
