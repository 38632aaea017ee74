/** What the drivers of real devices have in common: how they are closed, how packages load, how errors are told. */
import { messageOf, RigError } from '../../rig/errors.js';

/** A driver that has been opened. */
export interface Device {
  /** Leaves the device safe and lets go of it; whoever waits on it is rejected with `CLOSED`. May be called twice. */
  close(): Promise<void>;
}

export type Opened<Port> = Port & Device;

/**
 * Loads a hardware package when it is needed. Rejects with `BENCH`, naming the line that installs it, when it is
 * missing or was not built for this machine.
 */
export async function loadPackage<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    throw new RigError(
      'BENCH',
      `The package "${name}" cannot be loaded (${firstLine(messageOf(error))}). Install it where the rig is ` +
        `installed: npm install ${name}`,
      { cause: error },
    );
  }
}

/** What to do next about an error of the operating system, by its code; drivers add or replace what they know better. */
export type NextSteps = Readonly<Partial<Record<string, string>>>;

const generalSteps: NextSteps = {
  ENOENT: 'It is not there: check the name, the cable, and that its driver is loaded.',
  ENODEV: 'It is not there any more: check the cable.',
  ENXIO: 'It is not there any more: check the cable.',
  EACCES: 'This user may not open it: join the group that owns it (ls -l shows which) and log in again.',
  EPERM: 'This user may not do that: join the group that owns it (ls -l shows which) and log in again.',
  EBUSY: 'Something else uses it: stop that program or the driver that holds it.',
};

/** An error of the operating system as `BENCH`: which device, what went wrong, what to do next. */
export function deviceError(device: string, error: unknown, steps: NextSteps = {}): RigError {
  const code = errnoCode(error);
  const step = code === undefined ? undefined : (steps[code] ?? generalSteps[code]);
  const what = firstLine(messageOf(error));
  return new RigError('BENCH', `${device}: ${what}.${step === undefined ? '' : ` ${step}`}`, {
    cause: error,
  });
}

/** `ENOENT` and its like, also where a package has it only in the text of its message. */
export function errnoCode(error: unknown): string | undefined {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return /\bE[A-Z]{3,}\b/.exec(messageOf(error))?.[0];
}

const firstLine = (text: string): string => (text.split('\n', 1)[0] ?? '').replace(/[.\s]+$/, '');
