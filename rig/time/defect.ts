/** What a timer's callback throws is a defect of the rig, whatever clock it was on. */
import { messageOf, RigError } from '../errors.js';

/** As `BENCH`, naming the timer; an error of the rig stays what it is. */
export const timerDefect = (name: string, error: unknown): RigError =>
  error instanceof RigError
    ? error
    : new RigError('BENCH', `The timer "${name}" failed: ${messageOf(error)}`, { cause: error });
