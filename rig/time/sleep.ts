/** `Clock.sleep` in terms of `Clock.at`, the same for every clock. */
import { RigError } from '../errors.js';
import type { Clock } from './clock.js';
import { type DurationUs, later } from './units.js';

export function sleepOn(
  clock: Pick<Clock, 'now' | 'at'>,
  name: string,
  duration: DurationUs,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelled = () => new RigError('CANCELLED', `The wait "${name}" was cancelled.`);
    if (signal?.aborted) {
      reject(cancelled());
      return;
    }
    const onAbort = () => {
      timer.cancel();
      reject(cancelled());
    };
    const timer = clock.at(name, later(clock.now(), duration), () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
