/**
 * The UART of a virtual board on a TCP port of this machine, for the tools of real boards. One of them at a time.
 * A client that begins in telnet gets a serial port with its rate and modem lines (RFC 2217); any other gets plain bytes.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { LiveUart } from '../drivers/virtual/live-uart.js';
import { messageOf } from '../rig/errors.js';
import { escapeTelnet, isTelnet, type PortEvent, Rfc2217 } from './rfc2217.js';
import { usageError } from './usage.js';

/** Never on another: whoever reaches the port can run programs on the board, and by it reach servers on this machine. */
export const LOOPBACK = '127.0.0.1';
/** A tool that ends and its successor may meet at the door: the second waits this long for the first to be gone. */
const DOOR_MS = 500;
/** Sent and not read. A tool so far behind is stopped or broken; the system's own buffers come on top. */
const UNREAD_LIMIT_BYTES = 1024 * 1024;
/** Written to the board at a time: a hundredth of a second of the line. */
const PIECE_BYTES = 128;
const DEFAULT_BAUD = 115_200;

export interface BoardServerOptions {
  readonly uart: LiveUart;
  /** 0: a free one. */
  readonly port: number;
  /** Told of tools that come, go and are refused. */
  readonly note: (text: string) => void;
}

export class BoardServer {
  private readonly server: Server;
  private readonly uart: LiveUart;
  private readonly note: (text: string) => void;
  private readonly sockets = new Set<Socket>();
  private client: Socket | undefined;

  private constructor({ uart, note }: BoardServerOptions) {
    this.uart = uart;
    this.note = note;
    this.server = createServer((socket) => this.arrived(socket));
  }

  /** Rejects with `USAGE` when the port is taken or not allowed. */
  static async start(options: BoardServerOptions): Promise<BoardServer> {
    const board = new BoardServer(options);
    const { port } = options;
    try {
      board.server.listen(port, LOOPBACK);
      await once(board.server, 'listening');
    } catch (error) {
      throw usageError(`--tcp ${port}: ${portProblem(error)} "--tcp 0" takes a free one and says which.`, {
        cause: error,
      });
    }
    return board;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private arrived(socket: Socket): void {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    // A reset ends it as an end does; there is nothing else to say of it.
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    void this.admit(socket);
  }

  private async admit(socket: Socket): Promise<void> {
    const taken = this.client;
    if (taken !== undefined) await goneWithin(taken, DOOR_MS);
    if (socket.destroyed) return;
    if (this.client === undefined) this.serve(socket);
    else {
      const by = nameOf(this.client);
      this.note(`refused ${nameOf(socket)}: ${by} has the UART.`);
      socket.end(`rig: the board's UART is taken by ${by}; one client at a time.\r\n`);
    }
  }

  private serve(socket: Socket): void {
    const name = nameOf(socket);
    this.client = socket;
    this.note(`${name} has the UART.`);
    const line: Line = {};
    const stop = this.uart.onBytes((bytes) => {
      this.forward(socket, line.telnet === undefined ? bytes : escapeTelnet(bytes));
    });
    socket.once('close', () => {
      stop();
      this.client = undefined;
      this.note(`${name} has left.`);
      if (line.telnet !== undefined) this.restore();
    });
    void this.take(socket, line).catch(() => socket.destroy());
  }

  private forward(socket: Socket, bytes: Uint8Array): void {
    if (socket.destroyed) return;
    socket.write(bytes);
    if (socket.writableLength <= UNREAD_LIMIT_BYTES) return;
    this.note(`${nameOf(socket)} does not read what the board prints: disconnected.`);
    socket.destroy();
  }

  /** At the line's speed: what comes faster waits in the socket. */
  private async take(socket: Socket, line: Line): Promise<void> {
    let isFirst = true;
    for await (const chunk of socket) {
      const bytes = new Uint8Array(chunk);
      if (isFirst && isTelnet(bytes)) line.telnet = new Rfc2217();
      isFirst = false;
      if (line.telnet === undefined) await this.type(bytes);
      else for (const event of line.telnet.take(bytes)) await this.carryOut(event, socket);
    }
  }

  private async carryOut(event: PortEvent, socket: Socket): Promise<void> {
    if (event.kind === 'data') await this.type(event.bytes);
    else if (event.kind === 'baud') await this.uart.setBaud(event.baud);
    else if (event.kind === 'lines') await this.uart.setModemLines(event);
    else this.forward(socket, event.bytes);
  }

  private async type(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
      await this.uart.write(bytes.subarray(from, from + PIECE_BYTES));
    }
  }

  /** The port is closed: an adapter lets go of both lines, and the next client begins at the usual rate. */
  private restore(): void {
    const released = this.uart.setModemLines({ dtr: false, rts: false });
    // A board that is gone has no lines.
    void released.then(() => this.uart.setBaud(DEFAULT_BAUD)).catch(() => undefined);
  }
}

/** What a client speaks: telnet, once it has said so. */
interface Line {
  telnet?: Rfc2217;
}

function goneWithin(socket: Socket, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`;

function portProblem(error: unknown): string {
  const message = messageOf(error);
  if (message.includes('EADDRINUSE')) return `another program has that port of ${LOOPBACK}.`;
  if (message.includes('EACCES')) return 'ports below 1024 are for the superuser.';
  return `the port cannot be opened (${message}).`;
}
