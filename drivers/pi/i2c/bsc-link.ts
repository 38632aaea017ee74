/** The calls of `bsc_xfer`, one at a time, and a way to switch the peripheral off while one of them does not end. */
import { RigError } from '../../../rig/errors.js';
import type { Clock } from '../../../rig/time/clock.js';
import { type BscAnswer, decodeStatus, OFF } from './bsc-registers.js';
import { command, Pigpiod, type PigpiodAddress } from './pigpiod.js';

/** One connection's worth of `bsc_xfer`. */
export interface BscCalls {
  /** Rejects with `BENCH` when the daemon does not answer or refuses. */
  transfer(control: number, bytes: Uint8Array): Promise<BscAnswer>;
  readonly isOpen: boolean;
  readonly isBusy: boolean;
  close(): void;
}

/** `PI_UNKNOWN_COMMAND` of pigpio.h. */
const UNKNOWN_COMMAND = -88;
const NO_BYTES = new Uint8Array(0);
/** The status comes before the bytes received. */
const STATUS_BYTES = 4;

/** Connects to the daemon's peripheral. */
export async function connectBsc(address: PigpiodAddress, clock: Clock): Promise<BscCalls> {
  const daemon = await Pigpiod.connect(address, clock);
  return {
    async transfer(control, bytes) {
      const { result, extension } = await daemon.request(command.bscTransfer, control, 0, bytes);
      // Switched off, the daemon answers with whatever is left from the call before (bsc_xfer_t of `myDoCommand`).
      if (control === OFF) return decodeStatus(0, NO_BYTES);
      if (result < STATUS_BYTES) throw refused(result);
      const status = Buffer.from(extension).readUInt32LE(0);
      return decodeStatus(status, extension.subarray(STATUS_BYTES));
    },
    get isOpen() {
      return daemon.isOpen;
    },
    get isBusy() {
      return daemon.isBusy;
    },
    close: () => daemon.close(),
  };
}

function refused(result: number): RigError {
  const why = result === UNKNOWN_COMMAND ? 'it is too old for BSCX' : `error ${result}`;
  return new RigError('BENCH', `pigpiod refused bsc_xfer: ${why}. Upgrade pigpio to version 75 or later.`);
}

/**
 * Two connections. A call lasts as long as the controller keeps the peripheral busy, which is forever when it dies in the
 * middle of a transfer; switching the peripheral off by the other connection ends it.
 */
export class BscLink {
  private readonly connect: () => Promise<BscCalls>;
  private calls: BscCalls;
  private rescue: BscCalls;

  private constructor(connect: () => Promise<BscCalls>, calls: BscCalls, rescue: BscCalls) {
    this.connect = connect;
    this.calls = calls;
    this.rescue = rescue;
  }

  static async open(connect: () => Promise<BscCalls>): Promise<BscLink> {
    return new BscLink(connect, ...(await connectTwice(connect)));
  }

  get isOpen(): boolean {
    return this.calls.isOpen && this.rescue.isOpen;
  }

  transfer(control: number, bytes: Uint8Array = NO_BYTES): Promise<BscAnswer> {
    return this.calls.transfer(control, bytes);
  }

  /** Ends a call that is under way, if any, by switching the peripheral off under it. */
  async interrupt(): Promise<void> {
    if (this.calls.isBusy) await this.rescue.transfer(OFF, NO_BYTES);
  }

  /** Connects anew where a connection is gone: the daemon may have been restarted. */
  async revive(): Promise<void> {
    if (this.isOpen) return;
    this.close();
    [this.calls, this.rescue] = await connectTwice(this.connect);
  }

  close(): void {
    this.calls.close();
    this.rescue.close();
  }
}

async function connectTwice(connect: () => Promise<BscCalls>): Promise<[BscCalls, BscCalls]> {
  const calls = await connect();
  try {
    return [calls, await connect()];
  } catch (error) {
    calls.close();
    throw error;
  }
}
