/**
 * How far the device may run ahead of something that it told the host. Nothing answers sooner than this, so the
 * host need not have handled it before then; without it, every edge would cost a hand-over of its own.
 */

/** The host's edge latency is this much at least: see the virtual bench. */
export const WIRE_LOOKAHEAD_US = 80;

/** Nothing comes back over the air sooner: the radio's least latency each way is twice this. */
export const RADIO_LOOKAHEAD_US = 1_000;
