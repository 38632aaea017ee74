/**
 * The network as the rig's server has it, with a switch that breaks the server's end: ports close, connections end, are
 * reset, or fall silent. It stands between the server and any bench's `Network`, so that every bench can do it.
 */
import type { Connection, Listener, Network } from '../ports.js';
import { HeldConnection } from './held-connection.js';

/**
 * `stop`: connections are closed in good order and the port is closed, as when a server is shut down. `refuse`: the same, but
 * connections are reset, as when its host restarts. `reset`: connections are reset, those that come included, while the port
 * stays open. `half-open`: connections stay, and accept, and nothing is read or said any more.
 */
export const serverBreaks = ['stop', 'refuse', 'reset', 'half-open'] as const;
export type ServerBreak = (typeof serverBreaks)[number];

/** Connections that a broken server holds on to; beyond that the oldest is reset. A device opens one every few seconds. */
export const HELD_LIMIT = 16;

interface OpenPort {
  readonly port: number;
  readonly accept: (connection: Connection) => void;
  /** Undefined while the port is closed. */
  listener: Listener | undefined;
}

export class BreakableNetwork implements Network {
  private readonly network: Network;
  private readonly ports = new Set<OpenPort>();
  private readonly live = new Set<HeldConnection>();
  private how: ServerBreak | undefined;

  constructor(network: Network) {
    this.network = network;
  }

  get hostAddress(): string {
    return this.network.hostAddress;
  }

  /** How it is broken now; undefined while it is whole. */
  get broken(): ServerBreak | undefined {
    return this.how;
  }

  async listen(port: number, accept: (connection: Connection) => void): Promise<Listener> {
    const listener = await this.network.listen(port, (connection) => this.take(connection, accept));
    const open: OpenPort = { port: listener.port, accept, listener };
    this.ports.add(open);
    return {
      port: listener.port,
      close: async () => {
        this.ports.delete(open);
        await open.listener?.close();
      },
    };
  }

  /** Breaks what is whole. Rejects as a listener's `close` does. */
  async break(how: ServerBreak): Promise<void> {
    if (this.how !== undefined) return;
    this.how = how;
    if (how === 'stop' || how === 'refuse') await this.closePorts();
    for (const connection of [...this.live]) this.breakOff(connection, how);
  }

  /** Makes it whole: what is left of old connections is reset, and the ports are open again. Rejects as `listen` does. */
  async mend(): Promise<void> {
    if (this.how === undefined) return;
    for (const connection of [...this.live]) if (connection.isCutOff) this.drop(connection);
    // The server hears of that first: what it still loses, it loses broken.
    await Promise.resolve();
    this.how = undefined;
    for (const open of this.ports) {
      open.listener ??= await this.network.listen(open.port, (connection) =>
        this.take(connection, open.accept),
      );
    }
  }

  private take(connection: Connection, accept: (connection: Connection) => void): void {
    if (this.how !== undefined && this.how !== 'half-open') {
      connection.destroy();
      return;
    }
    const held = new HeldConnection(connection, () => this.live.delete(held));
    this.live.add(held);
    if (this.how === undefined) accept(held);
    else this.holdSilent(held);
  }

  private breakOff(connection: HeldConnection, how: ServerBreak): void {
    if (how === 'half-open') this.holdSilent(connection);
    else if (how === 'stop') connection.finish();
    else this.drop(connection);
  }

  private holdSilent(connection: HeldConnection): void {
    connection.silence();
    const held = [...this.live].filter(({ isCutOff }) => isCutOff);
    const [oldest] = held;
    if (held.length > HELD_LIMIT && oldest !== undefined) this.drop(oldest);
  }

  private drop(connection: HeldConnection): void {
    this.live.delete(connection);
    connection.drop();
  }

  private async closePorts(): Promise<void> {
    for (const open of this.ports) {
      const { listener } = open;
      open.listener = undefined;
      await listener?.close();
    }
  }
}
