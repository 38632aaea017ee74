/**
 * The system calls that the GPIO driver makes: the seam between it and the kernel. `libc.ts` makes them for real; tests
 * have a kernel of their own. Calls that fail throw an error with the system's code, such as `EBUSY`, in `code`.
 */

/** A descriptor with something to read, or one that is of no use any more. */
export interface ReadyDescriptor {
  readonly fd: number;
  readonly failed: boolean;
}

export interface Kernel {
  /** Names of the GPIO character devices under /dev. */
  chipDevices(): readonly string[];
  open(path: string): number;
  close(fd: number): void;
  /** What the kernel answers stands in `argument` afterwards. */
  ioctl(fd: number, request: number, argument: Uint8Array): void;
  /** From now on, reading where there is nothing does not wait. */
  setNonBlocking(fd: number): void;
  /** Reads what is there and returns its length in bytes: 0 when there is nothing. */
  read(fd: number, into: Uint8Array): number;
  /** Waits, without blocking the event loop, until a descriptor is ready, `wake` is called or the time is over. */
  poll(fds: readonly number[], timeoutMs: number): Promise<readonly ReadyDescriptor[]>;
  /** Ends the `poll` under way, or the next one. */
  wake(): void;
  /** `CLOCK_MONOTONIC`, the clock of the kernel's events, in nanoseconds. */
  nowNs(): bigint;
}

/** An error as the operating system tells it. */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}
