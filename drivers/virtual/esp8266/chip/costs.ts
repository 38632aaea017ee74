/**
 * What things cost on the chip, in microseconds of its time at 80 MHz. One table, fitted to what the link's
 * documentation says of real boards (docs/protocol.md §3): the Initiator is blocked for 2.7 ms on average and
 * 10 ms at most at 80 MHz, 2.1 ms and 7.5 ms at 160 MHz. The longest exchange has a payload of 200 bytes, so a
 * byte takes about 41 µs and 32 µs; of that 22.5 µs are nine bits at 400 kHz, and 18 µs are work that halves at
 * twice the clock. From the means, 1.2 ms of an exchange are work of the processor.
 */
export const costs = {
  /** One bytecode of the interpreter. */
  bytecodeUs: 2.5,
  /** A pin read or written through `machine.Pin`. */
  pinUs: 4,
  /** Reading a clock. */
  ticksUs: 2,
  /** From an edge to the first bytecode of its handler. */
  interruptUs: 25,
  /** What bit-banging one byte on the bus takes over and above its nine bits. */
  i2cByteUs: 18,
  /** A call into the network stack. */
  socketCallUs: 60,
  /** A pass of the event loop, over and above its bytecodes. */
  loopPassUs: 60,
  /** One character at 115200 baud, 8N1. */
  uartByteUs: 86.8,
} as const;

/** Clock frequency at which the costs hold; at 160 MHz the processor's own part is half. */
export const REFERENCE_HZ = 80_000_000;

/** Characters that the UART's transmit FIFO takes before `print` has to wait (ESP8266 datasheet: 128 bytes). */
export const UART_FIFO_BYTES = 128;

/** Times of the start-up. No authoritative figure exists for MicroPython on this chip; the rig measures it. */
export const bootTimes = {
  /** From power-good or release of reset to the ROM's message. */
  romUs: 60_000,
  /** From there to the first bytecode: SDK, interpreter, file system. */
  interpreterUs: 240_000,
  /** From "MPY: soft reboot" to the first bytecode: the port waits 10 ms for its UART, then starts the interpreter. */
  softResetUs: 40_000,
  /** A bootloader prints at this rate, because the chip runs from a 26 MHz crystal instead of 40 MHz. */
  romBaud: 74_880,
  baud: 115_200,
} as const;
