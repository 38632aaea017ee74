/**
 * An I2C bus in the lab: the program cuse-i2c serves /dev/i2c-N as the kernel does, and asks this for every
 * transfer. The devices on the bus are objects of the test.
 */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { exists } from '../image/cache.js';
import { Program } from './program.js';
import { until } from './wait.js';

/** Errnos (asm-generic): EREMOTEIO is how the Pi's driver reports a missing acknowledgement; EBUSY a taken address. */
const NOT_ACKNOWLEDGED = 121;
const BUSY = 16;
const FLAG_READ = 1;
const FLAG_CLAIM = 4;
const HEADER_BYTES = 4;

/** One transfer that cuse-i2c asks for, and how many bytes its question took. */
interface Question {
  readonly flags: number;
  readonly address: number;
  readonly lengthBytes: number;
  readonly written: readonly number[];
  readonly usedBytes: number;
}

/** A device on the bus, which may take its time. */
export interface BusDevice {
  /** Rejects when the device does not acknowledge. */
  written(bytes: readonly number[]): void | Promise<void>;
  read(lengthBytes: number): readonly number[] | Promise<readonly number[]>;
}

export class SimulatedBus {
  readonly path: string;
  /** The devices by their address. */
  readonly devices = new Map<number, BusDevice>();
  /** An address that a kernel driver has. */
  busyAddress: number | undefined;
  private readonly bus: number;
  private readonly socketPath: string;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private program: Program | undefined;
  /** Answers that wait while a device holds the clock low; undefined while none does. */
  private held: (() => void)[] | undefined;

  private constructor(bus: number) {
    this.bus = bus;
    this.path = `/dev/i2c-${bus}`;
    this.socketPath = `/tmp/i2c-${bus}.sock`;
    this.server = createServer((socket) => this.serve(socket));
  }

  static async create(bus: number): Promise<SimulatedBus> {
    const made = new SimulatedBus(bus);
    await rm(made.socketPath, { force: true });
    made.server.listen(made.socketPath);
    await once(made.server, 'listening');
    await made.plug();
    return made;
  }

  /** Brings the bus up; its device file is there when this resolves. */
  async plug(): Promise<void> {
    this.program = new Program('cuse-i2c', [`${this.bus}`, this.socketPath]);
    await until(this.path, async () => (await exists(this.path)) || undefined);
  }

  /** Takes the bus away, as a pulled adapter, whoever uses it. */
  async unplug(): Promise<void> {
    await this.program?.end();
    this.program = undefined;
    await until(`${this.path} is gone`, async () => !(await exists(this.path)) || undefined);
  }

  async remove(): Promise<void> {
    await this.unplug();
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  /** A device holds the clock low: no transfer ends before `letGo`, or before cuse-i2c gives up after a second. */
  hold(): void {
    this.held ??= [];
  }

  letGo(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const answer of held) answer();
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let unread = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      for (;;) {
        const question = parse(unread);
        if (question === undefined) return;
        unread = unread.subarray(question.usedBytes);
        const answer = () => {
          void this.answer(question).then((bytes) => socket.writable && socket.write(bytes));
        };
        if (this.held !== undefined && (question.flags & FLAG_CLAIM) === 0) this.held.push(answer);
        else answer();
      }
    });
  }

  private async answer({ flags, address, lengthBytes, written }: Question): Promise<Uint8Array> {
    if ((flags & FLAG_CLAIM) !== 0) return Uint8Array.of(address === this.busyAddress ? BUSY : 0);
    const device = this.devices.get(address);
    if (device === undefined) return Uint8Array.of(NOT_ACKNOWLEDGED);
    try {
      if ((flags & FLAG_READ) !== 0) return Uint8Array.of(0, ...(await device.read(lengthBytes)));
      await device.written(written);
      return Uint8Array.of(0);
    } catch {
      return Uint8Array.of(NOT_ACKNOWLEDGED);
    }
  }
}

/** The first question in `bytes`; undefined while it is not whole. */
function parse(bytes: Buffer): Question | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const flags = bytes.readUInt8(0);
  const lengthBytes = bytes.readUInt16LE(2);
  const usedBytes = HEADER_BYTES + ((flags & FLAG_READ) === 0 ? lengthBytes : 0);
  if (bytes.length < usedBytes) return undefined;
  const written = [...bytes.subarray(HEADER_BYTES, usedBytes)];
  return { flags, address: bytes.readUInt8(1), lengthBytes, written, usedBytes };
}
