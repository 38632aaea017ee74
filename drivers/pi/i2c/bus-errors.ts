/** What an error of `/dev/i2c-N` means, and what to do next (Linux: Documentation/i2c/fault-codes.rst). */
import { messageOf, RigError } from '../../../rig/errors.js';
import { deviceError, errnoCode, type NextSteps } from '../device.js';

export const deviceOf = (bus: number): string => `/dev/i2c-${bus}`;
export const addressText = (address: number): string => `0x${address.toString(16).padStart(2, '0')}`;

/**
 * Errors by which adapters tell that an address or a byte was not acknowledged: ENXIO by the fault codes above,
 * EREMOTEIO by i2c-bcm2835, EIO for a data byte by i2c-algo-bit (i2c-gpio).
 */
const NOT_ACKNOWLEDGED = new Set(['ENXIO', 'EREMOTEIO', 'EIO']);

const busSteps: NextSteps = {
  ENOENT:
    'There is no such bus: enable it (sudo raspi-config nonint do_i2c 0, or dtparam=i2c_arm=on in config.txt, and ' +
    'reboot; a module may be missing: sudo modprobe i2c-dev), and compare with ls /dev/i2c-*.',
  EACCES: 'Join the group that owns it (sudo usermod -aG i2c "$USER") and log in again.',
  EPERM: 'Join the group that owns it (sudo usermod -aG i2c "$USER") and log in again.',
  EAGAIN: 'Another controller drives the bus, or a line is held low: check the wiring.',
};

/** The bus itself cannot be used: `BENCH`. */
export const busError = (bus: number, error: unknown): RigError =>
  deviceError(deviceOf(bus), error, busSteps);

/** The bus failed in use and cannot be opened again: `BENCH`. */
export function goneError(bus: number, failure: unknown, reopening: unknown): RigError {
  return new RigError(
    'BENCH',
    `${deviceOf(bus)} went away in use (${messageOf(failure)}; and then: ${messageOf(reopening)}) ` +
      'Check the cable of the adapter, and dmesg.',
    { cause: failure },
  );
}

/** The bus is there; the transfer with `address` failed. */
export function transferError(bus: number, address: number, error: unknown): RigError {
  const where = `${deviceOf(bus)}, address ${addressText(address)}`;
  if (NOT_ACKNOWLEDGED.has(errnoCode(error) ?? '')) {
    const message = `${where}: not acknowledged. Is the device there, powered, and at this address?`;
    return new RigError('PROTOCOL', message, { cause: error });
  }
  if (errnoCode(error) === 'ETIMEDOUT') {
    const message = `${where}: a transfer never ended; something holds SCL or SDA low. Check the pull-ups and the device.`;
    return new RigError('TIMEOUT', message, { cause: error });
  }
  const driver = `/sys/bus/i2c/devices/${bus}-${address.toString(16).padStart(4, '0')}/driver`;
  return deviceError(where, error, {
    ...busSteps,
    EBUSY: `A kernel driver has this address (ls -l ${driver}): unload it, or remove its overlay from config.txt.`,
  });
}
