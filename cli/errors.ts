/** Errors on standard error: clear lines, the stack only for whoever asks for it. */
import { printable } from '../reports/text/printable.js';
import { messageOf, RigError } from '../rig/errors.js';
import { NOTHING_SECRET, type Redactor } from '../rig/run/redaction.js';
import type { Surroundings } from './surroundings.js';

/**
 * `rig: …`, and the stack with `RIG_DEBUG=1`; without the secrets that the `redactor` knows. Of the rig's own errors,
 * which may list several things, lines stay lines; of any other, whose text is of unknown origin, one is made.
 */
export function reportError(
  error: unknown,
  { errors, environment }: Pick<Surroundings, 'errors' | 'environment'>,
  redactor: Redactor = NOTHING_SECRET,
): void {
  const message = redactor.text(messageOf(error));
  const lines = error instanceof RigError ? message.split('\n') : [message];
  errors.write(`rig: ${lines.map(printable).join('\n')}\n`);
  const { RIG_DEBUG } = environment;
  if (RIG_DEBUG === '1' && error instanceof Error && error.stack !== undefined)
    errors.write(`${redactor.text(error.stack)}\n`);
}
