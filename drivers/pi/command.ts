/**
 * Runs programs of the system for the drivers: without a shell, bounded in time and output, with errors that say
 * what to do next. Drivers take the runner by argument, so that tests can play the system.
 */
import { RigError } from '../../rig/errors.js';
import type { Clock } from '../../rig/time/clock.js';
import { type DurationUs, seconds } from '../../rig/time/units.js';
import { type Execution, execute, shown } from './command-process.js';
import { deviceError, errnoCode } from './device.js';

/** What a program printed until it ended with status 0. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** What to do next when a failed program has printed something that `when` matches. */
export interface Advice {
  readonly when: RegExp;
  readonly step: string;
}

export interface CommandOptions {
  /** The program is ended, and that is an error, when it takes longer; `COMMAND_LIMIT` unless told. */
  readonly limit?: DurationUs;
  /** The first that fits is added to the message of a failure. */
  readonly advice?: readonly Advice[];
}

/**
 * Runs a program (`argv[0]`, found by PATH) with its arguments. Rejects with `BENCH` when it is not there, may not
 * be run, ends with another status than 0, prints more than `OUTPUT_LIMIT_BYTES` or takes longer than the limit.
 */
export type CommandRunner = (argv: readonly string[], options?: CommandOptions) => Promise<CommandOutput>;

/**
 * As much as a step of teardown. Most programs take milliseconds; but the first `nft` after a start of the host loads
 * modules of the kernel, and a plug that is asked over a network takes its time.
 */
export const COMMAND_LIMIT: DurationUs = seconds(10);
export const OUTPUT_LIMIT_BYTES = 1_048_576;

/** The Debian package that brings a program. */
const packageOf: Readonly<Record<string, string>> = {
  gpiodetect: 'gpiod',
  gpiofind: 'gpiod',
  gpioget: 'gpiod',
  gpioinfo: 'gpiod',
  gpiomon: 'gpiod',
  gpioset: 'gpiod',
  hostapd_cli: 'hostapd',
  ip: 'iproute2',
  iw: 'iw',
  nft: 'nftables',
  sudo: 'sudo',
  tc: 'iproute2',
  uhubctl: 'uhubctl',
};

/** The real runner. */
export function createCommandRunner({ clock }: { readonly clock: Clock }): CommandRunner {
  return async (argv, options = {}) => {
    const limits = { limit: options.limit ?? COMMAND_LIMIT, outputLimitBytes: OUTPUT_LIMIT_BYTES };
    const ended = await execute(argv, limits, clock).catch((error: unknown) => {
      throw error instanceof RigError ? error : startError(argv, error);
    });
    return outcomeOf(argv, ended, options);
  };
}

/** What a runner makes of how a program ended; for runners that play the system, too. Throws `BENCH`. */
export function outcomeOf(
  argv: readonly string[],
  { status, stdout, stderr }: Execution,
  { advice = [] }: CommandOptions = {},
): CommandOutput {
  if (status === 0) return { stdout, stderr };
  const said = firstLine(stderr) || firstLine(stdout);
  const ending = typeof status === 'number' ? `failed with status ${status}` : `was ended by ${status}`;
  const fitting = advice.find(({ when }) => when.test(`${stderr}\n${stdout}`));
  const step = fitting === undefined ? '' : ` ${fitting.step}`;
  throw new RigError('BENCH', `"${shown(argv)}" ${ending}${said === '' ? '' : `: ${said}`}.${step}`);
}

/** The error of a program that could not be started; for runners that play the system, too. */
export function startError(argv: readonly string[], error: unknown): RigError {
  const [program = ''] = argv;
  if (errnoCode(error) !== 'ENOENT') {
    return deviceError(`"${shown(argv)}" cannot be started`, error, {
      EACCES: `Make ${program} executable for this user.`,
    });
  }
  const name = packageOf[program];
  const step =
    name === undefined
      ? 'Check its name and path in the bench file.'
      : `Install it: sudo apt-get install ${name}`;
  return new RigError('BENCH', `There is no program "${program}" on this machine. ${step}`, { cause: error });
}

const firstLine = (text: string): string => (text.trim().split('\n', 1)[0] ?? '').replace(/[.\s]+$/, '');
