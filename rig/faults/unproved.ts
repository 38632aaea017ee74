/** The error of a fault that may not have happened: nothing can be concluded from it. */
import { RigError } from '../errors.js';
import type { ActiveFault } from './fault-log.js';

export function unproved(fault: ActiveFault, why: string): RigError {
  return new RigError('INVALID', `Fault ${fault.number} (${fault.kind}) was not proved: ${why}.`);
}
