/** Writes an image to the flash of the board of a bench file. */
import type { FlashMode } from '../drivers/pi/flash/esptool.js';
import { type FlashOptions, flashImage } from '../drivers/pi/flash/flash.js';
import { openBootControl } from '../drivers/pi/flash/open-control.js';
import { openPipe } from '../drivers/pi/serial/pipe.js';
import { count } from '../reports/text/numbers.js';
import type { Hand } from './by-hand.js';
import { closing, startDrivers } from './flash-drivers.js';
import type { ImageSource } from './flash-source.js';
import { ProgressLine } from './progress-line.js';
import type { TextOutput } from './surroundings.js';

export interface ImageFlashing {
  readonly source: ImageSource;
  readonly baud: number;
  readonly flashMode: FlashMode;
  readonly keepFiles: boolean;
}

/** Rejects as `flashImage` does. */
export async function flashImageByHand(
  hand: Hand,
  output: TextOutput,
  flashing: ImageFlashing,
): Promise<void> {
  const { file, clock } = hand;
  const { console } = file;
  // Looked for before the bench was taken.
  if (console === undefined) return;
  const progress = new ProgressLine(output);
  try {
    await closing(await openPipe(console.path, console.baud), async (pipe) => {
      const opened = await openBootControl(file, pipe, clock, startDrivers(hand));
      await closing(opened, (control) =>
        write(hand, flashing, { pipe, control, romBaud: console.romBaud }, progress),
      );
    });
  } finally {
    progress.end();
  }
}

async function write(
  { clock, stop, say }: Hand,
  { source, ...settings }: ImageFlashing,
  board: Pick<FlashOptions, 'pipe' | 'control' | 'romBaud'>,
  progress: ProgressLine,
): Promise<void> {
  const { image, name } = source;
  const listeners = {
    step: (text: string) => {
      progress.end();
      say(text);
    },
    progress: (sent: number, total: number) => progress.show('written', sent, total),
  };
  const chip = await flashImage({ ...board, ...settings, clock, image, signal: stop, listeners });
  say(`${name}, ${count(image.length)} bytes, is on the ${chip.name} ${chip.mac}, and starts.`);
}
