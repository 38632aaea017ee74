/** `machine.I2C`: bit-banged controller on GPIO pins; the only target on the bus is the host. */
import { type BoardRecord, deviceRecord, hostRecord } from '../lockstep/records.js';
import { costs } from './costs.js';
import type { Cpu } from './cpu.js';
import { errno } from './errno.js';
import { WIRE_LOOKAHEAD_US } from './lookahead.js';

const NO_TARGET = -1;

/** What an undriven bus reads as, its lines pulled up. */
const IDLE_BUS_BYTE = 0xff;

/** `machine.I2C`'s default. */
const DEFAULT_HZ = 400_000;
const BITS_PER_BYTE = 9;

export class I2cController {
  private hertz = DEFAULT_HZ;
  private hostAddress = NO_TARGET;
  private armedToRead: Uint8Array = new Uint8Array(0);
  private armedToWrite = 0;
  private readonly cpu: Cpu;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
  }

  /** Takes what the host's target side says; false when the record is for somebody else. */
  accept(record: BoardRecord): boolean {
    switch (record.kind) {
      case hostRecord.i2cAddress:
        this.hostAddress = record.a;
        this.armedToRead = new Uint8Array(0);
        this.armedToWrite = 0;
        return true;
      case hostRecord.i2cArmTransmit:
        this.armedToRead = record.bytes;
        return true;
      case hostRecord.i2cArmReceive:
        this.armedToWrite = record.a;
        return true;
      default:
        return false;
    }
  }

  setFrequency(hertz: number): void {
    this.hertz = hertz > 0 ? hertz : DEFAULT_HZ;
  }

  /** True when a target answers at `address`. */
  probe(address: number): boolean {
    this.clockBytes(1);
    return address === this.hostAddress;
  }

  /** Reads into `target`. Returns its length, or a negative errno. */
  read(address: number, target: () => Uint8Array): number {
    this.cpu.progress();
    if (!this.probe(address)) return -errno.ENODEV;
    const length = target().length;
    this.clockBytes(length);
    // The interpreter's memory may have grown meanwhile: the view is taken afresh.
    const destination = target();
    destination.fill(IDLE_BUS_BYTE);
    destination.set(this.armedToRead.subarray(0, length));
    const read = Math.min(length, this.armedToRead.length);
    this.armedToRead = this.armedToRead.subarray(read);
    return length;
  }

  /** Writes `source`. Returns the bytes acknowledged, or a negative errno. */
  write(address: number, source: Uint8Array): number {
    this.cpu.progress();
    if (!this.probe(address)) return -errno.ENODEV;
    this.clockBytes(Math.min(source.length, this.armedToWrite + 1));
    // The host may have armed anew, or gone away, while the bytes were clocked: what it has armed now counts.
    const acknowledged = source.slice(0, this.armedToWrite);
    this.armedToWrite -= acknowledged.length;
    const now = this.cpu.now();
    this.cpu.post(deviceRecord.i2cWritten, now, now + WIRE_LOOKAHEAD_US, 0, 0, acknowledged);
    return acknowledged.length;
  }

  private clockBytes(count: number): void {
    this.cpu.spend((count * BITS_PER_BYTE * 1_000_000) / this.hertz);
    this.cpu.work(count * costs.i2cByteUs);
  }
}
