/** The drivers with which a command starts a board. */
import type { Device } from '../drivers/pi/device.js';
import type { StartDrivers } from '../drivers/pi/flash/open-control.js';
import { openOpenDrainLine } from '../drivers/pi/gpio/open-lines.js';
import { RigError } from '../rig/errors.js';
import type { Hand } from './by-hand.js';

export function startDrivers({ file, session, open }: Hand): StartDrivers {
  const { context } = session;
  return {
    openLine: (config, name) => openOpenDrainLine(config, name),
    openReset: (reset) => opened(open.reset({ ...file, reset }, context)),
    openPower: (power) => opened(open.power({ ...file, power }, context)),
  };
}

/** Does the work with a device, and closes that whatever happens. */
export async function closing<Opened extends Device, Result>(
  device: Opened,
  work: (device: Opened) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(device);
  } finally {
    await device.close();
  }
}

/** Ports are undefined only where the bench file has no section for them. */
function opened<Port>(opening: Promise<Port> | undefined): Promise<Port> {
  return opening ?? Promise.reject(new RigError('USAGE', 'The bench file has no section for that.'));
}
