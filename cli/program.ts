/** The command line: which commands there are, and how each ends. */
import { Command, CommanderError } from 'commander';
import { isRigError } from '../rig/errors.js';
import { exitStatus } from '../rig/run/outcome.js';
import { addBoardCommand } from './board.js';
import { addCompareCommand } from './compare.js';
import type { Composition } from './composition.js';
import { addConsoleCommand } from './console.js';
import { addDoctorCommand } from './doctor.js';
import { reportError } from './errors.js';
import { addFlashCommand } from './flash.js';
import { addHistoryCommand } from './history.js';
import { addListCommand } from './list.js';
import { addPowerCommand } from './power.js';
import { addReportCommand } from './report.js';
import { addResetCommand } from './reset.js';
import { addRunCommand } from './run.js';
import { addShowCommand } from './show.js';
import type { Surroundings } from './surroundings.js';
import { USAGE_STATUS, usageError } from './usage.js';
import { addWifiCommand } from './wifi.js';

/**
 * Runs the command that `words` (without the program's own name) give, and resolves with the exit status.
 * Whatever goes wrong ends in one line on standard error; never rejects.
 */
export async function runCommandLine(
  words: readonly string[],
  composition: Composition,
  version: string,
  surroundings: Surroundings,
): Promise<number> {
  let status = 0;
  const program = buildProgram(composition, version, surroundings, (ended) => {
    status = ended;
  });
  try {
    if (words.length === 0)
      throw usageError('Name a command, such as "rig run steady". "rig --help" lists them.');
    await program.parseAsync(words, { from: 'user' });
    return status;
  } catch (error) {
    return statusOf(
      error,
      words,
      program.commands.map((command) => command.name()),
      surroundings,
    );
  }
}

function buildProgram(
  composition: Composition,
  version: string,
  surroundings: Surroundings,
  end: (status: number) => void,
): Command {
  const { output } = surroundings;
  const program = new Command('rig')
    .description(
      'Hardware-in-the-loop test rig for WiFi microcontrollers: breaks the link on purpose, accounts for every message.',
    )
    .version(version)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.write(text),
      // Commander's complaint comes as an exception too, and is printed from there, on one line.
      writeErr: () => undefined,
      getOutHelpWidth: () => output.columns(),
      getOutHasColors: () => false,
    });
  addRunCommand(program, composition, surroundings, end);
  addListCommand(program, composition, surroundings);
  addShowCommand(program, composition, surroundings);
  addReportCommand(program, surroundings);
  addCompareCommand(program, surroundings, end);
  addHistoryCommand(program, surroundings);
  const tools = { composition, surroundings };
  addPowerCommand(program, tools);
  addResetCommand(program, tools);
  addWifiCommand(program, tools);
  addDoctorCommand(program, tools, end);
  addConsoleCommand(program, surroundings, end);
  addFlashCommand(program, tools);
  addBoardCommand(program, tools);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

function statusOf(
  error: unknown,
  words: readonly string[],
  commands: readonly string[],
  surroundings: Surroundings,
): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    reportError(usageError(commanderMessage(error, words, commands), { cause: error }), surroundings);
    return USAGE_STATUS;
  }
  reportError(error, surroundings);
  if (isRigError(error, 'USAGE')) return USAGE_STATUS;
  return isRigError(error, 'CANCELLED') ? exitStatus.ABORTED : exitStatus.ERROR;
}

/** Commander's `error: unknown option '--sed'\n(Did you mean --seed?)` as one line, with what to do next. */
function commanderMessage(
  error: CommanderError,
  words: readonly string[],
  commands: readonly string[],
): string {
  const said = error.message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  const ended = /[.?)]$/.test(said) ? said : `${said}.`;
  const command = commands.find((name) => name === words[0]);
  return `${ended} "rig ${command === undefined ? '' : `${command} `}--help" explains.`;
}
