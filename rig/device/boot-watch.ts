/** Watches a console for what the ROM says of the chip's next start. */
import { isRigError, RigError } from '../errors.js';
import type { UartConsole } from '../ports.js';
import { ConsoleWatch, type RomMessage } from '../run/console-watch.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, toSeconds } from '../time/units.js';
import { BOOT_FROM_FLASH, describeBootMode } from './boot-mode.js';

/** The part of a console that tells of a boot. */
export type BootConsole = Pick<UartConsole, 'onChunk' | 'onNotice' | 'expectRom'>;

export interface BootWatch {
  /**
   * The ROM's message, or undefined when there is none within `limit` from now. Rejects with `BENCH` when the console is
   * lost, with `CANCELLED` when `signal` aborts.
   */
  message(limit: DurationUs, signal: AbortSignal): Promise<RomMessage | undefined>;
  /** Everything that the console heard. */
  readonly heardBytes: number;
  stop(): void;
}

/** To be called before the chip is started; the console reads at the ROM's rate for `within` at most. */
export async function watchBoot(console: BootConsole, clock: Clock, within: DurationUs): Promise<BootWatch> {
  const over = new AbortController();
  let seen: RomMessage | undefined;
  let lost: RigError | undefined;
  let heardBytes = 0;
  const watch = new ConsoleWatch({
    line: () => undefined,
    rom: (message) => {
      seen ??= message;
      over.abort();
    },
  });
  const stops = [
    console.onChunk((chunk) => {
      heardBytes += chunk.bytes.length;
      watch.accept(chunk);
    }),
    console.onNotice(({ kind, detail }) => {
      if (kind !== 'lost' && kind !== 'gone') return;
      lost = new RigError('BENCH', detail);
      over.abort();
    }),
  ];
  await console.expectRom(within);
  return {
    get heardBytes() {
      return heardBytes;
    },
    message: async (limit, signal) => {
      await pause(clock, limit, AbortSignal.any([signal, over.signal]));
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

/** Why a chip that said `message` within `limit` of its reset does not run its firmware; undefined when it does. */
export function bootProblem(message: RomMessage | undefined, limit: DurationUs): string | undefined {
  if (message === undefined) {
    return (
      `the ROM printed nothing readable within ${toSeconds(limit)} s of the reset: check the reset wire, and that ` +
      'console.romBaud is the rate of the ROM.'
    );
  }
  if (message.mode === BOOT_FROM_FLASH) return undefined;
  return (
    `the board starts in boot mode ${message.mode}: ${describeBootMode(message.mode)}. Let go of GPIO0, check both bus ` +
    'lines, and reset it.'
  );
}

/** Resolves after `limit`, or as soon as `signal` aborts. */
const pause = (clock: Clock, limit: DurationUs, signal: AbortSignal): Promise<void> =>
  clock.sleep('boot: ROM message', limit, signal).catch((error: unknown) => {
    if (!isRigError(error, 'CANCELLED')) throw error;
  });
