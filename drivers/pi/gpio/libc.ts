/**
 * The system calls of the GPIO driver, made through the C library by way of the package `koffi`. Only this file knows
 * that package.
 */
import { closeSync, constants, openSync, readdirSync, writeSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { loadPackage } from '../device.js';
import { type Kernel, type ReadyDescriptor, SystemError } from './kernel.js';

const DEVICES = '/dev';

/** `FIONBIO` of include/uapi/asm-generic/ioctls.h: reads no longer wait. The kernel takes it for every descriptor. */
const SET_NON_BLOCKING = 0x5421;
/** `EFD_CLOEXEC | EFD_NONBLOCK` (include/linux/eventfd.h), the same numbers on x86 and Arm. */
const EVENTFD_FLAGS = 0o2000000 | 0o4000;
const EVENTFD_BYTES = 8;

/** `struct pollfd`: descriptor, events asked for, events seen (include/uapi/asm-generic/poll.h). */
const POLLFD_BYTES = 8;
const POLLIN = 0x0001;
const POLLERR_POLLHUP_POLLNVAL = 0x0008 | 0x0010 | 0x0020;

/** Loads the package. Rejects with `BENCH` when it is missing. */
export async function loadKernel(): Promise<Kernel> {
  const { default: koffi } = await loadPackage('koffi', () => import('koffi'));
  const libc = koffi.load(null);
  // Its prototype has "..." instead of the pointer. On x86 and Arm Linux such arguments travel alike.
  const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)');
  const read = libc.func('intptr_t read(int fd, void *into, size_t length)');
  const poll = libc.func('int poll(void *descriptors, unsigned long count, int timeout_ms)');
  const eventfd = libc.func('int eventfd(unsigned int value, int flags)');

  const check = (call: string, result: unknown): number => {
    if (typeof result === 'number' && result >= 0) return result;
    throw systemError(koffi.errno(), call);
  };
  const wakeFd = check('eventfd', eventfd(0, EVENTFD_FLAGS));

  /** Reads without waiting; 0 when there is nothing. */
  const readNow = (fd: number, into: Uint8Array): number => {
    const length: unknown = read(fd, into, into.length);
    if (length === -1 && koffi.errno() === koffi.os.errno.EAGAIN) return 0;
    return check('read', length);
  };

  /** One of libuv's threads waits, so that neither the event loop nor another wait is held up. */
  const pollInThread = (descriptors: Uint8Array, count: number, timeoutMs: number): Promise<void> =>
    new Promise((resolve, reject) => {
      poll.async(descriptors, count, timeoutMs, (error: unknown, result: unknown) => {
        // koffi hands the thread's errno to this callback.
        if (error !== null) reject(error);
        else if (result === -1 && koffi.errno() !== koffi.os.errno.EINTR)
          reject(systemError(koffi.errno(), 'poll'));
        else resolve();
      });
    });

  return {
    chipDevices: () => readdirSync(DEVICES).filter((name) => /^gpiochip\d+$/.test(name)),
    open: (path) => openSync(path, constants.O_RDWR),
    close: (fd) => closeSync(fd),
    ioctl: (fd, request, argument) => {
      check('ioctl', ioctl(fd, request, argument));
    },
    setNonBlocking: (fd) => {
      check('ioctl', ioctl(fd, SET_NON_BLOCKING, Int32Array.of(1)));
    },
    read: readNow,
    poll: async (fds, timeoutMs) => {
      const descriptors = pollDescriptors([wakeFd, ...fds]);
      await pollInThread(descriptors, fds.length + 1, timeoutMs);
      readNow(wakeFd, new Uint8Array(EVENTFD_BYTES));
      return readyOnes(descriptors).filter(({ fd }) => fd !== wakeFd);
    },
    wake: () => {
      writeSync(wakeFd, new BigUint64Array([1n]));
    },
    nowNs: () => process.hrtime.bigint(),
  };
}

function pollDescriptors(fds: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(fds.length * POLLFD_BYTES);
  const fields = new DataView(bytes.buffer);
  for (const [index, fd] of fds.entries()) {
    fields.setInt32(index * POLLFD_BYTES, fd, true);
    fields.setInt16(index * POLLFD_BYTES + 4, POLLIN, true);
  }
  return bytes;
}

function readyOnes(bytes: Uint8Array): ReadyDescriptor[] {
  const fields = new DataView(bytes.buffer);
  const ready: ReadyDescriptor[] = [];
  for (let at = 0; at < bytes.length; at += POLLFD_BYTES) {
    const seen = fields.getInt16(at + 6, true);
    if (seen === 0) continue;
    ready.push({ fd: fields.getInt32(at, true), failed: (seen & POLLERR_POLLHUP_POLLNVAL) !== 0 });
  }
  return ready;
}

function systemError(errno: number, call: string): SystemError {
  const [code, text] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error'];
  return new SystemError(code, `${text}, ${call}`);
}
