/** What the chip is made of, and what the board around it does, for the functions that Python calls. */
import type { Cpu } from './cpu.js';
import type { Heap } from './heap.js';
import type { I2cController } from './i2c.js';
import type { I2cTarget } from './i2c-target.js';
import type { Pins } from './pins.js';
import type { Rtc } from './rtc.js';
import type { Sockets } from './sockets.js';
import type { Timers } from './timers.js';
import type { Uart } from './uart.js';
import type { UartReceiver } from './uart-receiver.js';
import type { Watchdog } from './watchdog.js';
import type { WifiStation } from './wifi-station.js';

export interface Chip {
  readonly cpu: Cpu;
  readonly pins: Pins;
  readonly timers: Timers;
  readonly i2c: I2cController;
  readonly i2cTarget: I2cTarget;
  readonly wifi: WifiStation;
  readonly sockets: Sockets;
  readonly uart: Uart;
  readonly receiver: UartReceiver;
  readonly heap: Heap;
  readonly rtc: Rtc;
  readonly watchdog: Watchdog;
  /** The six bytes of the station's MAC address, as hexadecimal digits. */
  readonly mac: string;
  readonly hostname: string;
  /** As `machine.reset_cause()` gives it. */
  readonly resetCause: number;
  randomU32(): number;
  /** Name resolution on the bench's network; undefined when there is no such name. */
  resolve(host: string): string | undefined;
  collectGarbage(): void;
  /** Resets the chip by its own software. */
  reset(): void;
  /** Stops the chip until its clock wakes it after `ms`, or until a reset when that is 0. */
  deepSleep(ms: number): void;
  /** Whether Ctrl-C interrupts the program. */
  heedKeyboard(heeds: boolean): void;
  /** The file that is run after boot.py; empty for none. */
  readonly mainFile: string;
  /** The program has ended by SystemExit: the interpreter is to start over. */
  softReset(): void;
  onInterrupt(dispatch: (kind: number, number: number) => void): void;
  /** A view of the interpreter's memory, valid until it next runs. */
  memory(address: number, length: number): Uint8Array;
}
