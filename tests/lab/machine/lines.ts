/** Lines that arrive over a socket, which may be cut off at any time: QEMU drops its own when it ends. */
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

export function onLine(socket: Socket, take: (line: string) => void): void {
  socket.on('error', () => socket.destroy());
  const lines = createInterface(socket);
  lines.on('line', take);
  // What the socket reports is reported here once more.
  lines.on('error', () => socket.destroy());
}
