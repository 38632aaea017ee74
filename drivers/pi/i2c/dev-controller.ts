/** The host as I2C controller on `/dev/i2c-N`, by the package `i2c-bus`. */
import type { I2cController } from '../../../rig/ports.js';
import type { Opened } from '../device.js';
import { hostBuses, type I2cBuses } from './shared-bus.js';

/**
 * Opens the bus and probes it. Rejects with `BENCH` where it is missing, not permitted, or makes no plain transfers.
 * Sensors on the same bus share it. The controller of the BCM2835 family stretches clocks wrongly
 * (raspberrypi/linux#254): a target that stretches needs a low bus frequency or the bit-banged `i2c-gpio`.
 */
export async function openI2cController(
  config: { readonly bus: number },
  buses: I2cBuses = hostBuses,
): Promise<Opened<I2cController>> {
  const share = await buses.share(config.bus);
  return {
    role: 'controller',
    read: (address, lengthBytes) => share.read(address, lengthBytes),
    write: (address, bytes) => share.write(address, bytes),
    close: () => share.close(),
  };
}
