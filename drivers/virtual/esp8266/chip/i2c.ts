/**
 * `machine.I2C`: bit-banged controller on GPIO pins; the only target on the bus is the host. Bytes move at the end of a
 * transfer; the lines are looked at before and after it. With one of them held low it goes as it does for the port's
 * software I2C (MicroPython 1.27, extmod/machine_i2c.c): SCL is waited for as long as the time-out says; SDA reads as
 * zeros, and since an acknowledge bit is a zero too, all seems to be well.
 */
import type { TransferFault } from '../../../../rig/wire-faults.js';
import { asTransferred, TransferFaults } from '../../transfer-faults.js';
import { type BoardRecord, deviceRecord, hostRecord, transferFault } from '../lockstep/records.js';
import { costs } from './costs.js';
import type { Cpu } from './cpu.js';
import { errno } from './errno.js';
import { WIRE_LOOKAHEAD_US } from './lookahead.js';

const NO_TARGET = -1;

/** What an undriven bus reads as, its lines pulled up, and one whose SDA is held low. */
const IDLE_BUS_BYTE = 0xff;
const STUCK_BUS_BYTE = 0x00;

/** `machine.SoftI2C`'s defaults. */
const DEFAULT_HZ = 400_000;
const DEFAULT_TIMEOUT_US = 50_000;
const BITS_PER_BYTE = 9;

/** How the program has set the bus up: its pins, and how long it waits for a clock that is held low. */
export interface BusSettings {
  readonly scl: number;
  readonly sda: number;
  readonly hertz: number;
  readonly timeoutUs: number;
}

export class I2cController {
  private settings: BusSettings = { scl: 0, sda: 2, hertz: DEFAULT_HZ, timeoutUs: DEFAULT_TIMEOUT_US };
  private hostAddress = NO_TARGET;
  private armedToRead: Uint8Array = new Uint8Array(0);
  private armedToWrite = 0;
  private stretchUs = 0;
  private readonly faults = new TransferFaults();
  private readonly cpu: Cpu;
  private readonly levelOf: (pin: number) => number;

  /** `levelOf`: the level on a pin that nobody of the chip drives. */
  constructor(cpu: Cpu, levelOf: (pin: number) => number = () => 1) {
    this.cpu = cpu;
    this.levelOf = levelOf;
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
      case hostRecord.i2cFault:
        this.acceptFault(record);
        return true;
      case hostRecord.i2cStretch:
        this.stretchUs = record.a;
        return true;
      default:
        return false;
    }
  }

  configure({ hertz, timeoutUs, ...pins }: BusSettings): void {
    this.settings = { ...pins, hertz: hertz > 0 ? hertz : DEFAULT_HZ, timeoutUs };
  }

  /** True when a target answers at `address`. */
  probe(address: number): boolean {
    this.clockBytes(1);
    return address === this.hostAddress;
  }

  /** Reads into `target`. Returns its length, or a negative errno. */
  read(address: number, target: () => Uint8Array): number {
    this.cpu.progress();
    const { length } = target();
    const fault = this.faults.next(length);
    const trouble = this.begin(address, fault);
    if (trouble !== 0) return trouble;
    this.clockBytes(length);
    // The interpreter's memory may have grown meanwhile: the view is taken afresh.
    const destination = target();
    if (this.isLow('sda')) {
      destination.fill(STUCK_BUS_BYTE);
      return length;
    }
    destination.fill(IDLE_BUS_BYTE);
    destination.set(this.armedToRead.subarray(0, length));
    destination.set(asTransferred(destination, fault));
    const read = Math.min(length, this.armedToRead.length);
    this.armedToRead = this.armedToRead.subarray(read);
    return length;
  }

  /** Writes `source`. Returns the bytes acknowledged, or a negative errno. */
  write(address: number, source: Uint8Array): number {
    this.cpu.progress();
    const fault = this.faults.next(source.length);
    const trouble = this.begin(address, fault);
    if (trouble !== 0) return trouble;
    this.clockBytes(Math.min(source.length, this.armedToWrite + 1));
    // A zero is an acknowledge bit, and a target that sees no start of a transfer takes no part in it.
    if (this.isLow('sda')) return source.length;
    // The host may have armed anew, or gone away, while the bytes were clocked: what it has armed now counts.
    const acknowledged = asTransferred(source, fault).subarray(0, this.armedToWrite);
    this.armedToWrite -= acknowledged.length;
    const now = this.cpu.now();
    this.cpu.post(deviceRecord.i2cWritten, now, now + WIRE_LOOKAHEAD_US, 0, 0, acknowledged);
    return acknowledged.length;
  }

  /** Addresses the target. Returns 0 when it answers, or a negative errno. */
  private begin(address: number, fault: TransferFault): number {
    const { timeoutUs } = this.settings;
    if (this.isLow('scl') || this.stretchUs > timeoutUs) {
      this.cpu.spend(timeoutUs);
      return -errno.ETIMEDOUT;
    }
    if (this.stretchUs > 0) this.cpu.spend(this.stretchUs);
    const answers = this.probe(address) || this.isLow('sda');
    return answers && fault.kind !== 'nack' ? 0 : -errno.ENODEV;
  }

  private isLow(line: 'scl' | 'sda'): boolean {
    return this.levelOf(this.settings[line]) === 0;
  }

  private acceptFault({ a: kind, b: millionths, bytes }: BoardRecord): void {
    const [leastBytes = 0, mostBytes = 0] = bytes;
    const sizes = { leastBytes, mostBytes };
    if (kind === transferFault.clear) this.faults.clear();
    else if (kind === transferFault.none) this.faults.add({ kind: 'none' }, sizes);
    else if (kind === transferFault.nack) this.faults.add({ kind: 'nack' }, sizes);
    else this.faults.add({ kind: 'flip', place: millionths / 1_000_000 }, sizes);
  }

  private clockBytes(count: number): void {
    this.cpu.spend((count * BITS_PER_BYTE * 1_000_000) / this.settings.hertz);
    this.cpu.work(count * costs.i2cByteUs);
  }
}
