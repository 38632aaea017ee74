/** `ticks_ms` and `ticks_us` wrap here: small integers of the port have 31 bits, and ticks do without the sign. */
export const TICKS_MASK = 0x3fff_ffff;
