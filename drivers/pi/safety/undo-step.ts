/** What puts right a change that a driver is about to make, as plain data that outlives the process. */

export interface UndoStep {
  /** What it puts right, such as `access point wlan0 on`. One step of a name is kept. */
  readonly name: string;
  /**
   * The command that puts it right; it must do no harm when there is nothing to put right. Without one, the driver
   * that claims the name does so itself when it is opened next.
   */
  readonly command?: readonly string[];
  /** Shows that all is right: then the command need not be run, and once it was run it has worked. */
  readonly check?: UndoCheck;
}

/** All is right when the output of `command` contains the one text and lacks the other. */
export interface UndoCheck {
  readonly command: readonly string[];
  readonly contains?: string;
  readonly lacks?: string;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCommand = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');

const isTextOrAbsent = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string';

const isCheck = (value: unknown): value is UndoCheck =>
  isRecord(value) &&
  isCommand(value.command) &&
  isTextOrAbsent(value.contains) &&
  isTextOrAbsent(value.lacks);

/** True for what was read back from a file and is a step. */
export const isUndoStep = (value: unknown): value is UndoStep =>
  isRecord(value) &&
  typeof value.name === 'string' &&
  (value.command === undefined || isCommand(value.command)) &&
  (value.check === undefined || isCheck(value.check));
