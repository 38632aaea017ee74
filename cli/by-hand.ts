/** Commands that use a bench by hand: one port of it, outside of any run. What they set stays set when they end. */
import { releaseLines } from '../drivers/pi/bench.js';
import { type BenchSession, beginSession } from '../drivers/pi/bench-session.js';
import { createCommandRunner } from '../drivers/pi/command.js';
import type { Device } from '../drivers/pi/device.js';
import { type PortContext, type PortOpeners, portOpeners } from '../drivers/pi/port-openers.js';
import { printable } from '../reports/text/printable.js';
import type { PhysicalBenchFile } from '../rig/bench-file/bench-file.js';
import { parseDuration } from '../rig/time/duration-text.js';
import { SystemClock } from '../rig/time/system-clock.js';
import { type DurationUs, us } from '../rig/time/units.js';
import { type FoundPhysicalBenchFile, requirePhysicalBenchFile } from './bench-file.js';
import type { Composition } from './composition.js';
import { HURRY_LIMIT_MS, listenForInterrupts } from './interrupt.js';
import type { Surroundings } from './surroundings.js';
import { usageError } from './usage.js';

/** What every command of this kind is given. */
export interface HandTools {
  readonly composition: Composition;
  readonly surroundings: Surroundings;
}

/** The bench, taken. */
export interface Hand {
  readonly file: PhysicalBenchFile;
  readonly clock: SystemClock;
  readonly session: BenchSession;
  readonly open: PortOpeners;
  /** Aborted by Ctrl-C. */
  readonly stop: AbortSignal;
  /** Prints a line for the user. */
  say(text: string): void;
}

export interface HandCommand {
  /** The value of `--bench`. */
  readonly bench: string | undefined;
  /** As the user typed it: `rig power off`. */
  readonly command: string;
  /** For messages: `"rig power" switches the supply`. */
  readonly purpose: string;
  /** Refuses a bench that lacks what the command needs. */
  readonly require: (found: FoundPhysicalBenchFile) => void;
  /** Gets the network's passphrase, for a command that asks the access point for it. */
  readonly passphrase?: (found: FoundPhysicalBenchFile) => string | undefined;
}

/**
 * Takes the bench, does the work, lets go of the bench. What processes before have left by being killed is put right
 * first; what was set by hand stays.
 * @throws USAGE when there is no bench of real hardware, or it lacks what is needed; BENCH as the drivers do.
 */
export async function byHand(
  { bench, command, purpose, require, passphrase }: HandCommand,
  { composition, surroundings }: HandTools,
  work: (hand: Hand) => Promise<void>,
): Promise<void> {
  const found = requirePhysicalBenchFile(bench, purpose, surroundings);
  require(found);
  const { drivers, folders } = composition.hardware;
  const { errors, output } = surroundings;
  const clock = new SystemClock();
  const session = await beginSession({
    file: found.file,
    clock,
    folders,
    command,
    run: createCommandRunner({ clock }),
    since: surroundings.today().toLocaleString(),
    passphrase: passphrase?.(found),
    undo: 'after a crash',
    note: (text) => errors.write(`rig: ${printable(text)}\n`),
  });
  const interrupt = listenForInterrupts(surroundings, {
    notice: 'letting go of the bench.',
    hurryLimitMs: HURRY_LIMIT_MS,
    lastWill: () => undefined,
  });
  try {
    if (session.isAbandoned) {
      for (const problem of await releaseLines(found.file, session, drivers)) {
        errors.write(`rig: ${printable(problem)}\n`);
      }
    }
    await clock.run(() =>
      work({
        file: found.file,
        clock,
        session,
        open: portOpeners(drivers),
        stop: interrupt.signal,
        say: (text) => output.write(`${printable(text)}\n`),
      }),
    );
  } finally {
    interrupt.release();
    await session.close();
  }
}

/** Opens one port, and closes it whatever happens. The section must be there. */
export async function withPort<Port extends Device>(
  { file, session }: Pick<Hand, 'file' | 'session'>,
  open: (file: PhysicalBenchFile, context: PortContext) => Promise<Port> | undefined,
  work: (port: Port) => Promise<void>,
): Promise<void> {
  const port = await open(file, session.context);
  if (port === undefined) throw usageError('The bench file has no section for that.');
  try {
    await work(port);
  } finally {
    await port.close();
  }
}

/** Refuses a bench file without the section that a command needs. */
export function requireSection(
  { file, name }: FoundPhysicalBenchFile,
  section: 'power' | 'reset' | 'accessPoint' | 'console',
  what: string,
): void {
  if (file[section] !== undefined) return;
  throw usageError(
    `${name}: bench "${file.name}" has no ${what}. Add a section "${section}" (docs/bench-file.md has its keys).`,
  );
}

/** A duration from the command line, within its range. */
export function durationOption(text: string, option: string, limit: DurationUs): DurationUs {
  const duration = parseDuration(text, option);
  if (duration >= us(1) && duration <= limit) return duration;
  throw usageError(`${option}: ${text} is out of range, which is 1us to ${limit / 1_000_000}s.`);
}
