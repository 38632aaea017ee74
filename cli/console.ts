/** `rig console`: the device's UART in the terminal. */
import type { Command } from 'commander';
import { openConsole } from '../drivers/pi/serial/console.js';
import type { ConsoleSection } from '../rig/bench-file/bench-file.js';
import { exitStatus } from '../rig/run/outcome.js';
import { SystemClock } from '../rig/time/system-clock.js';
import { benchOption, type FoundPhysicalBenchFile, requirePhysicalBenchFile } from './bench-file.js';
import { requireSection } from './by-hand.js';
import { runConsoleSession } from './console-session.js';
import { redactorOf } from './passphrase.js';
import type { Surroundings } from './surroundings.js';
import { usageError } from './usage.js';

interface ConsoleOptions {
  readonly bench?: string;
  readonly timestamps?: boolean;
  readonly rom?: boolean;
}

export function addConsoleCommand(
  program: Command,
  surroundings: Surroundings,
  end: (status: number) => void,
): void {
  program
    .command('console')
    .summary('the UART of the device in the terminal')
    .description(
      'Shows what the device prints, and sends it what is typed; Ctrl-] leaves. Where there is no terminal, it prints ' +
        'plain lines until Ctrl-C. It opens the port without a reset, and goes on when the port was unplugged. ' +
        'It does not take the bench: other commands work beside it, except those that need the console themselves.',
    )
    .option(benchOption.flags, `${benchOption.description})`)
    .option('--timestamps', 'begin each line with its time, in seconds since the start')
    .option('--rom', "read at the rate of the device's ROM (console.romBaud) instead of its firmware's")
    .action(async ({ bench, timestamps = false, rom = false }: ConsoleOptions) => {
      const found = requirePhysicalBenchFile(bench, '"rig console" shows the UART', surroundings);
      const section = consoleSection(found, rom);
      const redactor = redactorOf(found, surroundings);
      const clock = new SystemClock();
      const console = await openConsole(section, clock);
      try {
        const title = `Console of bench "${found.file.name}": ${section.path} at ${section.baud} baud`;
        const ended = await runConsoleSession({ console, title, timestamps, redactor, surroundings });
        if (ended === 'interrupted') end(exitStatus.ABORTED);
      } finally {
        await console.close();
      }
    });
}

function consoleSection(found: FoundPhysicalBenchFile, rom: boolean): ConsoleSection {
  requireSection(found, 'console', 'console');
  const { console } = found.file;
  if (console === undefined) throw usageError(`${found.name}: there is no console.`);
  return rom ? { ...console, baud: console.romBaud } : console;
}
