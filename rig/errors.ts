/**
 * The one error class of the rig. The code is for programs; the message is for a tired engineer at midnight:
 * what went wrong, where, and what to do next.
 */

export const errorCodes = [
  /** Wrong usage or configuration: exit status 2. */
  'USAGE',
  /** A bounded wait ran out. */
  'TIMEOUT',
  /** The wait was given up by whoever asked for it. */
  'CANCELLED',
  /** The port, connection or component was closed while in use, or used after it. */
  'CLOSED',
  /** A bounded queue is full. */
  'FULL',
  /** The peer broke the protocol; the device is at fault. */
  'PROTOCOL',
  /** The instrument cannot vouch for what it saw: edges missed, host stalled, evidence missing. */
  'INVALID',
  /** The bench broke: a driver, the operating system, the rig itself. */
  'BENCH',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export class RigError extends Error {
  override readonly name = 'RigError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** True for a `RigError`, of the given code when one is given. */
export function isRigError(error: unknown, code?: ErrorCode): error is RigError {
  return error instanceof RigError && (code === undefined || error.code === code);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
