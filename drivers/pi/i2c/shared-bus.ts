/**
 * One I2C bus for all who use it: the link's controller and the sensors beside it. Transfers are made one after the
 * other, because `i2c-bus` sets the address of a cached file descriptor asynchronously: two first calls race, and a call
 * after a failed one can reach another device. So the bus is opened anew after every error.
 */
import { RigError } from '../../../rig/errors.js';
import type { Device } from '../device.js';
import { addressText, busError, deviceOf, goneError, transferError } from './bus-errors.js';
import { type OpenRawBus, openRawBus, type RawBus } from './raw-bus.js';
import { TransferQueue } from './transfer-queue.js';

/** The kernel cuts what is longer short, and tells nobody (drivers/i2c/i2c-dev.c, `i2cdev_read`). */
export const MAX_TRANSFER_BYTES = 8_192;
/** Addresses have 7 bits. */
const MAX_ADDRESS = 0x7f;

/**
 * One user's share of a bus. Transfers have 1 to `MAX_TRANSFER_BYTES` bytes, others reject with `USAGE`. Closing it
 * rejects what this user waits for with `CLOSED`.
 */
export interface BusShare extends Device {
  read(address: number, lengthBytes: number): Promise<Uint8Array>;
  write(address: number, bytes: Uint8Array): Promise<void>;
  /** A write and a read with no other transfer between them, such as a register's number and its contents. */
  writeThenRead(address: number, bytes: Uint8Array, lengthBytes: number): Promise<Uint8Array>;
}

/** The buses that are open, so that all users of one share it. */
export class I2cBuses {
  private readonly open: OpenRawBus;
  private readonly buses = new Map<number, SharedBus>();

  constructor(open: OpenRawBus = openRawBus) {
    this.open = open;
  }

  /** Opens `/dev/i2c-N` and makes sure that it works. Rejects with `BENCH`, and what to do, when it does not. */
  async share(bus: number): Promise<BusShare> {
    let shared = this.buses.get(bus);
    if (shared === undefined) {
      shared = new SharedBus(bus, this.open, () => this.buses.delete(bus));
      this.buses.set(bus, shared);
    }
    return await shared.join();
  }
}

/** The buses of this host. */
export const hostBuses = new I2cBuses();

class SharedBus {
  private readonly bus: number;
  private readonly open: OpenRawBus;
  private readonly onUnused: () => void;
  private readonly queue: TransferQueue;
  private readonly users = new Set<object>();
  private raw: RawBus | undefined;

  constructor(bus: number, open: OpenRawBus, onUnused: () => void) {
    this.bus = bus;
    this.open = open;
    this.onUnused = onUnused;
    this.queue = new TransferQueue(deviceOf(bus));
  }

  async join(): Promise<BusShare> {
    const user = {};
    this.users.add(user);
    try {
      await this.queue.add(user, () => this.opened());
    } catch (error) {
      await this.leave(user);
      throw error;
    }
    return {
      read: async (address, lengthBytes) => {
        requireLength(lengthBytes);
        return await this.submit(user, address, (raw) => readBytes(raw, address, lengthBytes));
      },
      write: async (address, bytes) => {
        requireLength(bytes.length);
        const copy = Buffer.from(bytes);
        await this.submit(user, address, (raw) => writeBytes(raw, address, copy));
      },
      writeThenRead: async (address, bytes, lengthBytes) => {
        requireLength(bytes.length);
        requireLength(lengthBytes);
        const copy = Buffer.from(bytes);
        return await this.submit(user, address, async (raw) => {
          await writeBytes(raw, address, copy);
          return await readBytes(raw, address, lengthBytes);
        });
      },
      close: () => this.leave(user),
    };
  }

  private submit<T>(user: object, address: number, transfer: (raw: RawBus) => Promise<T>): Promise<T> {
    if (!this.users.has(user)) throw this.queue.closed();
    requireAddress(address);
    return this.queue.add(user, async () => {
      const raw = await this.opened();
      try {
        return await transfer(raw);
      } catch (error) {
        throw await this.explained(address, error);
      }
    });
  }

  private async opened(): Promise<RawBus> {
    this.raw ??= await openProbed(this.bus, this.open);
    return this.raw;
  }

  /** Opens the bus anew. By whether that works, tells a target that did not answer from a bus that is gone. */
  private async explained(address: number, error: unknown): Promise<RigError> {
    await this.closeRaw();
    try {
      await this.opened();
    } catch (gone) {
      return goneError(this.bus, error, gone);
    }
    return transferError(this.bus, address, error);
  }

  private async leave(user: object): Promise<void> {
    if (!this.users.delete(user)) return;
    this.queue.leave(user);
    if (this.users.size > 0) return;
    await this.queue.idle();
    // Somebody else may have joined meanwhile.
    if (this.users.size > 0) return;
    this.onUnused();
    await this.closeRaw();
  }

  private async closeRaw(): Promise<void> {
    const raw = this.raw;
    this.raw = undefined;
    await closeQuietly(raw);
  }
}

/** Opening a bus that does not exist may not fail until it is used, so it is used. */
async function openProbed(bus: number, open: OpenRawBus): Promise<RawBus> {
  let raw: RawBus | undefined;
  let makesPlainTransfers: boolean;
  try {
    raw = await open(bus);
    makesPlainTransfers = (await raw.i2cFuncs()).i2c;
  } catch (error) {
    await closeQuietly(raw);
    throw error instanceof RigError ? error : busError(bus, error);
  }
  if (makesPlainTransfers) return raw;
  await closeQuietly(raw);
  throw new RigError(
    'BENCH',
    `${deviceOf(bus)} makes SMBus commands only, not plain transfers; use a bus of another adapter.`,
  );
}

/** What is gone may not close either; there is nothing left to save. */
async function closeQuietly(raw: RawBus | undefined): Promise<void> {
  await raw?.close().catch(() => undefined);
}

async function readBytes(raw: RawBus, address: number, lengthBytes: number): Promise<Uint8Array> {
  const into = Buffer.alloc(lengthBytes);
  const { bytesRead } = await raw.i2cRead(address, lengthBytes, into);
  if (bytesRead !== lengthBytes) throw new Error(`read ${bytesRead} of ${lengthBytes} bytes`);
  return Uint8Array.from(into);
}

async function writeBytes(raw: RawBus, address: number, bytes: Buffer): Promise<void> {
  const { bytesWritten } = await raw.i2cWrite(address, bytes.length, bytes);
  if (bytesWritten !== bytes.length) throw new Error(`wrote ${bytesWritten} of ${bytes.length} bytes`);
}

function requireAddress(address: number): void {
  if (Number.isInteger(address) && address >= 0 && address <= MAX_ADDRESS) return;
  throw new RigError('USAGE', `${addressText(address)} is no I2C address of 7 bits, 0x00 to 0x7f.`);
}

/** A transfer of nothing is not one: what the kernel does with it differs from adapter to adapter. */
function requireLength(lengthBytes: number): void {
  if (Number.isInteger(lengthBytes) && lengthBytes >= 1 && lengthBytes <= MAX_TRANSFER_BYTES) return;
  throw new RigError(
    'USAGE',
    `An I2C transfer has 1 to ${MAX_TRANSFER_BYTES} bytes, this one ${lengthBytes}.`,
  );
}
