/** What a bench may be able to do to the wires between host and device: the contract of the port `wires`. */
import type { Level } from './ports.js';
import type { DurationUs } from './time/units.js';

/** The wires of the link, as docs/protocol.md §1 calls them. */
export const linkWires = ['syn', 'ack', 'scl', 'sda', 'rst'] as const;
export type LinkWire = (typeof linkWires)[number];

/** What happens to one transfer on the bus: nothing; its address is not acknowledged; one bit of it is wrong. */
export type TransferFault =
  | { readonly kind: 'none' }
  | { readonly kind: 'nack' }
  /** `place`: which bit, 0 the first, and just below 1 the last. */
  | { readonly kind: 'flip'; readonly place: number };

/** Only transfers of so many bytes, the address left out, are meant; others pass in between. */
export interface TransferSizes {
  readonly leastBytes: number;
  readonly mostBytes: number;
}

/**
 * Faults of the wires, made by somebody who is neither host nor device. They add up, and last until `clear`. Both ends
 * see the same wire.
 */
export interface WireFaults {
  /** Holds a wire at `level`, whoever drives it. A wire that is held already changes over. */
  hold(wire: LinkWire, level: Level): Promise<void>;
  /** Turns the level of a wire round for `width`, then lets go of it. Resolves after that. */
  glitch(wire: LinkWire, width: DurationUs): Promise<void>;
  /** `faults` happen to the next transfers of these sizes on the bus, in their order, either way. */
  disturb(faults: readonly TransferFault[], sizes: TransferSizes): Promise<void>;
  /** Stretches the clock of every transfer by so much. */
  stretch(duration: DurationUs): Promise<void>;
  /** Nothing is wrong with the wires any more. */
  clear(): Promise<void>;
  /** How often the level of a wire has changed, by a probe on the wire that has no part in the faults. */
  edges(wire: LinkWire): Promise<number>;
}
