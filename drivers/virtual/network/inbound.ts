/** Connections that the host opens to a port on which the device listens. */
import { RigError } from '../../../rig/errors.js';
import type { Connection } from '../../../rig/ports.js';
import type { Clock } from '../../../rig/time/clock.js';
import type { Radio } from './radio.js';
import type { Segment } from './segment.js';
import { TcpEndpoint } from './tcp-endpoint.js';
import { HOST_TCP } from './tcp-profile.js';
import { VirtualConnection } from './virtual-connection.js';

/** The device's stack, as a segment of such a connection reaches it. */
export interface InboundTaker {
  /** `answer` sends a segment back. */
  arrive(segment: Segment, port: number, remote: string, answer: (segment: Segment) => void): void;
}

export interface DialOptions {
  readonly clock: Clock;
  readonly radio: Radio;
  readonly device: InboundTaker;
  /** The device's address. */
  readonly address: string;
  /** A number that no other connection has. */
  readonly connection: number;
  /** The host's end, `address:port`. */
  readonly remote: string;
}

/** Resolves when the device's stack has taken the connection; rejects with `CLOSED` when nothing listens, or nothing answers. */
export function dial(port: number, options: DialOptions): Promise<Connection> {
  const { clock, radio, device, address, remote } = options;
  const name = `${address}:${port}`;
  return new Promise((resolve, reject) => {
    let connection: VirtualConnection | undefined;
    const endpoint: TcpEndpoint = new TcpEndpoint(clock, options.connection, 'active', HOST_TCP, {
      transmit: (segment) =>
        radio.carry('toDevice', () => device.arrive(segment, port, remote, (answer) => toHost(answer))),
      connected: () => {
        connection = new VirtualConnection(name, endpoint);
        resolve(connection);
      },
      data: (bytes) => connection?.noteData(bytes),
      acked: () => connection?.noteRoom(),
      peerClosed: () => connection?.notePeerClosed(),
      ended: (reason) => {
        connection?.noteGone(`it ended (${reason})`);
        reject(new RigError('CLOSED', `No connection to the device's port ${port}: ${reason}.`));
      },
    });
    const toHost = (segment: Segment) => radio.carry('toHost', () => endpoint.receive(segment));
    endpoint.start();
  });
}
