/** Paces virtual time by the wall clock, for `--realtime`. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Pace } from '../rig/time/virtual-clock.js';

export function realtimePace(): Pace {
  const startMs = performance.now();
  return async (dueUs) => {
    const leftMs = dueUs / 1_000 - (performance.now() - startMs);
    if (leftMs > 0) await wait(leftMs);
  };
}
