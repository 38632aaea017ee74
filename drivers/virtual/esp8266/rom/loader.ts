/** What a loader is to whoever carries its packets: requests in, answers out, and sometimes something else to do next. */
import type { Elapse, FlashMemory } from './flash-memory.js';
import type { Registers } from './registers.js';

export interface LoaderMachine {
  readonly flash: FlashMemory;
  readonly registers: Registers;
  /** Lets time of the chip pass. */
  readonly elapse: Elapse;
}

/** What the chip does after the answers: start the program that was loaded, run what is in flash, or reset itself. */
export type Afterwards = 'loaded' | 'firmware' | 'reset';

export interface Outcome {
  /** Packets to be sent, in order. */
  readonly packets: readonly Uint8Array[];
  readonly afterwards?: Afterwards;
}

export interface Loader {
  /** Takes a packet of the host's. */
  take(packet: Uint8Array): Outcome;
}

export const NOTHING: Outcome = { packets: [] };
