/**
 * How far the device may run ahead of a message to the network: nothing on the air answers sooner than this,
 * so the host need not have handled the message before then.
 */
export const RADIO_LOOKAHEAD_US = 1_000;
