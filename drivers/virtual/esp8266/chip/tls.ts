/** The TLS connections of the board's program, as functions of `_board`: they turn what the program says into bytes for its socket. */
import type { Chip } from './chip.js';
import { errno } from './errno.js';
import { RECORD_LIMIT_BYTES, TlsClient } from './tls-client.js';

/** "Optimized RSA algorithms are not enabled" (the port's documentation): seconds, at 80 MHz. How many is an assumption. */
const RSA_US = 2_000_000;

export function tlsFunctions({ cpu, memory, randomU32 }: Chip): object {
  const clients = new Map<number, TlsClient>();
  let opened = 0;
  const randomBytes = (length: number) => Buffer.from(Array.from({ length }, () => randomU32() & 0xff));
  return {
    tls_buffer: () => RECORD_LIMIT_BYTES,
    tls_open: () => {
      opened += 1;
      clients.set(opened, new TlsClient(randomBytes, () => cpu.work(RSA_US)));
      return opened;
    },
    /** 1 once the handshake is complete, 0 before, negative on an error. */
    tls_push: (id: number, address: number, length: number) => {
      const client = clients.get(id);
      if (client === undefined) return -errno.EBADF;
      const error = client.push(memory(address, length).slice());
      return error || (client.isEstablished ? 1 : 0);
    },
    /** Bytes for the socket. What does not fit is lost: the program gives the whole buffer each time. */
    tls_outgoing: (id: number, address: number, length: number) => {
      const bytes = clients.get(id)?.takeOutgoing().subarray(0, length);
      if (bytes === undefined) return 0;
      memory(address, bytes.length).set(bytes);
      return bytes.length;
    },
    tls_read: (id: number, address: number, length: number) => {
      const bytes = clients.get(id)?.read(length);
      if (bytes === undefined) return -errno.EAGAIN;
      memory(address, bytes.length).set(bytes);
      return bytes.length;
    },
    tls_write: (id: number, address: number, length: number) =>
      clients.get(id)?.write(memory(address, length).slice()) ?? -errno.EBADF,
    tls_close: (id: number) => {
      clients.get(id)?.close();
      return 0;
    },
    tls_forget: (id: number) => {
      clients.delete(id);
      return 0;
    },
  };
}
