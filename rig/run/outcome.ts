/**
 * Outcomes keep blame apart: the device broke its contract, the instrument cannot vouch for what it saw, the
 * bench broke, or somebody stopped the run.
 */

export const outcomes = ['PASS', 'FAIL', 'INVALID', 'ERROR', 'ABORTED'] as const;
export type Outcome = (typeof outcomes)[number];

/** Exit status of the process for each outcome; 2 is wrong usage. */
export const exitStatus: Readonly<Record<Outcome, number>> = {
  PASS: 0,
  FAIL: 1,
  INVALID: 3,
  ERROR: 4,
  ABORTED: 130,
};

/** From best to worst: ABORTED ends everything, then ERROR over INVALID over FAIL over PASS. */
const severity: readonly Outcome[] = ['PASS', 'FAIL', 'INVALID', 'ERROR', 'ABORTED'];

/** The worse of two outcomes. */
export function worse(a: Outcome, b: Outcome): Outcome {
  return severity.indexOf(a) >= severity.indexOf(b) ? a : b;
}
