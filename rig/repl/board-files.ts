/** The files on a board that runs MicroPython, handled over its raw REPL. */
import { createHash } from 'node:crypto';
import { isRigError, RigError } from '../errors.js';
import { type DurationUs, seconds } from '../time/units.js';
import type { RawRepl } from './raw-repl.js';

/**
 * Content sent at a time: 684 characters as base64, and 512 bytes more decoded, of a heap of 36 KB. As `bytes` literals
 * the same content could need four characters each.
 */
export const CHUNK_BYTES = 512;
/** A block of flash takes up to 0.4 s to erase (datasheets of the usual chips), and a file system may erase several. */
const STEP_LIMIT: DurationUs = seconds(15);

/** Names are short, so that they cost the board little memory. */
const helpers = `
import os
try:
    from binascii import a2b_base64 as _u, hexlify as _x
except ImportError:
    from ubinascii import a2b_base64 as _u, hexlify as _x
try:
    from hashlib import sha256 as _h
except ImportError:
    from uhashlib import sha256 as _h
def _l(d):
    for e in os.ilistdir(d or '/'):
        p = d + '/' + e[0]
        if e[1] & 0x4000:
            print('d 0 ' + p)
            _l(p)
        else:
            print('f', e[3] if len(e) > 3 else os.stat(p)[6], p)
def _s(p):
    h = _h()
    b = bytearray(256)
    with open(p, 'rb') as f:
        while True:
            n = f.readinto(b)
            if not n:
                break
            h.update(memoryview(b)[:n])
    print(_x(h.digest()).decode())
def _w(s):
    _f.write(_u(s))
`;

/** What is on the board, by path without a leading slash. */
export interface BoardListing {
  /** Files with their sizes in bytes. */
  readonly files: ReadonlyMap<string, number>;
  readonly folders: ReadonlySet<string>;
}

export class BoardFiles {
  private readonly repl: RawRepl;

  private constructor(repl: RawRepl) {
    this.repl = repl;
  }

  /** Prepares the device. Rejects with `PROTOCOL` when its MicroPython lacks what is needed. */
  static async open(repl: RawRepl): Promise<BoardFiles> {
    const files = new BoardFiles(repl);
    await files.run(helpers);
    return files;
  }

  /** The version of bytecode that the device loads from `.mpy` files; 0 when it loads none. */
  async bytecodeVersion(): Promise<number> {
    return Number(await this.run("import sys\nprint(getattr(sys.implementation,'_mpy',0)&0xff)"));
  }

  async list(): Promise<BoardListing> {
    const files = new Map<string, number>();
    const folders = new Set<string>();
    for (const line of (await this.run("_l('')")).split('\n')) {
      const [, kind, size, path] = /^([df]) (\d+) \/(.+?)\r?$/.exec(line) ?? [];
      if (path === undefined) continue;
      if (kind === 'd') folders.add(path);
      else files.set(path, Number(size));
    }
    return { files, folders };
  }

  /** SHA-256 of a file on the board, in hexadecimal. */
  async sha256(path: string): Promise<string> {
    return (await this.run(`_s(${quoted(path)})`)).trim();
  }

  async makeFolder(path: string): Promise<void> {
    await this.run(`os.mkdir(${quoted(path)})`);
  }

  async remove(path: string): Promise<void> {
    await this.run(`os.remove(${quoted(path)})`);
  }

  async removeFolder(path: string): Promise<void> {
    await this.run(`os.rmdir(${quoted(path)})`);
  }

  /**
   * Writes a file under another name, proves by its hash that it arrived, and only then puts it in place: a file on the
   * board is always the old or the new one. `exists`: there is one to replace. `onProgress` is told the bytes written.
   */
  async write(
    path: string,
    bytes: Uint8Array,
    exists: boolean,
    onProgress: (writtenBytes: number) => void,
  ): Promise<void> {
    const temporary = `${path}.new`;
    try {
      await this.run(`_f=open(${quoted(temporary)},'wb')`);
      for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
        const chunk = bytes.subarray(from, from + CHUNK_BYTES);
        await this.run(`_w(b'${Buffer.from(chunk).toString('base64')}')`);
        onProgress(from + chunk.length);
      }
      await this.run('_f.close()');
      if ((await this.sha256(temporary)) !== sha256(bytes)) throw garbled();
    } catch (error) {
      throw await this.giveUp(path, temporary, error);
    }
    // Not every file system replaces a file by renaming.
    const removeOld = exists ? `os.remove(${quoted(path)})\n` : '';
    await this.run(`${removeOld}os.rename(${quoted(temporary)},${quoted(path)})`);
  }

  /** Removes what was written of a file, and says which file it was and what to do next. */
  private async giveUp(path: string, temporary: string, error: unknown): Promise<unknown> {
    if (!isRigError(error)) return error;
    // A device that does not answer, or a user who has no time, would only make it wait again.
    if (error.code === 'PROTOCOL' || error.code === 'INVALID') {
      await this.run(`_f.close()\nos.remove(${quoted(temporary)})`).catch(() => undefined);
    }
    const isFull = /ENOSPC|OSError: (\[Errno )?28\b/.test(error.message);
    const step = isFull ? ' Its file system is full: --mirror removes what is not in the directory.' : '';
    return new RigError(error.code, `${path}: ${error.message}${step}`, { cause: error });
  }

  private run(program: string): Promise<string> {
    return this.repl.run(program, STEP_LIMIT);
  }
}

const garbled = (): RigError =>
  new RigError(
    'INVALID',
    "What arrived on the board is not what was sent. Try again; if it stays so, check the console's wires and ground.",
  );

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A path as a string of Python, absolute on the board. JSON's escapes are Python's. */
const quoted = (path: string): string => JSON.stringify(`/${path}`);
