/** Commands that use a bench by hand: one port of it, outside of any run. What they set stays set when they end. */
import { releaseLines } from '../drivers/pi/bench.js';
import { type BenchSession, beginSession } from '../drivers/pi/bench-session.js';
import { createCommandRunner } from '../drivers/pi/command.js';
import type { Device } from '../drivers/pi/device.js';
import { type PortContext, type PortOpeners, portOpeners } from '../drivers/pi/port-openers.js';
import { printable } from '../reports/text/printable.js';
import type { PhysicalBenchFile } from '../rig/bench-file/bench-file.js';
import { messageOf, RigError } from '../rig/errors.js';
import { exitStatus } from '../rig/run/outcome.js';
import type { Redactor } from '../rig/run/redaction.js';
import { parseDuration } from '../rig/time/duration-text.js';
import { SystemClock } from '../rig/time/system-clock.js';
import { type DurationUs, us } from '../rig/time/units.js';
import { type FoundPhysicalBenchFile, requirePhysicalBenchFile } from './bench-file.js';
import type { Composition } from './composition.js';
import { listenForCrashes } from './crash.js';
import { listenForInterrupts, NOT_SAFE, PHYSICAL_HURRY_LIMIT_MS } from './interrupt.js';
import { redactorOf } from './passphrase.js';
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
  /** Aborted by Ctrl-C, and when the rig itself fails. */
  readonly stop: AbortSignal;
  /** Applied to all that `say` prints already. */
  readonly redactor: Redactor;
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
 * @throws USAGE when there is no bench of real hardware, or it lacks what is needed; CANCELLED when somebody stopped it;
 * BENCH as the drivers do. No message has the network's passphrase in it.
 */
export async function byHand(
  command: HandCommand,
  { composition, surroundings }: HandTools,
  work: (hand: Hand) => Promise<void>,
): Promise<void> {
  const found = requirePhysicalBenchFile(command.bench, command.purpose, surroundings);
  command.require(found);
  const redactor = redactorOf(found, surroundings);
  const warn = (text: string) => surroundings.errors.write(`rig: ${printable(redactor.text(text))}\n`);
  const interrupt = listenForInterrupts(surroundings, {
    notice: 'letting go of the bench.',
    hurryLimitMs: PHYSICAL_HURRY_LIMIT_MS,
    lastWill: () => warn(NOT_SAFE),
  });
  const crash = listenForCrashes(surroundings, { isPhysical: true, redactor, lastWill: () => undefined });
  const stop = AbortSignal.any([interrupt.signal, crash.signal]);
  try {
    const passphrase = command.passphrase?.(found);
    const use = { found, composition, surroundings, passphrase, redactor, warn, stop };
    await useBench({ ...use, command: command.command }, work);
  } catch (error) {
    throw withoutSecrets(error, redactor);
  } finally {
    interrupt.release();
    crash.release();
    // As after a run: nobody knows what else would keep the process from ending.
    if (crash.signal.aborted) surroundings.exitNow(exitStatus.ERROR);
  }
}

interface BenchUse extends HandTools {
  readonly found: FoundPhysicalBenchFile;
  readonly command: string;
  readonly passphrase: string | undefined;
  readonly redactor: Redactor;
  readonly stop: AbortSignal;
  readonly warn: (text: string) => void;
}

async function useBench(
  { found: { file }, command, passphrase, redactor, stop, warn, composition, surroundings }: BenchUse,
  work: (hand: Hand) => Promise<void>,
): Promise<void> {
  const { drivers, folders } = await composition.hardware();
  const clock = new SystemClock();
  const session = await beginSession({
    file,
    clock,
    folders,
    command,
    run: createCommandRunner({ clock }),
    since: surroundings.today().toLocaleString(),
    passphrase,
    undo: 'after a crash',
    note: warn,
  });
  try {
    if (session.isAbandoned) for (const problem of await releaseLines(file, session, drivers)) warn(problem);
    if (stop.aborted) throw new RigError('CANCELLED', 'Stopped before anything was done.');
    const say = (text: string) => surroundings.output.write(`${printable(redactor.text(text))}\n`);
    const open = portOpeners(drivers);
    await clock.run(() => work({ file, clock, session, open, stop, redactor, say }));
  } finally {
    await session.close();
  }
}

function withoutSecrets(error: unknown, redactor: Redactor): unknown {
  const message = messageOf(error);
  const redacted = redactor.text(message);
  if (redacted === message) return error;
  return new RigError(error instanceof RigError ? error.code : 'BENCH', redacted);
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
