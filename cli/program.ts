/** The command line: which commands there are, and how each ends. */
import { Command, CommanderError } from 'commander';
import { isRigError } from '../rig/errors.js';
import { exitStatus } from '../rig/run/outcome.js';
import { type CommandTools, commandEntries, placeholder } from './commands.js';
import type { Composition } from './composition.js';
import { reportError } from './errors.js';
import type { Surroundings } from './surroundings.js';
import { USAGE_STATUS, usageError } from './usage.js';

/**
 * Runs the command that `words` (without the program's own name) give, and resolves with the exit status. `composition`
 * is asked for by commands that need it. Whatever goes wrong ends in one line on standard error; never rejects.
 */
export async function runCommandLine(
  words: readonly string[],
  composition: () => Promise<Composition>,
  version: string,
  surroundings: Surroundings,
): Promise<number> {
  let status = 0;
  const end = (ended: number) => {
    status = ended;
  };
  try {
    const program = await buildProgram(words, version, { composition, surroundings, end });
    if (words.length === 0)
      throw usageError('Name a command, such as "rig run steady". "rig --help" lists them.');
    await program.parseAsync(words, { from: 'user' });
    return status;
  } catch (error) {
    return statusOf(error, words, surroundings);
  }
}

/** The program, with the command that `words` name; of all others it knows only what `rig --help` says. */
async function buildProgram(
  words: readonly string[],
  version: string,
  tools: CommandTools,
): Promise<Command> {
  const { output } = tools.surroundings;
  const program = new Command('rig')
    .description(
      'Hardware-in-the-loop test rig for WiFi microcontrollers: breaks the link on purpose, accounts for every message.',
    )
    .version(version)
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
    .configureOutput({
      writeOut: (text) => output.write(text),
      // Commander's complaint comes as an exception too, and is printed from there, on one line.
      writeErr: () => undefined,
      getOutHelpWidth: () => output.columns(),
      getOutHasColors: () => false,
    });
  const named = namedCommand(words);
  for (const entry of commandEntries) {
    if (entry.name === named) await entry.add(program, tools);
    else program.addCommand(placeholder(entry));
  }
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

/** What commander will take for the command: `rig run`, `rig --help run`, `rig help run`. */
function namedCommand(words: readonly string[]): string | undefined {
  const [first, second] = words.filter((word) => !word.startsWith('-'));
  return first === 'help' ? second : first;
}

function statusOf(error: unknown, words: readonly string[], surroundings: Surroundings): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    reportError(usageError(commanderMessage(error, words), { cause: error }), surroundings);
    return USAGE_STATUS;
  }
  reportError(error, surroundings);
  if (isRigError(error, 'USAGE')) return USAGE_STATUS;
  return isRigError(error, 'CANCELLED') ? exitStatus.ABORTED : exitStatus.ERROR;
}

/** Commander's `error: unknown option '--sed'\n(Did you mean --seed?)` as one line, with what to do next. */
function commanderMessage(error: CommanderError, words: readonly string[]): string {
  const said = error.message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  const ended = /[.?)]$/.test(said) ? said : `${said}.`;
  const entry = commandEntries.find(({ name }) => name === words[0]);
  return `${ended} "rig ${entry === undefined ? '' : `${entry.name} `}--help" explains.`;
}
