/**
 * Ctrl-C, again and again: a chip that starts over and over, or hangs in a file that it runs at its start, heeds it only
 * from when its interpreter runs until the next reset, and that may be milliseconds.
 */
import { isRigError } from '../errors.js';
import type { UartConsole } from '../ports.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, later, ms } from '../time/units.js';

const CTRL_C = 0x03;
/** 8 characters take 0.7 ms at 115200 baud; a program gets one of them as soon as it can. */
const BURST = new Uint8Array(8).fill(CTRL_C);
const PAUSE: DurationUs = ms(10);

/** Printed characters that are looked at. */
const KEPT_CHARACTERS = 8_192;

export interface InterruptOptions {
  readonly console: UartConsole;
  readonly clock: Clock;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** Types Ctrl-C until `isEnough` of what was printed since, at most for `limit`. Resolves with what was printed. */
export async function interruptAgainAndAgain(
  { console, clock, signal }: InterruptOptions,
  limit: DurationUs,
  isEnough: (printed: string) => boolean,
): Promise<string> {
  let printed = '';
  const stop = console.onChunk(({ bytes }) => {
    printed = (printed + Buffer.from(bytes).toString('latin1')).slice(-KEPT_CHARACTERS);
  });
  const deadlineUs = later(clock.now(), limit);
  try {
    while (!isEnough(printed) && clock.now() < deadlineUs && !signal.aborted) {
      await console.write(BURST);
      await clock.sleep('interrupting the program', PAUSE, signal);
    }
  } catch (error) {
    if (!isRigError(error, 'CANCELLED')) throw error;
  } finally {
    stop();
  }
  return printed;
}
