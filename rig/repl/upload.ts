/** Puts a directory's files onto a board that runs MicroPython, each proved by its hash. */
import { isRigError, RigError } from '../errors.js';
import { BoardFiles, type BoardListing, sha256 } from './board-files.js';
import type { RawRepl } from './raw-repl.js';
import { planUpload } from './upload-plan.js';

export interface UploadOptions {
  readonly repl: RawRepl;
  /** Contents by path, `/` between its parts. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Removes what is on the board and not in `files`. */
  readonly mirror: boolean;
  readonly onProgress: (progress: UploadProgress) => void;
}

export interface UploadProgress {
  /** The file under way. */
  readonly path: string;
  /** Of all files together, those that are there already included. */
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Paths, by what became of them. */
export interface UploadResult {
  readonly written: readonly string[];
  /** Already there with the same content. */
  readonly unchanged: readonly string[];
  readonly removed: readonly string[];
  /** On the board and not in the directory, and left there. */
  readonly left: readonly string[];
}

/** The bytecode that `.mpy` files made by the rig have. */
export const BYTECODE_VERSION = 6;

/** Rejects with `PROTOCOL` when the device cannot take the files, `BENCH` when one does not arrive as it was sent. */
export async function uploadFiles({ repl, files, mirror, onProgress }: UploadOptions): Promise<UploadResult> {
  const board = await BoardFiles.open(repl);
  if ([...files.keys()].some((path) => path.endsWith('.mpy'))) await checkBytecode(board);
  const listing = await board.list();
  const plan = planUpload([...files.keys()], listing);
  for (const path of plan.foldersToMake) await board.makeFolder(path);
  const written: string[] = [];
  const unchanged: string[] = [];
  const totalBytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  let doneBytes = 0;
  for (const path of plan.files) {
    const bytes = files.get(path) ?? new Uint8Array(0);
    onProgress({ path, doneBytes, totalBytes });
    if (await isThere(board, listing, path, bytes)) unchanged.push(path);
    else {
      const before = doneBytes;
      await board.write(path, bytes, listing.files.has(path), (done) =>
        onProgress({ path, doneBytes: before + done, totalBytes }),
      );
      written.push(path);
    }
    doneBytes += bytes.length;
    onProgress({ path, doneBytes, totalBytes });
  }
  const removed = await removeAll(board, plan.twins);
  if (!mirror) return { written, unchanged, removed, left: plan.strangers.files };
  removed.push(...(await removeAll(board, plan.strangers.files)));
  return { written, unchanged, removed, left: await removeFolders(board, plan.strangers.folders) };
}

async function checkBytecode(board: BoardFiles): Promise<void> {
  const version = await board.bytecodeVersion();
  if (version === BYTECODE_VERSION) return;
  const loads = version === 0 ? 'loads no .mpy files' : `loads .mpy files of version ${version}`;
  throw new RigError(
    'PROTOCOL',
    `The board's MicroPython ${loads}, and the rig compiles to version ${BYTECODE_VERSION} (MicroPython 1.19 and later). ` +
      'Flash a newer MicroPython, or upload the sources with --source.',
  );
}

async function isThere(
  board: BoardFiles,
  listing: BoardListing,
  path: string,
  bytes: Uint8Array,
): Promise<boolean> {
  if (listing.files.get(path) !== bytes.length) return false;
  return (await board.sha256(path)) === sha256(bytes);
}

/** Resolves with those that the board keeps, such as one where something else is mounted. */
async function removeFolders(board: BoardFiles, paths: readonly string[]): Promise<string[]> {
  const kept: string[] = [];
  for (const path of paths) {
    try {
      await board.removeFolder(path);
    } catch (error) {
      if (!isRigError(error, 'PROTOCOL')) throw error;
      kept.push(path);
    }
  }
  return kept;
}

async function removeAll(board: BoardFiles, paths: readonly string[]): Promise<string[]> {
  for (const path of paths) await board.remove(path);
  return [...paths];
}
