/** What the ROM says of the next start of the chip, read from a pipe. */
import { isRigError, RigError } from '../../../rig/errors.js';
import { ConsoleWatch, type RomMessage } from '../../../rig/run/console-watch.js';
import type { Clock } from '../../../rig/time/clock.js';
import type { DurationUs } from '../../../rig/time/units.js';
import type { BytePipe } from '../serial/pipe.js';

export interface BootWatch {
  /** The ROM's message; undefined when there is none within `limit`. Rejects when the pipe is lost or `signal` aborts. */
  message(limit: DurationUs, signal: AbortSignal): Promise<RomMessage | undefined>;
  stop(): void;
}

/** Listens at `romBaud` from now on; to be called before the chip is started. */
export async function watchBoot(pipe: BytePipe, romBaud: number, clock: Clock): Promise<BootWatch> {
  await pipe.setBaud(romBaud);
  const arrived = new AbortController();
  let seen: RomMessage | undefined;
  let lost: RigError | undefined;
  const watch = new ConsoleWatch({
    line: () => undefined,
    rom: (message) => {
      seen ??= message;
      arrived.abort();
    },
  });
  const stops = [
    pipe.onBytes((bytes) => watch.accept({ bytes, atUs: clock.now(), baud: romBaud })),
    pipe.onLost((error) => {
      lost = error;
      arrived.abort();
    }),
  ];
  return {
    message: async (limit, signal) => {
      await pause(clock, limit, AbortSignal.any([signal, arrived.signal]));
      if (lost !== undefined) throw lost;
      if (seen === undefined && signal.aborted)
        throw new RigError('CANCELLED', 'The wait for the board to start was cancelled.');
      return seen;
    },
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

/** Resolves after `limit`, or as soon as `signal` aborts. */
const pause = (clock: Clock, limit: DurationUs, signal: AbortSignal): Promise<void> =>
  clock.sleep('flash: ROM message', limit, signal).catch((error: unknown) => {
    if (!isRigError(error, 'CANCELLED')) throw error;
  });
