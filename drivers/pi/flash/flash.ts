/**
 * Writes a firmware image to the chip at the end of a pipe: start the loader, see what chip it is, erase, write, prove
 * by the chip's own hash, start the firmware, and see in the ROM's message that it starts. Whatever goes wrong, the chip
 * is reset at the end, so that nothing stays in the loader.
 */
import { type BootConsole, bootProblem, watchBoot } from '../../../rig/device/boot-watch.js';
import { messageOf, RigError } from '../../../rig/errors.js';
import type { Clock } from '../../../rig/time/clock.js';
import { type DurationUs, later, seconds } from '../../../rig/time/units.js';
import type { BytePipe } from '../serial/pipe.js';
import type { BootControl } from './boot-control.js';
import { type Chip, type FlashMode, LOADER_BAUD, type Loader, openLoader } from './esptool.js';

/** Attempts to start the loader where the bench does that. */
const AUTOMATIC_ATTEMPTS = 3;
/** For a person to find the buttons. */
export const BY_HAND_LIMIT: DurationUs = seconds(60);
/** The ROM prints within 100 ms of the release of reset; USB adapters and supplies add some. */
const ROM_LIMIT: DurationUs = seconds(2);

export interface FlashOptions {
  readonly pipe: BytePipe;
  readonly control: BootControl;
  readonly clock: Clock;
  /** Checked before by `imageProblem`. */
  readonly image: Uint8Array;
  /** The rate for writing. */
  readonly baud: number;
  readonly romBaud: number;
  /** Erases only what the image needs; the board's files stay. */
  readonly keepFiles: boolean;
  readonly flashMode: FlashMode;
  /** Aborts; the chip is reset all the same. */
  readonly signal: AbortSignal;
  readonly listeners: FlashListeners;
}

export interface FlashListeners {
  /** A step begins, or a person has something to do. */
  step(text: string): void;
  progress(sentBytes: number, totalBytes: number): void;
}

/** Rejects with `TIMEOUT` when no loader answers, `PROTOCOL` when the chip refuses or does not start, `BENCH`, `CANCELLED`. */
export async function flashImage(options: FlashOptions): Promise<Chip> {
  const { control, listeners } = options;
  let chip: Chip;
  try {
    chip = await writeImage(options);
  } catch (error) {
    listeners.step(control.resetByHand ?? 'Resetting the board.');
    // The first error is the one to tell; a lost port cannot reset anything either.
    await control.hardReset().catch(() => undefined);
    throw error;
  }
  await startFirmware(options);
  return chip;
}

async function writeImage(options: FlashOptions): Promise<Chip> {
  const { image, keepFiles, flashMode, listeners } = options;
  const { loader, chip } = await openPrepared(options);
  try {
    listeners.step(`${chip.name}, MAC ${chip.mac}, flash of ${chip.flashBytes / 1024} KB.`);
    if (image.length > chip.flashBytes) throw tooLarge(image, chip);
    listeners.step(keepFiles ? 'Writing.' : 'Erasing the flash (up to half a minute), then writing.');
    await loader
      .write({ image, eraseAll: !keepFiles, flashMode, onProgress: listeners.progress })
      .catch((error) => {
        throw halfWritten(error);
      });
    listeners.step("Verified: the flash's hash is the image's.");
    return chip;
  } finally {
    loader.close();
  }
}

interface Prepared {
  readonly loader: Loader;
  readonly chip: Chip;
}

/** A chip that does not answer at the rate that was asked for is written at the loader's own. */
async function openPrepared(options: FlashOptions): Promise<Prepared> {
  const { baud, listeners } = options;
  const asked = await openAt(baud, options);
  if (asked !== undefined) return asked;
  listeners.step(`The chip does not answer at ${baud} baud. Starting again at ${LOADER_BAUD}.`);
  const slow = await openAt(LOADER_BAUD, options);
  if (slow !== undefined) return slow;
  throw new RigError('TIMEOUT', `The chip on ${options.pipe.name} stopped answering. Try again.`);
}

/** Undefined when the chip does not answer at `baud`. */
async function openAt(baud: number, options: FlashOptions): Promise<Prepared | undefined> {
  const loader = await openLoader(options.pipe, baud, options.signal);
  let chip: Chip | undefined;
  try {
    await startLoader(loader, options);
    chip = await loader.prepare();
  } finally {
    if (chip === undefined) loader.close();
  }
  return chip && { loader, chip };
}

/** Starts the chip in its loader until that answers, a few times or for as long as a person may need. */
async function startLoader(loader: Loader, { control, clock, listeners, pipe }: FlashOptions): Promise<void> {
  const { loaderByHand } = control;
  listeners.step(loaderByHand ?? `Starting the loader over ${pipe.name}.`);
  const giveUpUs = later(clock.now(), BY_HAND_LIMIT);
  for (let attempt = 1; ; attempt += 1) {
    await control.enterLoader();
    if (await loader.answers()) break;
    if (loaderByHand === undefined ? attempt >= AUTOMATIC_ATTEMPTS : clock.now() >= giveUpUs) {
      throw noLoader(pipe, loaderByHand !== undefined);
    }
  }
  listeners.step('The loader answers.');
}

/** Resets the chip and reads what its ROM says. */
async function startFirmware(options: FlashOptions): Promise<void> {
  const { control, clock, signal, listeners } = options;
  const { resetByHand } = control;
  listeners.step(resetByHand ?? 'Resetting the board.');
  const limit = resetByHand === undefined ? ROM_LIMIT : BY_HAND_LIMIT;
  const watch = await watchBoot(romConsole(options), clock, limit);
  try {
    await control.hardReset();
    const message = await watch.message(limit, signal);
    const problem = bootProblem(message, limit);
    if (problem === undefined) return;
    const code = message === undefined ? 'TIMEOUT' : 'PROTOCOL';
    throw new RigError(code, `The image is written and verified, but ${problem}`);
  } finally {
    watch.stop();
  }
}

/** The pipe as a console at the ROM's rate. */
const romConsole = ({ pipe, clock, romBaud }: FlashOptions): BootConsole => ({
  onChunk: (listener) => pipe.onBytes((bytes) => listener({ bytes, atUs: clock.now(), baud: romBaud })),
  onNotice: (listener) =>
    pipe.onLost(({ message }) => listener({ kind: 'lost', atUs: clock.now(), detail: message })),
  expectRom: () => pipe.setBaud(romBaud),
});

const tooLarge = (image: Uint8Array, chip: Chip): RigError =>
  new RigError(
    'PROTOCOL',
    `The image has ${image.length} bytes, more than the ${chip.flashBytes} of the board's flash. Nothing was written.`,
  );

function noLoader({ name }: BytePipe, byHand: boolean): RigError {
  const entering = byHand
    ? 'was GPIO0 low while reset was released?'
    : 'are reset and GPIO0 wired as the bench file says?';
  return new RigError(
    'TIMEOUT',
    `No loader answers on ${name}: ${entering} Are TX and RX crossed, and is nothing else on the console's lines?`,
  );
}

function halfWritten(error: unknown): RigError {
  const code = error instanceof RigError ? error.code : 'BENCH';
  return new RigError(
    code,
    `${messageOf(error)} The flash is half written, and the board will not start: flash it again.`,
    { cause: error },
  );
}
