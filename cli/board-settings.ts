/** What a board must know of the bench that it is on: a file of its own, beside its firmware. */
import type { LinkSection } from '../rig/bench-file/bench-file.js';

/** Read by firmware/link/link/app.py. */
const SETTINGS_FILE = 'board.json';

/**
 * The files of an upload, and one that tells a board how fast to clock the bus, where it is the board that does. A
 * directory that has that file already knows better.
 */
export function withBoardSettings(
  files: ReadonlyMap<string, Uint8Array>,
  link: LinkSection,
): ReadonlyMap<string, Uint8Array> {
  if (link.role !== 'target' || files.has(SETTINGS_FILE)) return files;
  const settings = `${JSON.stringify({ i2c_hz: link.i2c.hz })}\n`;
  return new Map([...files, [SETTINGS_FILE, new TextEncoder().encode(settings)]]);
}
