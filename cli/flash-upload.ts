/** Uploads a directory to the board of a bench file. */
import { openRestart } from '../drivers/pi/flash/open-control.js';
import { openConsole } from '../drivers/pi/serial/console.js';
import type { UploadResult } from '../rig/repl/upload.js';
import { runUpload, type UploadSessionOptions } from '../rig/repl/upload-session.js';
import { withBoardSettings } from './board-settings.js';
import type { Hand } from './by-hand.js';
import { closing, startDrivers } from './flash-drivers.js';
import type { DirectorySource } from './flash-source.js';
import { ProgressLine } from './progress-line.js';
import type { TextOutput } from './surroundings.js';
import { uploadFilesOf } from './upload-files.js';

/** Paths shown of a list. */
const PATHS_SHOWN = 8;

export interface DirectoryUpload {
  readonly source: DirectorySource;
  readonly compile: boolean;
  readonly mirror: boolean;
}

/** Rejects as `runUpload` does, and with `USAGE` for a source that cannot be compiled. */
export async function uploadByHand(hand: Hand, output: TextOutput, upload: DirectoryUpload): Promise<void> {
  const { file, clock } = hand;
  // Looked for before the bench was taken.
  if (file.console === undefined) return;
  const compiled = await uploadFilesOf(upload.source.files, !upload.compile);
  const files = withBoardSettings(compiled, file.link);
  const progress = new ProgressLine(output);
  try {
    await closing(await openConsole(file.console, clock), async (console) => {
      const opened = await openRestart(file, console, clock, startDrivers(hand));
      await closing(opened, ({ restart }) =>
        put(hand, { files, mirror: upload.mirror, console, restart }, progress),
      );
    });
  } finally {
    progress.end();
  }
}

async function put(
  { file, clock, stop, say }: Hand,
  board: Pick<UploadSessionOptions, 'files' | 'mirror' | 'console' | 'restart'>,
  progress: ProgressLine,
): Promise<void> {
  const result = await runUpload({
    ...board,
    clock,
    signal: stop,
    isEsp8266: file.board.kind === 'esp8266',
    onStep: (text) => {
      progress.end();
      say(text);
    },
    onProgress: ({ path, doneBytes, totalBytes }) => progress.show(path, doneBytes, totalBytes),
  });
  for (const line of summary(result, board.mirror)) say(line);
}

function summary({ written, unchanged, removed, left }: UploadResult, mirrored: boolean): string[] {
  const lines = [`${written.length} files written, ${unchanged.length} were there already.`];
  if (removed.length > 0) lines.push(`Removed: ${list(removed)}.`);
  const step = mirrored ? 'The board keeps them.' : '--mirror removes them.';
  if (left.length > 0) lines.push(`On the board, not in the directory: ${list(left)}. ${step}`);
  return lines;
}

function list(paths: readonly string[]): string {
  const more = paths.length - PATHS_SHOWN;
  return `${paths.slice(0, PATHS_SHOWN).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}
