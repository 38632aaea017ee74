/** `rig flash`: a firmware image into the device's flash, or a directory of MicroPython onto its file system. */
import type { Command } from 'commander';
import { type FlashMode, flashModes, LOADER_BAUD } from '../drivers/pi/flash/esptool.js';
import { benchOption, type FoundPhysicalBenchFile, requirePhysicalBenchFile } from './bench-file.js';
import { byHand, type HandTools, requireSection } from './by-hand.js';
import { flashImageByHand } from './flash-image.js';
import { type FlashSource, readFlashSource } from './flash-source.js';
import { uploadByHand } from './flash-upload.js';
import type { Surroundings } from './surroundings.js';
import { usageError } from './usage.js';

/** Rates that common adapters can do. */
const SLOWEST_BAUD = 9_600;
const FASTEST_BAUD = 2_000_000;

const PURPOSE = '"rig flash" writes the flash';

interface GivenOptions {
  readonly bench?: string;
  readonly baud?: string;
  readonly flashMode?: string;
  readonly keepFiles?: boolean;
  readonly source?: boolean;
  readonly mirror?: boolean;
}

export function addFlashCommand(program: Command, tools: HandTools): void {
  program
    .command('flash')
    .summary('write a firmware image, or upload a directory of MicroPython')
    .description(
      'With a file: writes it to the flash of an ESP8266 by the loader in its ROM. The flash is erased first, the ' +
        'files on it included, and what was written is proved by its hash.\n' +
        'With a directory: puts its files onto a board that runs MicroPython, .py compiled to .mpy except main.py and ' +
        'boot.py. Each file is proved by its hash before it replaces another.\n' +
        'Either way the board is reset at the end, and seen to start.',
    )
    .argument(
      '[file or directory]',
      'a .bin of MicroPython for the ESP8266, or a directory with main.py; default: board.firmware of the bench file',
    )
    .option(benchOption.flags, `${benchOption.description})`)
    .option('--baud <n>', `file: rate for writing (default: ${LOADER_BAUD})`)
    .option(
      '--flash-mode <mode>',
      `file: how the chip reads its flash: ${flashModes.join(', ')} (default: keep)`,
    )
    .option('--keep-files', 'file: erase only what the image needs, not the files on the board')
    .option('--source', 'directory: upload .py as they are')
    .option('--mirror', 'directory: remove what is on the board and not in the directory')
    .action(async (path: string | undefined, options: GivenOptions) => {
      const source = findSource(path, options.bench, tools.surroundings);
      refuseStrangers(source, options);
      await flash(source, options, tools);
    });
}

/** What is named, else what the bench file says that its board runs. */
function findSource(
  path: string | undefined,
  bench: string | undefined,
  surroundings: Surroundings,
): FlashSource {
  if (path !== undefined) return readFlashSource(path, surroundings.workingDirectory);
  const { file, folder, name } = requirePhysicalBenchFile(bench, PURPOSE, surroundings);
  if (file.board.firmware !== undefined) return readFlashSource(file.board.firmware, folder);
  throw usageError(`${name}: it names no board.firmware. Write "rig flash FILE" or "rig flash DIRECTORY".`);
}

async function flash(source: FlashSource, options: GivenOptions, tools: HandTools): Promise<void> {
  const { bench } = options;
  const baud = baudOption(options.baud);
  const flashMode = flashModeOption(options.flashMode);
  const command = {
    bench,
    command: `rig flash ${source.name}`,
    purpose: PURPOSE,
    require: (found: FoundPhysicalBenchFile) => {
      requireSection(found, 'console', 'console');
      if (source.kind === 'image') requireEsp8266(found);
    },
  };
  const { output } = tools.surroundings;
  await byHand(command, tools, (hand) =>
    source.kind === 'image'
      ? flashImageByHand(hand, output, { source, baud, flashMode, keepFiles: options.keepFiles ?? false })
      : uploadByHand(hand, output, { source, compile: !options.source, mirror: options.mirror ?? false }),
  );
}

function requireEsp8266({ file, name, where }: FoundPhysicalBenchFile): void {
  if (file.board.kind === 'esp8266') return;
  throw usageError(
    `${name}: ${where(['board', 'kind'])}: the board of bench "${file.name}" is no ESP8266, and images are written to ` +
      'that alone. Directories can be uploaded to any board with MicroPython.',
  );
}

/** Options that mean nothing for what is given are a mistake. */
function refuseStrangers(source: FlashSource, options: GivenOptions): void {
  const strangers =
    source.kind === 'image' ? (['source', 'mirror'] as const) : (['baud', 'flashMode', 'keepFiles'] as const);
  const given = strangers.find((option) => options[option] !== undefined);
  if (given === undefined) return;
  const name = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const [is, wants] = source.kind === 'image' ? ['a file', 'a directory'] : ['a directory', 'a file'];
  throw usageError(`--${name} is for ${wants}; ${source.name} is ${is}.`);
}

function baudOption(text: string | undefined): number {
  if (text === undefined) return LOADER_BAUD;
  const baud = Number(text);
  if (Number.isInteger(baud) && baud >= SLOWEST_BAUD && baud <= FASTEST_BAUD) return baud;
  throw usageError(`--baud: ${text} is no rate between ${SLOWEST_BAUD} and ${FASTEST_BAUD}.`);
}

function flashModeOption(text = 'keep'): FlashMode {
  const mode = flashModes.find((known) => known === text);
  if (mode !== undefined) return mode;
  throw usageError(`--flash-mode: "${text}" is none of ${flashModes.join(', ')}.`);
}
