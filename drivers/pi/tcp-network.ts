/** The real network: the device's connections arrive on a TCP port of this host. */
import { createServer } from 'node:net';
import { messageOf, RigError } from '../../rig/errors.js';
import type { Connection, Listener, Network } from '../../rig/ports.js';
import { TcpConnection } from './tcp-connection.js';

/** Connections that the system may hold before they are accepted. */
const BACKLOG = 16;

export class TcpNetwork implements Network {
  readonly hostAddress: string;

  /** `address` is the one of this host that the device reaches; only there are connections accepted. */
  constructor(options: { readonly address: string }) {
    this.hostAddress = options.address;
  }

  /** Accepts connections on `port`, or on a free one when it is 0. Rejects with `BENCH` when it cannot be bound. */
  listen(port: number, accept: (connection: Connection) => void): Promise<Listener> {
    return new Promise((resolve, reject) => {
      const server = createServer({ allowHalfOpen: true }, (socket) => accept(new TcpConnection(socket)));
      // Once it listens, an error is a connection that could not be accepted; the device tries again.
      server.on('error', (error) => reject(this.bindError(port, error)));
      server.listen({ host: this.hostAddress, port, backlog: BACKLOG }, () => {
        const bound = server.address();
        resolve({
          port: typeof bound === 'object' && bound !== null ? bound.port : port,
          close: () => {
            // Its callback would wait for the connections that stay open; the port is free at once.
            server.close();
            return Promise.resolve();
          },
        });
      });
    });
  }

  private bindError(port: number, error: Error): RigError {
    const message =
      `Cannot listen on ${this.hostAddress}:${port}: ${messageOf(error)}. Is another run using the port, ` +
      "and is the address one of this host's?";
    return new RigError('BENCH', message, { cause: error });
  }
}
