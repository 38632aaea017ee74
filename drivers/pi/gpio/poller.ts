/**
 * One wait for the events of all lines of the process. Each wait occupies one of libuv's four threads, so that there
 * must not be one for each line.
 */
import type { Kernel } from './kernel.js';

/**
 * A wait ends after this time even if nothing happens: kernels before 6.6 do not wake a waiter when the chip goes away,
 * but tell it the next time.
 */
const POLL_LIMIT_MS = 250;

/** Told that a descriptor has something to read, or has failed. */
export type ReadyListener = (failed: boolean) => void;

export class LinePoller {
  private readonly kernel: Kernel;
  private readonly listeners = new Map<number, ReadyListener>();
  /** Resolves when the wait under way is over. */
  private round: Promise<void> | undefined;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Calls `listener` whenever `fd` has something to read or has failed, until `forget`. */
  watch(fd: number, listener: ReadyListener): void {
    this.listeners.set(fd, listener);
    if (this.round === undefined) this.start();
    else this.kernel.wake();
  }

  /** Stops watching. Resolves when the kernel does not look at `fd` any more, so that closing frees the line at once. */
  async forget(fd: number): Promise<void> {
    if (!this.listeners.delete(fd)) return;
    this.kernel.wake();
    await this.round;
  }

  /** At the exit of the process libuv waits for its threads: the one that polls must not keep it. */
  private readonly wakeAtExit = (): void => this.kernel.wake();

  private start(): void {
    process.once('exit', this.wakeAtExit);
    this.next();
  }

  private next(): void {
    if (this.listeners.size === 0) {
      this.round = undefined;
      process.removeListener('exit', this.wakeAtExit);
      return;
    }
    this.round = this.pollOnce().finally(() => this.next());
  }

  private async pollOnce(): Promise<void> {
    const fds = [...this.listeners.keys()];
    try {
      for (const { fd, failed } of await this.kernel.poll(fds, POLL_LIMIT_MS)) this.tell(fd, failed);
    } catch {
      // Without waiting for them, no edges can be vouched for.
      for (const fd of fds) this.tell(fd, true);
    }
  }

  private tell(fd: number, failed: boolean): void {
    this.listeners.get(fd)?.(failed);
  }
}
