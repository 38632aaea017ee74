/**
 * Notices that a port was hung up, as the kernel does to one whose adapter was unplugged. A read then returns 0 bytes,
 * which `serialport` 13 takes for "try again at once": it spins for ever and tells nobody
 * (serialport/bindings-cpp#162). That happens whenever a read is under way at that moment; without one, the wait for
 * the next byte fails as it should. So ports that are polled read here.
 */
import { read } from 'node:fs';
import { promisify } from 'node:util';
import { errnoCode } from '../device.js';

const readFile = promisify(read);

interface Filled {
  readonly buffer: Buffer;
  readonly bytesRead: number;
}

/** What the package's ports on Linux and macOS have in common. */
export interface PolledPort {
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', callback: (error: Error | null) => void): unknown };
  read(buffer: Buffer, offset: number, length: number): Promise<Filled>;
}

/** Makes reads of `port` fail when it is hung up. */
export function failOnHangUp(port: PolledPort): void {
  port.read = async (buffer, offset, length) => {
    for (;;) {
      if (port.fd === null) throw canceled();
      const bytesRead = await readNow(port.fd, buffer, offset, length);
      if (bytesRead === 0) throw new Error('hung up');
      if (bytesRead !== undefined) return { buffer, bytesRead };
      if (port.fd === null) throw canceled();
      await new Promise<void>((resolve, reject) => {
        port.poller.once('readable', (error) => (error === null ? resolve() : reject(error)));
      });
    }
  };
}

/** Resolves with the number of bytes read, 0 at a hang-up, undefined when there is nothing to read yet. */
async function readNow(
  fd: number,
  buffer: Buffer,
  offset: number,
  length: number,
): Promise<number | undefined> {
  try {
    return (await readFile(fd, buffer, offset, length, null)).bytesRead;
  } catch (error) {
    if (['EAGAIN', 'EINTR'].includes(errnoCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** What the package's stream takes for "closed by whoever reads", and no loss. */
const canceled = (): Error => Object.assign(new Error('Port is not open'), { canceled: true });
