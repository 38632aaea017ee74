/**
 * The radio's own work on the chip's one processor: while the WiFi is on, it holds the program's interrupts up for
 * milliseconds now and then. An edge is then handled late, and nothing else of the program runs meanwhile.
 */
import type { Random } from '../../../../rig/random.js';

/**
 * How often, and for how long. That it happens is known of the chip; no figures are published, and these are assumptions.
 * They leave the mean of an exchange within what is documented of real boards (costs.ts).
 */
const ONE_IN = 100;
const SHORTEST_US = 1_000;
const LONGEST_US = 3_000;

export class RadioLoad {
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** How long the next handler waits for the radio, in microseconds: mostly not at all, and never while it is silent. */
  nextHoldUs(isOnAir: boolean): number {
    if (!isOnAir || this.random.integer(1, ONE_IN) > 1) return 0;
    return this.random.integer(SHORTEST_US, LONGEST_US);
  }
}
