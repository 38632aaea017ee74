/**
 * UART0's receiver: characters arrive one after the other at the line's speed, and wait in a buffer until they are
 * read. What arrives while it is full is lost, as on the board.
 */
import type { ChipEventSource } from './chip-events.js';
import { bootTimes, costs } from './costs.js';
import type { Cpu } from './cpu.js';

/** The port's receive buffer (`stdin_ringbuf_array`, ports/esp8266/esp_mphal.c). */
export const INPUT_BYTES = 256;
/** Characters that may be on their way; a sender that does not keep to the line's speed loses the rest. */
const WIRE_BYTES = 64 * 1024;

/** A run of characters on the line. */
interface Run {
  readonly bytes: Uint8Array;
  /** Those that have arrived. */
  arrived: number;
  /** When the next one has arrived completely. */
  nextUs: number;
  readonly byteUs: number;
}

export class UartReceiver implements ChipEventSource {
  /** The baud rate of what was last received: the ROM measures it, and answers at it. */
  baud: number = bootTimes.baud;
  /**
   * The character that interrupts the program instead of being received, -1 for none; asked at each arrival.
   */
  interruptCharacter: () => number = () => -1;
  /** Characters that wait to be read at a time. */
  capacityBytes: number = INPUT_BYTES;
  private readonly line: Run[] = [];
  private onLine = 0;
  private lineFreeUs = 0;
  private readonly buffer: number[] = [];
  private readonly cpu: Cpu;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
  }

  /** The bench sends characters at `baud`: they arrive one after the other. */
  typed(bytes: Uint8Array, baud: number = bootTimes.baud): void {
    const kept = bytes.subarray(0, WIRE_BYTES - this.onLine);
    if (kept.length === 0) return;
    const byteUs = (costs.uartByteUs * bootTimes.baud) / baud;
    const startUs = Math.max(this.cpu.now(), this.lineFreeUs);
    this.line.push({ bytes: kept, arrived: 0, nextUs: startUs + byteUs, byteUs });
    this.lineFreeUs = startUs + kept.length * byteUs;
    this.onLine += kept.length;
    this.baud = baud;
  }

  available(): number {
    return this.buffer.length;
  }

  /** Takes up to `count` characters. */
  read(count: number): Uint8Array {
    return Uint8Array.from(this.buffer.splice(0, count));
  }

  nextUs(): number {
    return this.line[0]?.nextUs ?? Number.POSITIVE_INFINITY;
  }

  /** The next character has arrived. */
  fire(): void {
    const [run] = this.line;
    const byte = run?.bytes[run.arrived];
    if (run === undefined || byte === undefined) return;
    run.arrived += 1;
    run.nextUs += run.byteUs;
    this.onLine -= 1;
    if (run.arrived === run.bytes.length) this.line.shift();
    this.receive(byte);
  }

  private receive(byte: number): void {
    if (byte === this.interruptCharacter()) {
      this.cpu.interruptProgram();
      return;
    }
    if (this.buffer.length < this.capacityBytes) this.buffer.push(byte);
    this.cpu.noteEvent();
  }
}
