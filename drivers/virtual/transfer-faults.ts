/**
 * What is to go wrong with the next transfers on the virtual bus. Whoever clocks the bus asks for it, the board or the host.
 */
import type { TransferFault, TransferSizes } from '../../rig/wire-faults.js';

/** Faults that wait for their transfers; more are refused. */
export const TRANSFER_FAULTS_LIMIT = 1_000;

const NO_FAULT: TransferFault = { kind: 'none' };

interface Waiting extends TransferSizes {
  readonly fault: TransferFault;
}

export class TransferFaults {
  private readonly waiting: Waiting[] = [];

  /** False when too many wait already. */
  add(fault: TransferFault, sizes: TransferSizes): boolean {
    if (this.waiting.length >= TRANSFER_FAULTS_LIMIT) return false;
    this.waiting.push({ fault, ...sizes });
    return true;
  }

  clear(): void {
    this.waiting.length = 0;
  }

  /** What goes wrong with a transfer of so many bytes that begins now. */
  next(lengthBytes: number): TransferFault {
    const [head] = this.waiting;
    if (head === undefined || lengthBytes < head.leastBytes || lengthBytes > head.mostBytes) return NO_FAULT;
    this.waiting.shift();
    return head.fault;
  }
}

/** A copy of `bytes` with one bit wrong where `fault` says so. */
export function asTransferred(bytes: Uint8Array, fault: TransferFault): Uint8Array {
  const copy = bytes.slice();
  if (fault.kind !== 'flip' || bytes.length === 0) return copy;
  const bit = Math.min(Math.floor(fault.place * bytes.length * 8), bytes.length * 8 - 1);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
  return copy;
}
