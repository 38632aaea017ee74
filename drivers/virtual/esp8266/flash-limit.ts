/** Keeps a program from filling the host's memory by way of its flash: when that is full, a write fails as on the board. */

import { flashFiles } from './flash.js';
import type { MicroPythonFileSystem } from './interpreter/load.js';

/** 4 MB, less the first megabyte, which is the interpreter, and the last five sectors, which are the vendor's. */
export const FLASH_FILE_SYSTEM_BYTES = (1024 - 256 - 5) * 4096;
/** `ENOSPC` as MicroPython numbers it (py/mperrno.h). */
const ENOSPC = 28;

/** From now on, a write to a file that no longer fits raises OSError(28) in Python. */
export function limitFlash(fs: MicroPythonFileSystem, limitBytes = FLASH_FILE_SYSTEM_BYTES): void {
  const { write } = fs;
  let usedBytes = usedIn(fs);
  fs.write = (stream, buffer, offset, length, ...rest) => {
    if (fs.isFile(stream.node.mode)) {
      // Counted upwards only, since files are also overwritten and removed; looked up when that seems too much.
      if (usedBytes + length > limitBytes) usedBytes = usedIn(fs);
      if (usedBytes + length > limitBytes) throw new fs.ErrnoError(ENOSPC);
      usedBytes += length;
    }
    return write(stream, buffer, offset, length, ...rest);
  };
}

function usedIn(fs: MicroPythonFileSystem): number {
  return flashFiles(fs).reduce((sum, path) => sum + fs.stat(path).size, 0);
}
