/** Waits until a fault is over, for as long as any healthy link could need. */
import { RigError } from '../errors.js';
import type { FaultTimes } from '../run/scenario.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, later, seconds, toSeconds } from '../time/units.js';
import type { ActiveFault, FaultLog } from './fault-log.js';

/** From the end of a fault to fresh messages on every stream. Far above any recovery of a healthy link. */
export const RECOVERY_LIMIT: DurationUs = seconds(180);

export interface RecoveryOptions {
  readonly clock: Clock;
  readonly log: FaultLog;
  /** Aborts the wait. */
  readonly signal: AbortSignal;
}

/** Resolves when the fault is over. Rejects with `TIMEOUT` when the link does not recover. */
export async function awaitRecovery(
  fault: ActiveFault,
  { clock, log, signal }: RecoveryOptions,
): Promise<FaultTimes> {
  if (fault.recoveredUs !== undefined) return fault.times();
  await new Promise<void>((resolve, reject) => {
    const settle = () => {
      timer.cancel();
      signal.removeEventListener('abort', abort);
    };
    const abort = () => {
      settle();
      reject(new RigError('CANCELLED', 'The wait for recovery was cancelled.'));
    };
    const timer = clock.at('recovery limit', later(clock.now(), RECOVERY_LIMIT), () => {
      settle();
      log.abandon();
      reject(notRecovered(fault));
    });
    fault.onRecovered = () => {
      settle();
      resolve();
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  return fault.times();
}

function notRecovered(fault: ActiveFault): RigError {
  const seen = [...fault.steps.keys()].join(', ') || 'nothing';
  return new RigError(
    'TIMEOUT',
    `The link did not recover from fault ${fault.number} (${fault.kind}) within ` +
      `${toSeconds(RECOVERY_LIMIT)} s. Seen of it: ${seen}.`,
  );
}
