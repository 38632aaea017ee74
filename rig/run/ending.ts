/** How a run ended and who is to blame: the device, the instrument, the bench, or whoever stopped it. */
import { describeTrouble, type StartTrouble } from '../device/start-trouble.js';
import { isRigError, messageOf, RigError } from '../errors.js';
import { judgeMeasurements, judgeRun } from '../measure/limits.js';
import { type DurationUs, toSeconds } from '../time/units.js';
import type { MeasurementDeclaration } from './declarations.js';
import type { Observer } from './observer.js';
import type { Outcome } from './outcome.js';

export interface Ending {
  readonly outcome: Outcome;
  readonly reason?: string;
}

/** Lines of the device's console in the reason of a run that failed. */
const CONSOLE_LINES_SHOWN = 6;

/** The ending of a run that came to its end: by its measurements, unless the instrument is in doubt. */
export function endingOfCompleteRun(
  measurements: readonly MeasurementDeclaration[],
  values: ReadonlyMap<string, number>,
  doubt: string | undefined,
): Ending {
  if (doubt !== undefined) return { outcome: 'INVALID', reason: doubt };
  const judged = judgeMeasurements(measurements, values);
  const outcome = judgeRun(judged);
  const culprits = judged.filter((each) => each.outcome === 'FAIL' || each.outcome === 'UNSET');
  if (culprits.length === 0) return { outcome };
  const named = culprits.map(({ name, value, unit }) =>
    value === null ? `${name} was not measured` : `${name} is ${value} ${unit}`.trimEnd(),
  );
  return { outcome, reason: `${named.join('; ')}.` };
}

/**
 * The ending of a run that was cut short by `error`. With a `doubt` in the instrument, nothing is blamed on the
 * device; what is the bench's own fault stays that.
 */
export function endingOfBrokenRun(error: unknown, observer: Observer, doubt: string | undefined): Ending {
  if (isRigError(error, 'INVALID')) return { outcome: 'INVALID', reason: messageOf(error) };
  if (!isTheDevices(error))
    return { outcome: 'ERROR', reason: `${messageOf(error)}${consoleExcerpt(observer)}` };
  const trouble = observer.starts.trouble();
  const reason = `${messageOf(error)}${named(trouble)}${consoleExcerpt(observer)}`;
  if (trouble?.kind === 'no start') return { outcome: 'ERROR', reason };
  return doubt === undefined
    ? { outcome: 'FAIL', reason }
    : { outcome: 'INVALID', reason: `${doubt} ${reason}` };
}

/** The link did not work within the limit: what was reached of it. */
export function bringUpError(observer: Observer, limit: DurationUs): RigError {
  const reached =
    observer.linkState === 'down' ? 'there was no contact at all' : `the link is ${observer.linkState}`;
  const stopped = observer.stopped === undefined ? '' : `, the device reported ${observer.stopped}`;
  return new RigError(
    'TIMEOUT',
    `The device did not come up within ${toSeconds(limit)} s: ${reached}${stopped}; ` +
      `${observer.boots.total} ROM messages were seen.`,
  );
}

/** A board that does not start is none whose firmware failed. */
function named(trouble: StartTrouble | undefined): string {
  return trouble === undefined ? '' : ` ${describeTrouble(trouble)}`;
}

/** A device that breaks the protocol, or does not answer in time, breaks its contract. */
export function isTheDevices(error: unknown): boolean {
  return isRigError(error, 'TIMEOUT') || isRigError(error, 'PROTOCOL') || isRigError(error, 'CLOSED');
}

function consoleExcerpt(observer: Observer): string {
  const lines = observer.lastWords().slice(-CONSOLE_LINES_SHOWN);
  if (lines.length === 0) return ' The console stayed silent.';
  return ` The console's last lines:\n${lines.map((line) => `  | ${line}`).join('\n')}`;
}
