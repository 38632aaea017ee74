/**
 * `machine.I2CTarget`: the board as a target on the bus, its memory read and written by the host's controller while the
 * program runs. The ESP8266 port has none; this one behaves as those of other ports do (MicroPython 1.27,
 * extmod/machine_i2c_target.c), of which it is one without hard interrupts, as the ESP32's.
 */
import { type BoardRecord, deviceRecord, hostRecord } from '../lockstep/records.js';
import type { Cpu } from './cpu.js';
import type { InterruptSource } from './interrupts.js';

const NOT_ANSWERING = -1;

/** `I2CTarget.IRQ_END_READ` and `IRQ_END_WRITE`. */
const END_READ = 1 << 4;
const END_WRITE = 1 << 5;

/** Bytes that wait each way when there is no memory: as many as the ESP32's peripheral holds. */
const FIFO_BYTES = 32;

const NO_BYTES = new Uint8Array(0);

/** What the program gives the target to work on. */
export interface TargetMemory {
  readonly lengthBytes: number;
  /** Bytes of a memory address at the start of every write. */
  readonly addressBytes: number;
  /** A view of the memory; the interpreter's own may have moved since the last one. */
  bytes(): Uint8Array;
}

export class I2cTarget implements InterruptSource {
  /** The memory address that the controller selected last. */
  selected = 0;
  private address = NOT_ANSWERING;
  private memory: TargetMemory | undefined;
  /** Where the next byte is read from or written to; a read goes on where the last transfer ended. */
  private position = 0;
  private received: number[] = [];
  private toSend: number[] = [];
  private trigger = 0;
  private readonly latched: number[] = [];
  private readonly cpu: Cpu;
  private readonly dispatch: (flags: number) => void;

  constructor(cpu: Cpu, dispatch: (flags: number) => void) {
    this.cpu = cpu;
    this.dispatch = dispatch;
  }

  /** Answers at `address` from now on, from the start of `memory` or, without one, with what `write` was given. */
  start(address: number, memory: TargetMemory | undefined): void {
    this.memory = memory;
    this.position = 0;
    this.selected = 0;
    this.received = [];
    this.toSend = [];
    this.answerAt(address);
  }

  stop(): void {
    this.trigger = 0;
    this.latched.length = 0;
    this.answerAt(NOT_ANSWERING);
  }

  setTrigger(trigger: number): void {
    this.trigger = trigger;
  }

  /** Takes bytes for the controller's next read; returns how many there was room for. */
  write(bytes: Uint8Array): number {
    this.cpu.progress();
    const taken = bytes.subarray(0, FIFO_BYTES - this.toSend.length);
    this.toSend.push(...taken);
    return taken.length;
  }

  /** Fills `target` with what the controller wrote; returns how many bytes there were. */
  readInto(target: Uint8Array): number {
    this.cpu.observed();
    const bytes = this.received.splice(0, target.length);
    target.set(bytes);
    return bytes.length;
  }

  /** Takes what the host's controller did; false when the record is for somebody else. */
  accept(record: BoardRecord): boolean {
    switch (record.kind) {
      case hostRecord.i2cRead:
        this.answer(record.a, () => {
          const bytes = this.give(record.b);
          return { acknowledged: bytes.length, bytes };
        });
        return true;
      case hostRecord.i2cWrite:
        this.answer(record.a, () => ({ acknowledged: this.take(record.bytes), bytes: NO_BYTES }));
        return true;
      default:
        return false;
    }
  }

  pending(): boolean {
    return this.latched.length > 0;
  }

  serve(): void {
    const flags = this.latched.shift();
    if (flags !== undefined) this.dispatch(flags);
  }

  private answerAt(address: number): void {
    this.cpu.progress();
    if (this.address === address) return;
    this.address = address;
    const now = this.cpu.now();
    this.cpu.post(deviceRecord.i2cTargetAddress, now, now, address, 0);
  }

  private answer(address: number, transfer: () => { acknowledged: number; bytes: Uint8Array }): void {
    const isHere = address === this.address;
    const { acknowledged, bytes } = isHere ? transfer() : { acknowledged: NOT_ANSWERING, bytes: NO_BYTES };
    // The host goes on at this very instant: the device must not run ahead of it.
    const now = this.cpu.now();
    this.cpu.post(deviceRecord.i2cTransferred, now, now, acknowledged, 0, bytes);
  }

  private give(lengthBytes: number): Uint8Array {
    const bytes = new Uint8Array(lengthBytes);
    const memory = this.memory?.bytes();
    for (let index = 0; index < lengthBytes; index += 1) {
      bytes[index] = memory === undefined ? (this.toSend.shift() ?? 0) : (memory[this.next()] ?? 0);
    }
    this.ended(END_READ);
    return bytes;
  }

  /** Returns how many bytes are acknowledged. */
  private take(bytes: Uint8Array): number {
    const { memory } = this;
    if (memory === undefined) {
      const taken = bytes.subarray(0, FIFO_BYTES - this.received.length);
      this.received.push(...taken);
      this.ended(END_WRITE);
      return taken.length;
    }
    const data = bytes.subarray(this.select(bytes, memory));
    const view = memory.bytes();
    for (const byte of data) view[this.next()] = byte;
    // A write that only selects an address ends nothing that a program waits for.
    if (data.length > 0 || bytes.length === 0) this.ended(END_WRITE);
    return bytes.length;
  }

  /** Takes the memory address at the start of a write; returns how many bytes it had. */
  private select(bytes: Uint8Array, memory: TargetMemory): number {
    if (bytes.length === 0) return 0;
    const given = bytes.subarray(0, memory.addressBytes);
    this.position =
      given.reduce((address, byte) => address * 256 + byte, 0) % Math.max(1, memory.lengthBytes);
    if (given.length > 0 && given.length === memory.addressBytes) this.selected = this.position;
    return given.length;
  }

  /** The position of the next byte; behind the last comes the first. */
  private next(): number {
    const { position } = this;
    this.position = (position + 1) % Math.max(1, this.memory?.lengthBytes ?? 1);
    return position;
  }

  private ended(event: number): void {
    if ((this.trigger & event) !== 0) this.latched.push(event);
  }
}
