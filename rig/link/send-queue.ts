/** The client's bounded queue of lines on their way to the DUT, with the promise that each caller holds. */
import { RigError } from '../errors.js';

export interface QueuedLine {
  readonly payload: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: RigError) => void;
}

/** Taken entries are cut off once there are this many, so that taking one does not move all others. */
const COMPACT_AT = 1_024;

export class SendQueue {
  private readonly limit: number;
  private lines: QueuedLine[] = [];
  private head = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get length(): number {
    return this.lines.length - this.head;
  }

  /** Appends a payload; resolves or rejects as the client decides. Rejects with `FULL` at the limit. */
  add(payload: Uint8Array): Promise<void> {
    if (this.length >= this.limit) {
      return Promise.reject(
        new RigError(
          'FULL',
          `${this.limit} lines already wait for the device; offer fewer, or wait for send().`,
        ),
      );
    }
    return new Promise((resolve, reject) => {
      this.lines.push({ payload, resolve, reject });
    });
  }

  /** The oldest line, left in the queue. */
  peek(): QueuedLine | undefined {
    return this.lines[this.head];
  }

  /** Takes the oldest line. */
  take(): QueuedLine | undefined {
    const line = this.lines[this.head];
    if (line === undefined) return undefined;
    this.head += 1;
    if (this.head >= COMPACT_AT || this.head === this.lines.length) {
      this.lines = this.lines.slice(this.head);
      this.head = 0;
    }
    return line;
  }

  /** Empties the queue and rejects every line in it. */
  rejectAll(error: RigError): void {
    const waiting = this.lines.slice(this.head);
    this.lines = [];
    this.head = 0;
    for (const line of waiting) line.reject(error);
  }
}
