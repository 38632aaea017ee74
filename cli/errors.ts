/** Errors on standard error: one clear line each, the stack only for whoever asks for it. */
import { printable } from '../reports/text/printable.js';
import { messageOf } from '../rig/errors.js';
import type { Surroundings } from './surroundings.js';

/** `rig: …`, and the stack with `RIG_DEBUG=1`. */
export function reportError(error: unknown, { errors, environment }: Surroundings): void {
  errors.write(`rig: ${printable(messageOf(error))}\n`);
  const { RIG_DEBUG } = environment;
  if (RIG_DEBUG === '1' && error instanceof Error && error.stack !== undefined)
    errors.write(`${error.stack}\n`);
}
