/**
 * Open-loop traffic: message `i` of a stream is due at `start + i × period`, whatever happened to the ones
 * before (with bursts, `start + ⌊i / burst⌋ × period`). A generator that waited for the system under test would not see its pauses ("coordinated omission").
 */
import type { StreamDeclaration } from '../run/declarations.js';
import type { Clock, Timer } from '../time/clock.js';
import { type DurationUs, elapsed, type InstantUs, instant, us } from '../time/units.js';

/** Called once for each message, in order, with the instant at which it was due, which may be past. */
export type OnDue = (stream: string, sequence: number, dueUs: InstantUs) => void;

export interface OpenLoop {
  /** Resolves after the last message, or when stopped. */
  readonly done: Promise<void>;
  /** Messages that fell due so far. */
  readonly count: number;
  /** By how much the host was late at most: its own stalls, not the device's. */
  readonly lateMaxUs: DurationUs;
  /** No message falls due any more, and no timer is left. */
  stop(): void;
}

/**
 * Starts a stream's traffic. One timer is pending at a time. A host that was late catches up at once: the
 * messages that it owes all come, each with the instant at which it was due.
 */
export function startOpenLoop(options: {
  readonly clock: Clock;
  readonly stream: Pick<StreamDeclaration, 'name' | 'periodUs' | 'burst' | 'count'>;
  readonly startUs: InstantUs;
  readonly onDue: OnDue;
}): OpenLoop {
  const { clock, stream, startUs, onDue } = options;
  let next = 0;
  let lateMaxUs = us(0);
  let timer: Timer | undefined;
  let stopped = false;
  const { promise: done, resolve: finish } = withResolvers();

  const { burst = 1 } = stream;
  const dueAt = (sequence: number): InstantUs =>
    instant(startUs + Math.floor(sequence / burst) * stream.periodUs);
  const tick = (): void => {
    while (!stopped && next < stream.count && dueAt(next) <= clock.now()) {
      lateMaxUs = us(Math.max(lateMaxUs, elapsed(dueAt(next), clock.now())));
      const sequence = next;
      next += 1;
      onDue(stream.name, sequence, dueAt(sequence));
    }
    if (stopped) return;
    if (next >= stream.count) finish();
    else timer = clock.at(`traffic ${stream.name}`, dueAt(next), tick);
  };

  if (stream.count > 0) timer = clock.at(`traffic ${stream.name}`, startUs, tick);
  else finish();
  return {
    done,
    get count() {
      return next;
    },
    get lateMaxUs() {
      return lateMaxUs;
    },
    stop() {
      stopped = true;
      timer?.cancel();
      finish();
    },
  };
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
