/** A serial port as a pipe of bytes with several listeners: what a chip's loader is talked to over. */
import type { RigError } from '../../../rig/errors.js';
import type { Device, Opened } from '../device.js';
import { type ModemLines, type OpenSerialPort, openSerialPort, type SerialPort } from './port.js';

/** Bytes both ways. Every call rejects with `BENCH` once the pipe is lost. */
export interface BytePipe {
  readonly name: string;
  /** Calls `listener` with what arrives. Returns a function that stops that. */
  onBytes(listener: (bytes: Uint8Array) => void): () => void;
  /** Calls `listener` when the pipe is lost. Returns a function that stops that. */
  onLost(listener: (error: RigError) => void): () => void;
  write(bytes: Uint8Array): Promise<void>;
  setBaud(baud: number): Promise<void>;
}

/** A pipe whose modem lines can be driven. */
export interface ModemPipe extends BytePipe {
  setModemLines(lines: ModemLines): Promise<void>;
}

export async function openPipe(
  path: string,
  baud: number,
  open: OpenSerialPort = openSerialPort,
): Promise<Opened<ModemPipe>> {
  const byteListeners = new Set<(bytes: Uint8Array) => void>();
  const lostListeners = new Set<(error: RigError) => void>();
  const port = await open(path, baud, {
    bytes: (bytes) => {
      for (const listener of byteListeners) listener(bytes);
    },
    lost: (error) => {
      for (const listener of lostListeners) listener(error);
    },
  });
  return new PortPipe(port, byteListeners, lostListeners);
}

class PortPipe implements ModemPipe, Device {
  readonly name: string;
  private readonly port: SerialPort;
  private readonly byteListeners: Set<(bytes: Uint8Array) => void>;
  private readonly lostListeners: Set<(error: RigError) => void>;

  constructor(
    port: SerialPort,
    byteListeners: Set<(bytes: Uint8Array) => void>,
    lostListeners: Set<(error: RigError) => void>,
  ) {
    this.name = port.path;
    this.port = port;
    this.byteListeners = byteListeners;
    this.lostListeners = lostListeners;
  }

  onBytes(listener: (bytes: Uint8Array) => void): () => void {
    this.byteListeners.add(listener);
    return () => this.byteListeners.delete(listener);
  }

  onLost(listener: (error: RigError) => void): () => void {
    this.lostListeners.add(listener);
    return () => this.lostListeners.delete(listener);
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.port.write(bytes);
  }

  setBaud(baud: number): Promise<void> {
    return this.port.setBaud(baud);
  }

  setModemLines(lines: ModemLines): Promise<void> {
    return this.port.setModemLines(lines);
  }

  close(): Promise<void> {
    return this.port.close();
  }
}
