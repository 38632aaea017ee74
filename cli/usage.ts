/** Wrong usage: one line that says what, where and what to do next; the command ends with exit status 2. */
import { RigError } from '../rig/errors.js';

/** Exit status for wrong usage or configuration. */
export const USAGE_STATUS = 2;

export const usageError = (message: string, options?: ErrorOptions): RigError =>
  new RigError('USAGE', message, options);
