/** One I2C bus of the host as the package `i2c-bus` offers it. The package is imported here and nowhere else. */
import { loadPackage } from '../device.js';

/** What the drivers use of the package's bus; fakes of the package implement it. */
export interface RawBus {
  /** What the adapter can do. The first call that opens the device file: `open` does not. */
  i2cFuncs(): Promise<{ readonly i2c: boolean }>;
  i2cRead(address: number, lengthBytes: number, into: Buffer): Promise<{ readonly bytesRead: number }>;
  i2cWrite(address: number, lengthBytes: number, from: Buffer): Promise<{ readonly bytesWritten: number }>;
  /** Closes the file descriptors, one for each address used. */
  close(): Promise<void>;
}

/** Opens `/dev/i2c-N`. May succeed where there is no such bus. */
export type OpenRawBus = (bus: number) => Promise<RawBus>;

/** Opens a bus of this host. Rejects with `BENCH` where the package is missing. */
export const openRawBus: OpenRawBus = async (bus) => {
  const { default: i2c } = await loadPackage('i2c-bus', () => import('i2c-bus'));
  return await i2c.openPromisified(bus);
};
