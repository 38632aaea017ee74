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

/** A device on the bus. */
export interface BusDevice {
  /** True when the device acknowledges all bytes. `last`: a STOP follows. */
  write(bytes: Uint8Array, last: boolean): boolean;
  /** The bytes, or undefined when it does not acknowledge its address. */
  read(lengthBytes: number, last: boolean): Uint8Array | undefined;
}

/** Errno of a missing acknowledgement, as the Pi's driver reports it: EREMOTEIO (asm-generic/errno.h). */
const NOT_ACKNOWLEDGED = 121;
const FLAG_READ = 1;
const FLAG_LAST = 2;
const HEADER_BYTES = 4;

export class SimulatedBus {
  readonly path: string;
  /** The devices by their address. */
  readonly devices = new Map<number, BusDevice>();
  /** While true, the device holds the clock low: nothing is answered, and the kernel gives up after a second. */
  stuck = false;
  private readonly bus: number;
  private readonly socketPath: string;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private program: Program | undefined;

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

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let unread = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      for (;;) {
        const used = this.answer(socket, unread);
        if (used === 0) return;
        unread = unread.subarray(used);
      }
    });
  }

  /** Answers the first question in `bytes`; the number of bytes that it took, 0 while it is not whole. */
  private answer(socket: Socket, bytes: Buffer): number {
    if (bytes.length < HEADER_BYTES) return 0;
    const flags = bytes.readUInt8(0);
    const address = bytes.readUInt8(1);
    const lengthBytes = bytes.readUInt16LE(2);
    const reads = (flags & FLAG_READ) !== 0;
    const used = HEADER_BYTES + (reads ? 0 : lengthBytes);
    if (bytes.length < used) return 0;
    if (!this.stuck) {
      const last = (flags & FLAG_LAST) !== 0;
      const device = this.devices.get(address);
      const answer = reads
        ? device?.read(lengthBytes, last)
        : device?.write(Uint8Array.from(bytes.subarray(HEADER_BYTES, used)), last);
      if (answer === undefined || answer === false) socket.write(Uint8Array.of(NOT_ACKNOWLEDGED));
      else socket.write(Uint8Array.of(0, ...(answer === true ? [] : answer)));
    }
    return used;
  }
}

/** A device of registers of 16 bits, high byte first, with a register pointer, as the INA219 has them. */
export class RegisterDevice implements BusDevice {
  readonly registers = new Map<number, number>();
  private pointer = 0;

  write(bytes: Uint8Array): boolean {
    const [pointer, high, low] = bytes;
    if (pointer === undefined) return true;
    this.pointer = pointer;
    if (high !== undefined && low !== undefined) this.registers.set(pointer, high * 256 + low);
    return true;
  }

  read(lengthBytes: number): Uint8Array {
    const value = this.registers.get(this.pointer) ?? 0;
    return Uint8Array.from({ length: lengthBytes }, (_, index) =>
      index % 2 === 0 ? value >> 8 : value & 0xff,
    );
  }
}
