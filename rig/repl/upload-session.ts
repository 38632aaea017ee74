/**
 * An upload from start to end: interrupt what runs on the board, put the files there, start the board anew, and see in
 * its ROM's message that it starts. Whatever goes wrong, the board is started anew, so that it is not left at a prompt.
 */
import { type BootWatch, bootProblem, watchBoot } from '../device/boot-watch.js';
import { isRigError, RigError } from '../errors.js';
import type { UartConsole } from '../ports.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, ms, seconds } from '../time/units.js';
import { RawRepl } from './raw-repl.js';
import { type UploadOptions, type UploadResult, uploadFiles } from './upload.js';

/** From a reset to the ROM's message; a supply that is switched off and on takes a second of it. */
const BOOT_LIMIT: DurationUs = seconds(4);
/** A board that resets itself waits for this long, so that the console can change to the ROM's rate before. */
const SELF_RESET_DELAY: DurationUs = ms(500);

const selfReset = `import machine,time\ntime.sleep_ms(${SELF_RESET_DELAY / 1_000})\nmachine.reset()`;

export interface UploadSessionOptions extends Omit<UploadOptions, 'repl'> {
  readonly console: UartConsole;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Starts the board anew by reset or supply; undefined where the bench has neither, and the board resets itself. */
  readonly restart: (() => Promise<void>) | undefined;
  /** The ROM's messages are known. */
  readonly isEsp8266: boolean;
  /** A step begins. */
  readonly onStep: (text: string) => void;
}

/**
 * A boot.py that resets the chip or never ends does not keep files from the board: Ctrl-C finds the interpreter in it.
 * Rejects as `RawRepl.enter` and `uploadFiles` do, and with `PROTOCOL` or `TIMEOUT` when the board does not start.
 */
export async function runUpload(options: UploadSessionOptions): Promise<UploadResult> {
  const { signal, isEsp8266, onStep } = options;
  onStep('Interrupting the program on the board.');
  let repl: RawRepl | undefined;
  let result: UploadResult;
  try {
    repl = await enterOrCatch(options);
    onStep('Uploading.');
    result = await uploadFiles({ ...options, repl });
  } catch (error) {
    onStep('Starting the board anew.');
    await startAnyhow(options, repl);
    throw error;
  }
  onStep('Starting the board anew.');
  const watch = await startAgain(options, repl);
  try {
    if (isEsp8266) await checkBoot(watch, signal);
  } finally {
    watch.stop();
  }
  return result;
}

async function enterOrCatch({ console, clock, signal, onStep }: UploadSessionOptions): Promise<RawRepl> {
  try {
    return await RawRepl.enter({ console, clock, signal });
  } catch (error) {
    if (!isRigError(error, 'TIMEOUT')) throw error;
    onStep('No prompt. Catching the board by Ctrl-C, in case its boot.py resets it or never ends.');
    const caught = RawRepl.catch({ console, clock, signal });
    const { repl } = await caught.catch((again) => {
      // What the first attempt met with says more about a board that does not answer at all.
      throw isRigError(again, 'TIMEOUT') ? error : again;
    });
    onStep('Caught. A boot.py that is not in the directory stays on the board, unless --mirror removes it.');
    return repl;
  }
}

async function startAgain(
  { console, clock, restart }: UploadSessionOptions,
  repl: RawRepl,
): Promise<BootWatch> {
  if (restart === undefined) {
    // Before the console changes to the ROM's rate, at which the board would not understand it.
    await repl.launch(selfReset);
    return await watchBoot(console, clock, BOOT_LIMIT);
  }
  const watch = await watchBoot(console, clock, BOOT_LIMIT);
  try {
    await restart();
    return watch;
  } catch (error) {
    watch.stop();
    throw error;
  }
}

async function checkBoot(watch: BootWatch, signal: AbortSignal): Promise<void> {
  const message = await watch.message(BOOT_LIMIT, signal);
  const problem = bootProblem(message, BOOT_LIMIT);
  if (problem === undefined) return;
  throw new RigError(
    message === undefined ? 'TIMEOUT' : 'PROTOCOL',
    `All files are on the board, but ${problem}`,
  );
}

/** After a failure: the first error is the one to tell. */
async function startAnyhow({ restart }: UploadSessionOptions, repl: RawRepl | undefined): Promise<void> {
  try {
    await repl?.leave();
    await restart?.();
  } catch {
    // Told already, in other words.
  }
}
