/** How numbers are rounded for files: so that the same run gives the same text, and no digit means nothing. */

/** Microseconds to milliseconds with at most 3 decimals. */
export const roundMs = (microseconds: number): number => Math.round(microseconds) / 1_000;

/**
 * At most 3 decimals; a number below 1 keeps 3 significant digits instead, so that a small rate does not
 * become 0.
 */
export function rounded(value: number): number {
  return Math.abs(value) >= 1 ? Math.round(value * 1_000) / 1_000 : Number(value.toPrecision(3));
}
