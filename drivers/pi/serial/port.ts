/**
 * A serial port of the operating system, by the package `serialport`; nothing else here imports it. Bytes in and out,
 * rate and modem lines; what they mean is for others.
 */
import { isRigError, messageOf, RigError } from '../../../rig/errors.js';
import { CONSOLE_WRITE_LIMIT } from '../../../rig/ports.js';
import { type Device, deviceError, loadPackage, type NextSteps } from '../device.js';
import { failOnHangUp } from './hang-up.js';
import { goOnAfterPolls } from './poll-events.js';

export interface PortListeners {
  /** Bytes arrived. */
  bytes(bytes: Uint8Array): void;
  /** The port went away and is closed. Told once, and not after `close`. */
  lost(error: RigError): void;
}

/** True pulls the line to its active level, which is low on the wire. */
export interface ModemLines {
  readonly dtr: boolean;
  readonly rts: boolean;
}

/** An open port. Every call rejects with `BENCH` once the port is lost, and with `CLOSED` once it is closed. */
export interface SerialPort extends Device {
  readonly path: string;
  /** Resolves when the operating system has taken the bytes. Rejects with `FULL` when too many wait already. */
  write(bytes: Uint8Array): Promise<void>;
  /** Sends and receives at `baud` from now on. What arrived and was not yet read is lost. */
  setBaud(baud: number): Promise<void>;
  setModemLines(lines: ModemLines): Promise<void>;
}

export type OpenSerialPort = (path: string, baud: number, listeners: PortListeners) => Promise<SerialPort>;

type Module = typeof import('serialport');
type PackagePort = InstanceType<Module['SerialPort']>;

/**
 * Opens the port at `path`: 8 data bits, no parity, 1 stop bit, no flow control. Rejects with `BENCH` when it is absent,
 * may not be opened, is in use, or is no serial port.
 *
 * The modem lines are left alone: closing does not drop them (`hupcl: false`). That Linux raises both when the first
 * program opens a port is the kernel's doing (tty_port_raise_dtr_rts) and cannot be helped from here.
 */
export const openSerialPort: OpenSerialPort = async (path, baud, listeners) => {
  const { SerialPort } = await loadPackage('serialport', () => import('serialport'));
  const port = new SerialPort({ path, baudRate: baud, autoOpen: false, hupcl: false, lock: true });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error === null ? resolve() : reject(openError(path, error))));
  });
  if (port.port !== undefined && 'poller' in port.port) {
    failOnHangUp(port.port);
    goOnAfterPolls(port.port.poller);
  }
  return new OpenedPort(port, path, listeners);
};

class OpenedPort implements SerialPort {
  readonly path: string;
  private readonly port: PackagePort;
  private readonly waiting = new Set<(error: RigError) => void>();
  private waitingBytes = 0;
  private ended: RigError | undefined;

  constructor(port: PackagePort, path: string, listeners: PortListeners) {
    this.port = port;
    this.path = path;
    port.on('data', (bytes: Uint8Array) => listeners.bytes(bytes));
    port.on('close', (error: Error | null) => {
      if (this.ended !== undefined) return;
      const reason = lostError(path, error);
      this.end(reason);
      listeners.lost(reason);
    });
    // Told by `close` too; without a listener it would end the process.
    port.on('error', () => undefined);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.waitingBytes + bytes.length > CONSOLE_WRITE_LIMIT) {
      throw new RigError('FULL', `${this.path}: ${this.waitingBytes} bytes wait to be sent already.`);
    }
    this.waitingBytes += bytes.length;
    try {
      await this.call((done) => this.port.write(Buffer.from(bytes), done));
    } finally {
      this.waitingBytes -= bytes.length;
    }
  }

  setBaud(baud: number): Promise<void> {
    return this.call((done) => this.port.update({ baudRate: baud }, done));
  }

  setModemLines({ dtr, rts }: ModemLines): Promise<void> {
    return this.call((done) => this.port.set({ dtr, rts }, done));
  }

  async close(): Promise<void> {
    if (this.ended !== undefined) return;
    this.end(new RigError('CLOSED', `${this.path} is closed.`));
    await new Promise<void>((resolve) => this.port.close(() => resolve()));
  }

  /** A call of the package as a promise, which also ends when the port does. */
  private async call(start: (done: (error?: Error | null) => void) => void): Promise<void> {
    if (this.ended !== undefined) throw this.ended;
    await new Promise<void>((resolve, reject) => {
      this.waiting.add(reject);
      start((error) => {
        this.waiting.delete(reject);
        if (error === undefined || error === null) resolve();
        else reject(this.ended ?? callError(this.path, error));
      });
    });
  }

  private end(error: RigError): void {
    this.ended = error;
    for (const reject of this.waiting) reject(error);
    this.waiting.clear();
  }
}

/** The package has the system's error only as text (`strerror`). */
const spokenCodes: readonly (readonly [text: RegExp, code: string])[] = [
  [/no such file or directory/i, 'ENOENT'],
  [/permission denied|operation not permitted/i, 'EACCES'],
  [/cannot lock port|resource busy/i, 'EBUSY'],
  [/inappropriate ioctl|invalid argument|is a directory/i, 'ENOTTY'],
  [/no such device/i, 'ENODEV'],
];

const openSteps: NextSteps = {
  ENOENT:
    'Is the adapter plugged in? "ls -l /dev/serial/by-id" shows those that are; give its name there in console.path.',
  EACCES: 'Ports belong to the group dialout: sudo usermod -aG dialout "$USER", then log in again.',
  EBUSY: 'Another program has it open: close the other "rig console", mpremote, screen or minicom.',
  ENOTTY: 'That is no serial port, or not one that can do this rate: check console.path and the baud rates.',
};

function openError(path: string, error: Error): RigError {
  if (isRigError(error)) return error;
  return deviceError(path, withCode(error), openSteps);
}

const callError = (path: string, error: unknown): RigError => deviceError(path, withCode(error));

function lostError(path: string, error: unknown): RigError {
  const why = error === null || error === undefined ? 'closed by the system' : messageOf(error);
  return new RigError('BENCH', `${path}: the port went away (${why}). Check the cable and the adapter.`, {
    cause: error,
  });
}

function withCode(error: unknown): Error {
  const text = messageOf(error).replace(/^Error:? /, '');
  const code = spokenCodes.find(([pattern]) => pattern.test(text))?.[1];
  return Object.assign(new Error(text, { cause: error }), code !== undefined && { code });
}
