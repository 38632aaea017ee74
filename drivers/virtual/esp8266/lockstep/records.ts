/**
 * What host and device tell each other: small records in a shared buffer, each with two integers and bytes.
 * What the integers mean is said beside each kind.
 */

/** From the device to the host. */
export const deviceRecord = {
  /** a: GPIO, b: level, or `RELEASED`. */
  pinDriven: 1,
  /** The device as I2C controller wrote to the host. bytes. */
  i2cWritten: 2,
  /** a: baud, bytes: what was printed. */
  uart: 3,
  /** a: 1 to activate the station, 0 to deactivate it. */
  wifiActive: 4,
  /** a: length of the SSID, the first part of bytes; the rest is the passphrase. Empty: the stored ones. */
  wifiConnect: 5,
  wifiDisconnect: 6,
  /** a: socket, b: port, bytes: address. */
  socketConnect: 7,
  /** a: socket, bytes. */
  socketSend: 8,
  /** a: socket, b: bytes read by the application. */
  socketConsumed: 9,
  /** a: socket. */
  socketClose: 10,
  /** The program resets the chip. */
  softwareReset: 11,
  /** The simulation of the board itself failed. bytes: why. */
  broken: 12,
  /** a: address at which the device answers as I2C target, or -1 for none. */
  i2cTargetAddress: 13,
  /** The answer to a transfer of the host. a: bytes acknowledged, or -1 when no target answers; bytes: those read. */
  i2cTransferred: 14,
  /** A watchdog resets the chip. a: the cause, as `chip/rom.ts` numbers them. */
  watchdogReset: 40,
  /** The chip sleeps, its clock alone awake. a: milliseconds until that wakes it; 0: never. */
  deepSleep: 41,
  /** The WiFi stack is deadlocked: nothing is received any more. */
  radioBlocked: 17,
  /** a: socket, b: port on which it listens. */
  socketListen: 18,
  /** a: socket that the device will not have: its peer sees a reset. */
  socketAbort: 19,
  /** The station looks for networks. Answered with `wifiScanned`. */
  wifiScan: 20,
} as const;

/** From the host to the device. */
export const hostRecord = {
  /**
   * Power is good and reset is released. a: the cause, as `chip/rom.ts` numbers them, b: boot mode; bytes: how old the
   * clock's counter is when it is cleared, as text of microseconds, empty for 0.
   */
  boot: 1,
  /** Power is gone or reset is held: stop at this very instruction. */
  stop: 2,
  /** The board is closed, and off: the thread is to leave it. */
  leave: 60,
  /** a: GPIO, b: level. */
  pinLevel: 3,
  /** a: address at which the host answers as I2C target, or -1 for none. */
  i2cAddress: 4,
  /** bytes: what the controller will read. */
  i2cArmTransmit: 5,
  /** a: bytes that the controller may write. */
  i2cArmReceive: 6,
  /** a: status of the station, bytes: its address, empty when it has none. */
  wifiStatus: 7,
  /** a: socket. */
  socketConnected: 8,
  /** a: socket, b: errno. */
  socketFailed: 9,
  /** a: socket, bytes. */
  socketData: 10,
  /** a: socket, b: bytes that left the send buffer. */
  socketAcked: 11,
  /** a: socket. */
  socketPeerClosed: 12,
  /** bytes: typed on the console. */
  uartInput: 13,
  /** The host as I2C controller read. a: address, b: length. Answered with `i2cTransferred`. */
  i2cRead: 14,
  /** The host as I2C controller wrote. a: address, bytes. Answered with `i2cTransferred`. */
  i2cWrite: 15,
  /** A connection came in. a: the listening socket, b: the new one, bytes: who called, `address:port`. */
  socketIncoming: 30,
  /** bytes: the names of the networks that were found, each ended by a zero. */
  wifiScanned: 31,
  /** What goes wrong with a transfer of the board's bus. a: `transferFault`, b: place in millionths; bytes: sizes, least and most. */
  i2cFault: 50,
  /** The clock of each transfer is stretched. a: microseconds. */
  i2cStretch: 51,
  /** So much of the heap is not there any more. a: bytes. */
  leak: 60,
} as const;

/** Kinds of `i2cFault`; `clear` takes back those that still wait. */
export const transferFault = { clear: 0, none: 1, nack: 2, flip: 3 } as const;

/** Level of a pin that the device does not drive. */
export const RELEASED = 2;

export interface BoardRecord {
  readonly kind: number;
  readonly atUs: number;
  readonly a: number;
  readonly b: number;
  readonly bytes: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

/** kind, a, b, length: four 32-bit words; then the time, a double. */
const HEADER_BYTES = 24;
const padded = (length: number): number => (length + 7) & ~7;

/** A run of records in a buffer. Offsets are multiples of eight, so that the time is aligned. */
export class RecordBuffer {
  private readonly words: Int32Array;
  private readonly times: Float64Array;
  private readonly bytes: Uint8Array;
  private readonly capacity: number;
  /** Bytes in use. */
  used = 0;

  constructor(buffer: SharedArrayBuffer, offset: number, capacity: number) {
    this.words = new Int32Array(buffer, offset, capacity / 4);
    this.times = new Float64Array(buffer, offset, capacity / 8);
    this.bytes = new Uint8Array(buffer, offset, capacity);
    this.capacity = capacity;
  }

  /** Appends a record; false when it does not fit. */
  put(kind: number, atUs: number, a: number, b: number, bytes: Uint8Array = NO_BYTES): boolean {
    const at = this.used;
    const size = HEADER_BYTES + padded(bytes.length);
    if (at + size > this.capacity) return false;
    const word = at >> 2;
    this.words[word] = kind;
    this.words[word + 1] = a;
    this.words[word + 2] = b;
    this.words[word + 3] = bytes.length;
    this.times[(at + 16) >> 3] = atUs;
    if (bytes.length > 0) this.bytes.set(bytes, at + HEADER_BYTES);
    this.used = at + size;
    return true;
  }

  /** Takes all records, oldest first; `used` must say how many bytes hold any. Their bytes are copies. */
  takeAll(take: (record: BoardRecord) => void): void {
    const end = this.used;
    this.used = 0;
    let at = 0;
    while (at < end) {
      const word = at >> 2;
      const length = this.words[word + 3] ?? 0;
      const start = at + HEADER_BYTES;
      const record: BoardRecord = {
        kind: this.words[word] ?? 0,
        a: this.words[word + 1] ?? 0,
        b: this.words[word + 2] ?? 0,
        atUs: this.times[(at + 16) >> 3] ?? 0,
        bytes: length === 0 ? NO_BYTES : this.bytes.slice(start, start + length),
      };
      at += HEADER_BYTES + padded(length);
      take(record);
    }
  }
}
