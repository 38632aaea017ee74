/**
 * Asks a device that never came to its work where it is: Ctrl-C ends what runs, and the traceback names the file. Only of a
 * run that has failed already; the device is left at its prompt, or is reset by whoever uses it next.
 */
import { BOOT_FROM_FLASH } from '../device/boot-mode.js';
import { interruptedPlace } from '../device/start-trouble.js';
import type { UartConsole } from '../ports.js';
import { interruptAgainAndAgain } from '../repl/interrupt.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, seconds } from '../time/units.js';
import type { Observer } from './observer.js';

/** A chip that resets itself at each start is met by several of its starts, if they are not longer than this. */
export const INTERROGATION_LIMIT: DurationUs = seconds(1);

/** Never rejects: a console that fails leaves a question without an answer. */
export async function interrogate(
  console: UartConsole | undefined,
  clock: Clock,
  observer: Observer,
): Promise<void> {
  const isAtWork = observer.linkState === 'synchronised' || observer.linkState === 'configured';
  if (console === undefined || isAtWork || observer.lastRom?.mode !== BOOT_FROM_FLASH) return;
  observer.keepLastWords();
  const signal = new AbortController().signal;
  try {
    const printed = await interruptAgainAndAgain(
      { console, clock, signal },
      INTERROGATION_LIMIT,
      (text) => interruptedPlace(text) !== undefined,
    );
    const place = interruptedPlace(printed);
    if (place !== undefined) observer.starts.interruptedAt(place);
  } catch {
    // What the run failed of is told all the same.
  }
}
