/** A text file that grows line by line while a run goes on. */
import { closeSync, openSync, writeSync } from 'node:fs';

/** Lines are written in blocks of this size; a line a write would slow a fast run down. */
const BLOCK_CHARACTERS = 64 * 1024;

/** Writes synchronously, so that a virtual run never waits for a disk and a crash loses at most one block. */
export class LineFile {
  private readonly file: number;
  private pending = '';
  private closed = false;

  /** Creates the file; throws what the file system throws, also when it exists. */
  constructor(path: string) {
    this.file = openSync(path, 'wx');
  }

  write(line: string): void {
    this.pending += `${line}\n`;
    if (this.pending.length >= BLOCK_CHARACTERS) this.flush();
  }

  /** Hands what is pending to the operating system; throws what the file system throws. */
  flush(): void {
    if (this.pending === '' || this.closed) return;
    let bytes = Buffer.from(this.pending);
    // Dropped even when writing fails: a full disk must not make memory grow.
    this.pending = '';
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(this.file, bytes));
  }

  /** Flushes and closes; harmless when called again. */
  close(): void {
    if (this.closed) return;
    try {
      this.flush();
    } finally {
      this.closed = true;
      closeSync(this.file);
    }
  }
}
