/** Lets the connections of a live board out to real sockets. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Connection } from '../../rig/ports.js';
import type { Destination, Gateway } from './network/virtual-network.js';

/** Where a connection really goes; undefined where it is to be refused. */
export type RealPlace = (to: Destination) => { readonly host: string; readonly port: number } | undefined;

/**
 * Carries bytes both ways until both sides have ended. The board's connection is accepted before the real one is there:
 * where that cannot be made, the board sees a reset.
 */
export function socketGateway(place: RealPlace): Gateway {
  return (to) => {
    const real = place(to);
    return real === undefined ? undefined : (connection) => carry(connection, connect(real));
  };
}

function carry(connection: Connection, socket: Socket): void {
  socket.setNoDelay(true);
  void fromBoard(connection, socket).catch(() => socket.destroy());
  void toBoard(connection, socket).catch(() => connection.destroy());
}

async function fromBoard(connection: Connection, socket: Socket): Promise<void> {
  for (;;) {
    const bytes = await connection.read();
    if (bytes === undefined) break;
    if (!socket.write(bytes)) await once(socket, 'drain');
  }
  socket.end();
}

async function toBoard(connection: Connection, socket: Socket): Promise<void> {
  for await (const chunk of socket) await connection.write(new Uint8Array(chunk));
  await connection.end();
}
