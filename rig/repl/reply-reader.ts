/** What a device prints, taken piece by piece by whoever talks with it over its console. Bounded in time and memory. */
import { isRigError, RigError } from '../errors.js';
import type { UartConsole } from '../ports.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, later, toMs } from '../time/units.js';

/** Unread bytes kept. A device that prints more than this unasked is not one that can be talked with. */
export const UNREAD_LIMIT = 65_536;
/** Characters of what was read that an error shows. */
const SHOWN_CHARACTERS = 200;

interface Waiter {
  readonly isThere: () => boolean;
  readonly settle: (error?: RigError) => void;
}

export class ReplyReader {
  private readonly clock: Clock;
  private readonly stops: readonly (() => void)[];
  private readonly signal: AbortSignal;
  private readonly limitBytes: number;
  /** Characters whose codes are the bytes. */
  private unread = '';
  private failure: RigError | undefined;
  private waiter: Waiter | undefined;

  /** `signal` aborts every wait. */
  constructor(console: UartConsole, clock: Clock, signal: AbortSignal, limitBytes = UNREAD_LIMIT) {
    this.limitBytes = limitBytes;
    this.clock = clock;
    this.signal = signal;
    this.stops = [
      console.onChunk(({ bytes }) => this.take(bytes)),
      console.onNotice(({ kind, detail }) => {
        if (kind === 'lost' || kind === 'gone') this.fail(new RigError('BENCH', detail));
      }),
    ];
  }

  /**
   * Takes everything up to and including `mark`. Rejects with `TIMEOUT` when it does not come within `limit`, with
   * `BENCH` when the console is lost, with `CANCELLED`.
   */
  async until(mark: string, limit: DurationUs): Promise<string> {
    await this.wait(() => this.unread.includes(mark), JSON.stringify(mark), limit);
    return this.cut(this.unread.indexOf(mark) + mark.length);
  }

  /** Takes `count` bytes, as characters of the same codes. Rejects as `until` does. */
  async exactly(count: number, limit: DurationUs): Promise<string> {
    await this.wait(() => this.unread.length >= count, `${count} bytes`, limit);
    return this.cut(count);
  }

  /** Takes what is there. */
  rest(): string {
    return this.cut(this.unread.length);
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.waiter?.settle(new RigError('CLOSED', 'Nobody listens to the console any more.'));
  }

  private async wait(isThere: () => boolean, what: string, limit: DurationUs): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (this.signal.aborted) throw cancelled();
    if (isThere()) return;
    try {
      await this.arrival(isThere, limit);
    } catch (error) {
      throw isRigError(error, 'TIMEOUT') ? this.timeout(what, limit) : error;
    }
  }

  private arrival(isThere: () => boolean, limit: DurationUs): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: RigError) => {
        this.waiter = undefined;
        timer.cancel();
        this.signal.removeEventListener('abort', abort);
        if (error === undefined) resolve();
        else reject(error);
      };
      const abort = () => settle(cancelled());
      const timer = this.clock.at('reply', later(this.clock.now(), limit), () =>
        settle(new RigError('TIMEOUT', '')),
      );
      this.signal.addEventListener('abort', abort, { once: true });
      this.waiter = { isThere, settle };
    });
  }

  private take(bytes: Uint8Array): void {
    for (const byte of bytes) this.unread += String.fromCharCode(byte);
    if (this.unread.length > this.limitBytes) {
      this.fail(
        new RigError('FULL', `The device printed more than ${this.limitBytes} bytes that nobody asked for.`),
      );
    }
    if (this.waiter?.isThere()) this.waiter.settle();
  }

  private fail(error: RigError): void {
    this.failure ??= error;
    this.unread = '';
    this.waiter?.settle(error);
  }

  private cut(count: number): string {
    const taken = this.unread.slice(0, count);
    this.unread = this.unread.slice(count);
    return taken;
  }

  private timeout(what: string, limit: DurationUs): RigError {
    const last = JSON.stringify(this.unread.slice(-SHOWN_CHARACTERS));
    const shown = this.unread === '' ? 'It printed nothing' : `It printed last: ${last}`;
    return new RigError(
      'TIMEOUT',
      `The device did not answer with ${what} within ${toMs(limit)} ms. ${shown}.`,
    );
  }
}

const cancelled = (): RigError =>
  new RigError('CANCELLED', 'The conversation with the device was cancelled.');
