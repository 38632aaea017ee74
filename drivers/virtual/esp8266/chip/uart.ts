/** UART0's transmitter: what the program prints leaves at the line's speed, through a FIFO; `print` waits when that is full. */
import { deviceRecord } from '../lockstep/records.js';
import type { ChipEventSource } from './chip-events.js';
import { bootTimes, costs, UART_FIFO_BYTES } from './costs.js';
import type { Cpu } from './cpu.js';

/**
 * The host sees output this much later: the latency timer of common USB serial adapters is 16 ms. What it has waited
 * to be a whole line counts.
 */
const ADAPTER_LATENCY_US = 16_000;
/** Characters collected into one record. */
const CHUNK_BYTES = 256;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export class Uart implements ChipEventSource {
  private baud: number = bootTimes.baud;
  /** When the last character given to the UART will have left it. */
  private drainedUs = 0;
  private chunk: number[] = [];
  private chunkStartUs = 0;
  private lastPrinted = 0;
  private readonly cpu: Cpu;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
  }

  /** Prints text as the ROM does, in one go, at its own speed. */
  printAt(baud: number, text: string): void {
    this.sendAt(baud, new TextEncoder().encode(text));
  }

  /** Sends bytes as they are, in one go, at a speed of their own. */
  sendAt(baud: number, bytes: Uint8Array): void {
    if (baud !== this.baud) this.flush();
    this.baud = baud;
    for (const byte of bytes) this.put(byte);
    this.flush();
    this.baud = bootTimes.baud;
  }

  /** Sends bytes as they are. */
  send(bytes: Uint8Array): void {
    for (const byte of bytes) this.put(byte);
  }

  /**
   * One character of the interpreter's output. A line feed goes out as carriage return and line feed, unless the
   * interpreter has written the carriage return itself, as its prompt does: both come through here.
   */
  print(byte: number): void {
    if (byte === LINE_FEED && this.lastPrinted !== CARRIAGE_RETURN) this.put(CARRIAGE_RETURN);
    this.lastPrinted = byte;
    this.put(byte);
    if (byte === LINE_FEED) this.flush();
  }

  /** A line that is not ended goes out after the adapter's latency all the same. */
  nextUs(): number {
    return this.chunk.length === 0 ? Number.POSITIVE_INFINITY : this.chunkStartUs + ADAPTER_LATENCY_US;
  }

  fire(): void {
    this.flush();
  }

  /** Sends on what is not yet a whole line. */
  flush(): void {
    if (this.chunk.length === 0) return;
    const bytes = Uint8Array.from(this.chunk);
    this.chunk = [];
    const now = this.cpu.now();
    const hasWaited = now >= this.chunkStartUs + ADAPTER_LATENCY_US;
    const due = hasWaited ? now : Math.max(this.chunkStartUs, now) + ADAPTER_LATENCY_US;
    this.cpu.post(deviceRecord.uart, due, due, this.baud, 0, bytes);
  }

  private put(byte: number): void {
    this.cpu.progress();
    const byteUs = (costs.uartByteUs * bootTimes.baud) / this.baud;
    const backlogUs = this.drainedUs - this.cpu.now() - UART_FIFO_BYTES * byteUs;
    if (backlogUs > 0) this.cpu.spend(backlogUs);
    if (this.chunk.length === 0) this.chunkStartUs = this.cpu.now();
    this.drainedUs = Math.max(this.drainedUs, this.cpu.now()) + byteUs;
    this.chunk.push(byte);
    if (this.chunk.length >= CHUNK_BYTES) this.flush();
  }
}
