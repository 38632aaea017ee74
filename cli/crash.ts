/**
 * What is thrown where nobody catches it. A virtual bench ends with the process; a physical one is first made safe, as
 * far as the process still can, in bounded time.
 */
import { exitStatus } from '../rig/run/outcome.js';
import type { Redactor } from '../rig/run/redaction.js';
import { reportError } from './errors.js';
import type { Surroundings } from './surroundings.js';

/** What a run needs at most to end and to leave its bench safe: some steps of teardown may each wait out their bound. */
const SAFE_LIMIT_MS = 60_000;

export interface CrashOptions {
  /** There is hardware that must be made safe. */
  readonly isPhysical: boolean;
  readonly redactor: Redactor;
  /** Runs before the process is ended from here. */
  readonly lastWill: (error: unknown) => void;
}

export interface CrashWatch {
  /** Aborted, with what was thrown as its reason, when a run on hardware must end because of it. */
  readonly signal: AbortSignal;
  release(): void;
}

export function listenForCrashes(surroundings: Surroundings, options: CrashOptions): CrashWatch {
  const crash = new AbortController();
  let deadline: NodeJS.Timeout | undefined;
  const exit = (error: unknown) => {
    options.lastWill(error);
    surroundings.exitNow(exitStatus.ERROR);
  };
  const stopListening = surroundings.onCrash((error) => {
    reportError(error, surroundings, options.redactor);
    if (!options.isPhysical) exit(error);
    if (crash.signal.aborted) return;
    crash.abort(error);
    deadline = setTimeout(() => {
      surroundings.errors.write(
        'rig: the bench could not be made safe in time; the next command on it puts right what is left.\n',
      );
      exit(error);
    }, SAFE_LIMIT_MS);
  });
  return {
    signal: crash.signal,
    release: () => {
      clearTimeout(deadline);
      stopListening();
    },
  };
}
