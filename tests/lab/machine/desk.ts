/**
 * What the guest can ask of the host: a TCP server on the host's loopback address, which the guest reaches as
 * 10.0.2.2. A question is a line, an action's name; the answer is a line, `ok` or what went wrong.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { onLine } from './lines.js';

export type Actions = ReadonlyMap<string, () => Promise<void>>;

export interface Desk {
  readonly port: number;
  close(): void;
}

export async function openDesk(actions: Actions): Promise<Desk> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    onLine(socket, (line) => {
      void answer(actions, line).then((text) => socket.writable && socket.write(`${text}\n`));
    });
  });
  return {
    port: await listen(server),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function answer(actions: Actions, line: string): Promise<string> {
  const action = actions.get(line.trim());
  if (action === undefined) return `the host does not know "${line.trim()}"`;
  try {
    await action();
    return 'ok';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Listens on a free port of the loopback address and resolves with it. */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('The system does not tell the port.'));
    });
  });
}
