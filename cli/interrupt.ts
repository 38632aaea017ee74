/** Ctrl-C: the first ends the run in good order, the second skips waiting, a third ends the process. */

import { exitStatus } from '../rig/run/outcome.js';
import type { Surroundings } from './surroundings.js';

/** After a second Ctrl-C, how long teardown may still take where nothing outlives the process. */
export const HURRY_LIMIT_MS = 2_000;
/** The same where hardware must be left safe: each of a dozen steps is then waited for a few seconds at most. */
export const PHYSICAL_HURRY_LIMIT_MS = 30_000;

/** Said when a process ends although its bench is not safe. */
export const NOT_SAFE =
  'ended before the bench was safe. The next command on it puts right what is left; until then, look after it.';

const RUN_NOTICE = 'stopping after teardown; press Ctrl-C again to skip waiting.';

export interface Interrupt {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Aborted by the second. */
  readonly hurry: AbortSignal;
  /** Stops listening. */
  release(): void;
}

export interface InterruptOptions {
  /** Said at the first, instead of what is said of a run. */
  readonly notice?: string;
  /** How long teardown may still take after the second. */
  readonly hurryLimitMs: number;
  /** Runs before the process is ended from here. */
  readonly lastWill: () => void;
}

/** Listens for interrupts: Ctrl-C, a request to end, a terminal that is closed. */
export function listenForInterrupts(
  surroundings: Surroundings,
  { notice, hurryLimitMs, lastWill }: InterruptOptions,
): Interrupt {
  const stop = new AbortController();
  const hurry = new AbortController();
  let deadline: NodeJS.Timeout | undefined;
  const exit = () => {
    lastWill();
    surroundings.exitNow(exitStatus.ABORTED);
  };
  const stopListening = surroundings.onInterrupt(() => {
    if (!stop.signal.aborted) {
      surroundings.errors.write(`rig: ${notice ?? RUN_NOTICE}\n`);
      stop.abort();
    } else if (!hurry.signal.aborted) {
      hurry.abort();
      deadline = setTimeout(exit, hurryLimitMs);
    } else exit();
  });
  return {
    signal: stop.signal,
    hurry: hurry.signal,
    release: () => {
      clearTimeout(deadline);
      stopListening();
    },
  };
}
