/**
 * The receive buffers of the WiFi stack. What has arrived for a socket stays in them, one for each segment however short it is,
 * until the program has read it. With none left the next frame has nowhere to go: the vendor's stack says so on the console, again
 * and again, and no frame gets in any more, whatever the program does. Only a reset of the chip ends that (the port's
 * documentation, "Sockets and WiFi buffers overflow").
 */
import type { ChipEventSource } from './chip-events.js';
import { bootTimes } from './costs.js';

/**
 * An order of magnitude, not a fact: nothing is published of the vendor's SDK that MicroPython uses. Programs on Espressif's newer
 * ESP8266_RTOS_SDK set `ESP8266_WIFI_RX_BUFFER_NUM` to 10 to 16.
 */
export const RECEIVE_BUFFERS = 16;

/** The vendor's message comes about once a second (esp8266/Arduino#2330). */
const MESSAGE_PERIOD_US = 1_000_000;
const MESSAGE = 'LmacRxBlk:1\r\n';

export interface ReceiveQueueOptions {
  readonly now: () => number;
  /** The vendor's stack prints by itself, past the program. */
  readonly print: (baud: number, text: string) => void;
  /** Nothing is received from now on. */
  readonly onBlocked: () => void;
}

export class ReceiveQueue implements ChipEventSource {
  private readonly options: ReceiveQueueOptions;
  private held = 0;
  private blocked = false;
  private isTold = false;
  private messageUs = Number.POSITIVE_INFINITY;

  constructor(options: ReceiveQueueOptions) {
    this.options = options;
  }

  /** No frame gets in any more. */
  get isBlocked(): boolean {
    return this.blocked;
  }

  /** A segment has arrived for a socket. False when there is nowhere to put it. */
  take(): boolean {
    if (this.blocked) return false;
    if (this.held < RECEIVE_BUFFERS) {
      this.held += 1;
      return true;
    }
    this.blocked = true;
    this.messageUs = this.options.now();
    return false;
  }

  /** So many segments have been read, or dropped with their socket. */
  release(segments: number): void {
    this.held -= segments;
  }

  nextUs(): number {
    return this.messageUs;
  }

  fire(): void {
    this.messageUs += MESSAGE_PERIOD_US;
    if (!this.isTold) this.options.onBlocked();
    this.isTold = true;
    this.options.print(bootTimes.baud, MESSAGE);
  }
}
