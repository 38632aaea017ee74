/** Runs a command in the test's own process, with surroundings of the test's own: cheaper than a process each. */
import type { Composition } from '../../../cli/composition.js';
import { runCommandLine } from '../../../cli/program.js';
import type { ByteInput, Surroundings, TextOutput } from '../../../cli/surroundings.js';
import type { Ended } from './spawn-rig.js';

export interface InProcess {
  readonly composition: Composition;
  readonly workingDirectory: string;
  readonly today?: () => Date;
  readonly environment?: Readonly<Record<string, string>>;
  /** What is typed; nothing, ever, unless told. */
  readonly input?: ByteInput;
  /** Given what interrupts the command, as Ctrl-C does. */
  readonly onStart?: (interrupt: () => void) => void;
  /** Given what throws where nobody catches it. */
  readonly onCrashable?: (crash: (error: unknown) => void) => void;
  /** Told what the command prints, on either stream, and given what interrupts it. */
  readonly onPrinted?: (text: string, interrupt: () => void) => void;
}

export async function runInProcess(words: readonly string[], options: InProcess): Promise<Ended> {
  const interrupts = new Set<() => void>();
  const interrupt = () => {
    for (const listener of interrupts) listener();
  };
  const crashListeners = new Set<(error: unknown) => void>();
  options.onCrashable?.((error) => {
    for (const listener of crashListeners) listener(error);
  });
  const printed = (text: string) => options.onPrinted?.(text, interrupt);
  const output = collector(printed);
  const errors = collector(printed);
  const surroundings: Surroundings = {
    workingDirectory: options.workingDirectory,
    environment: options.environment ?? {},
    input: options.input ?? { isTty: false, listen: () => () => undefined },
    output,
    errors,
    today: options.today ?? (() => new Date(2026, 0, 1)),
    wallMs: () => performance.now(),
    newSeed: () => 7,
    onInterrupt: (listener) => {
      interrupts.add(listener);
      return () => interrupts.delete(listener);
    },
    onCrash: (listener) => {
      crashListeners.add(listener);
      return () => crashListeners.delete(listener);
    },
    exitNow: (status) => {
      throw new Error(`The process would end now, with ${status}.`);
    },
  };
  options.onStart?.(interrupt);
  const status = await runCommandLine(words, async () => options.composition, '0.0.0', surroundings);
  return { status, output: output.text(), errors: errors.text() };
}

function collector(printed: (text: string) => void): TextOutput & { text(): string } {
  let text = '';
  return {
    write: (more) => {
      text += more;
      printed(more);
    },
    isTty: false,
    columns: () => 100,
    text: () => text,
  };
}
