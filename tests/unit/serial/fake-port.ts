/** A serial port whose other end is the test: it records what is asked of it, and goes away when told to. */
import type {
  ModemLines,
  OpenSerialPort,
  PortListeners,
  SerialPort,
} from '../../../drivers/pi/serial/port.js';
import { RigError } from '../../../rig/errors.js';

class FakePort implements SerialPort {
  readonly path: string;
  readonly listeners: PortListeners;
  private readonly ports: FakePorts;
  private ended: RigError | undefined;

  constructor(ports: FakePorts, path: string, listeners: PortListeners) {
    this.ports = ports;
    this.path = path;
    this.listeners = listeners;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.check();
    this.ports.onWritten(bytes);
  }

  async setBaud(baud: number): Promise<void> {
    this.check();
    this.ports.baud = baud;
    this.ports.log.push(`baud ${baud}`);
  }

  async setModemLines({ dtr, rts }: ModemLines): Promise<void> {
    this.check();
    this.ports.log.push(`dtr ${dtr}, rts ${rts}`);
    this.ports.onModemLines({ dtr, rts });
  }

  async close(): Promise<void> {
    if (this.ended !== undefined) return;
    this.ended = new RigError('CLOSED', 'closed');
    this.ports.log.push('close');
  }

  lose(): void {
    this.ended = new RigError('BENCH', `${this.path}: unplugged.`);
    this.listeners.lost(this.ended);
  }

  private check(): void {
    if (this.ended !== undefined) throw this.ended;
  }
}

export class FakePorts {
  /** Everything that was asked for, in order. */
  readonly log: string[] = [];
  baud = 0;
  /** A rate that the adapter cannot do: nothing arrives. */
  deafTo: number | undefined;
  /** While false, opening is refused. */
  pluggedIn = true;
  onWritten: (bytes: Uint8Array) => void = () => undefined;
  onModemLines: (lines: ModemLines) => void = () => undefined;
  private port: FakePort | undefined;

  readonly open: OpenSerialPort = async (path, baud, listeners) => {
    if (!this.pluggedIn) {
      this.log.push('refused');
      throw new RigError('BENCH', `${path}: not there.`);
    }
    this.log.push(`open ${baud}`);
    this.baud = baud;
    this.port = new FakePort(this, path, listeners);
    return this.port;
  };

  arrives(bytes: Uint8Array | string): void {
    this.port?.listeners.bytes(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
  }

  unplug(): void {
    this.pluggedIn = false;
    this.port?.lose();
  }
}
