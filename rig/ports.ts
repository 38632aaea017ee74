/**
 * The contracts between the rig and a bench: what can be done to a device, not how. Drivers implement them;
 * the contract suites in `tests/contract/` run on every driver that can.
 *
 * Common to all ports: an operation on a closed port rejects with `CLOSED`; closing a port rejects every wait
 * that is under way on it with `CLOSED`; a device that goes away rejects with `BENCH`.
 */
import type { DurationUs, InstantUs } from './time/units.js';
import type { WireFaults } from './wire-faults.js';

export type Level = 0 | 1;

/** One change of a line. `sequence` counts every edge of the line: a gap means that edges were missed. */
export interface Edge {
  readonly level: Level;
  readonly atUs: InstantUs;
  readonly sequence: number;
}

/** A line that the host drives. It is high-impedance until the first `write` and after `release`. */
export interface OutputLine {
  /** Drives the line. */
  write(level: Level): Promise<void>;
  /** Lets go of the line, so that it no longer feeds a device that has no power. */
  release(): Promise<void>;
}

/** A wire that several parties pull low and none drives high. */
export interface OpenDrainLine {
  /** Pulls the wire low. */
  pull(): Promise<void>;
  /** Lets go of it: high impedance. */
  release(): Promise<void>;
  /** The level of the wire, whoever pulls it. */
  read(): Promise<Level>;
}

/**
 * The two wires of the bus by themselves. On an ESP8266 they are boot straps as well (docs/protocol.md §1): held low
 * while reset is released, `scl` gives its bootloader, `sda` a board that does not start.
 */
export interface BusLines {
  readonly scl: OpenDrainLine;
  readonly sda: OpenDrainLine;
}

/** A line that the host watches: its level, and a queue of edges so that a short pulse is not overlooked. */
export interface InputLine {
  /** The level now. */
  read(): Promise<Level>;
  /**
   * Takes the oldest unread edge, waiting for one when there is none. Rejects with `TIMEOUT` after `timeout`,
   * with `INVALID` when edges were missed (a gap, or more than `EDGE_QUEUE_LIMIT` unread), with `BENCH` when
   * another call waits already; that one goes on.
   */
  nextEdge(timeout: DurationUs): Promise<Edge>;
  /** Forgets all unread edges, and those that have happened but not yet arrived: they do not turn up later. */
  discardEdges(): void;
  /** Edges known to have been missed since the line was opened. */
  readonly missedEdges: number;
}

/** Unread edges that an `InputLine` holds before it counts further ones as missed. */
export const EDGE_QUEUE_LIMIT = 1_024;

/**
 * The host as I2C target: what the controller will read or may write is armed before it clocks the bus.
 *
 * A controller that reads or writes more than was armed has broken the protocol, and `received` never hands over such
 * bytes. What else it meets depends on the hardware: the simulated target does not acknowledge, and leaves an idle bus to
 * be read; the BSC slave acknowledges and answers something, and then `received` rejects with `INVALID`. It has FIFOs of
 * 16 bytes, and cannot hold the clock: where more was armed and the host may have been too slow, the next `armTransmit`,
 * `armReceive` or `received` rejects with `INVALID`.
 */
export interface I2cTarget {
  readonly role: 'target';
  /** Answers at `address` from now on, with nothing armed. */
  enable(address: number): Promise<void>;
  /** Stops answering and releases both bus lines; forgets what was armed. */
  disable(): Promise<void>;
  /** Arms `bytes` for the controller's next read, replacing what was armed. Resolves once they are in place. */
  armTransmit(bytes: Uint8Array): Promise<void>;
  /** Arms reception of `lengthBytes`, replacing what was armed. Resolves once the target is ready. */
  armReceive(lengthBytes: number): Promise<void>;
  /** What the controller wrote since `armReceive`. Rejects with `INVALID` after a possible overrun or underrun. */
  received(): Promise<Uint8Array>;
}

/**
 * The host as I2C controller. Rejects with `PROTOCOL` when the target does not acknowledge, with `USAGE` for a transfer
 * of no bytes; 200 are always possible. Transfers are made one after the other, in the order of the calls.
 */
export interface I2cController {
  readonly role: 'controller';
  read(address: number, lengthBytes: number): Promise<Uint8Array>;
  write(address: number, bytes: Uint8Array): Promise<void>;
}

/** Bytes that the device printed, with the time of the first and the baud rate at which they were readable. */
export interface ConsoleChunk {
  readonly bytes: Uint8Array;
  readonly atUs: InstantUs;
  readonly baud: number;
}

/** What the bytes of a console do not tell. */
export interface ConsoleNotice {
  /**
   * `lost`: the port went away, and what the device prints is missed until `back`; `gone`: it did not come back and is
   * given up; `unreadable`: bytes came that are no text, so the device printed at another rate than was read.
   */
  readonly kind: 'lost' | 'back' | 'gone' | 'unreadable';
  readonly atUs: InstantUs;
  /** For a person: which port, and what was missed or cannot be read. */
  readonly detail: string;
}

export interface UartConsole {
  /** Calls `listener` with everything that the device prints, in order. Returns a function that stops that. */
  onChunk(listener: (chunk: ConsoleChunk) => void): () => void;
  /** Calls `listener` when something was, or may have been, missed. Returns a function that stops that. */
  onNotice(listener: (notice: ConsoleNotice) => void): () => void;
  /**
   * Told before the device's reset is released or its power returns: reads at the rate of its ROM until the ROM's
   * message is over, at most for `within`. Resolves once it listens at that rate.
   */
  expectRom(within: DurationUs): Promise<void>;
  /**
   * Sends bytes to the device; `0x03` is Ctrl-C. Rejects with `BENCH` while the port is lost, with `FULL` when
   * `CONSOLE_WRITE_LIMIT` bytes wait already.
   */
  write(bytes: Uint8Array): Promise<void>;
}

/** Bytes that wait to be sent to a device at a time. */
export const CONSOLE_WRITE_LIMIT = 65_536;

/** The device's reset pin, active low, open drain. */
export interface ResetButton {
  /** Holds the device in reset for `pulse`, then lets it boot. Resolves when the pin has been released. */
  press(pulse: DurationUs): Promise<void>;
  /** Lets go of the pin, whatever held it. */
  release(): Promise<void>;
  /**
   * From the next start on, the device's real-time clock overflows after `remaining` of its own time, as if it had run for
   * hours already. No physical board can.
   */
  readonly ageClock?: ((remaining: DurationUs) => void) | undefined;
}

/** What an instrument on the rail shows: a voltmeter its voltage, a comparator only whether it is up. */
export type RailReading =
  | { readonly kind: 'voltmeter'; readonly volts: number }
  | { readonly kind: 'comparator'; readonly isUp: boolean };

/** The device's supply. */
export interface PowerSwitch {
  off(): Promise<void>;
  /** The supply is on, and whole. */
  on(): Promise<void>;
  /**
   * Until `on` or `off` the supply gives enough for the device to start on and too little to run on, so that it starts
   * again and again. Few benches can: a supply that is switched knows no third state.
   */
  readonly sag?: (() => Promise<void>) | undefined;
  /** The rail by an instrument other than the switch, or undefined where the bench has none. */
  rail(): Promise<RailReading | undefined>;
}

/** What a network does to the packets that it lets through. */
export interface Impairment {
  /** Share of packets lost, 0 to 1, each way. */
  readonly loss: number;
  /** Added to every packet, each way. */
  readonly latencyUs: DurationUs;
  /** Spread of the added latency: plus or minus. */
  readonly jitterUs: DurationUs;
}

/** The access point that the device joins. What is optional, some benches cannot do. */
export interface AccessPoint {
  readonly ssid: string;
  readonly passphrase: string;
  /** Off the air. */
  off(): Promise<void>;
  /** On the air, and nothing impaired any more. */
  on(): Promise<void>;
  /** Disassociates the device, which may join again at once. */
  kick?(): Promise<void>;
  /** Loses every packet from and to the device, and tells nobody, until `on`. */
  silence?(): Promise<void>;
  /** Loses and delays packets from and to the device until `on`. */
  degrade?(impairment: Impairment): Promise<void>;
  /** The stations that the access point holds for associated: MAC addresses in lower case. */
  stations?(): Promise<readonly string[]>;
}

/** Where the device's connections arrive: real TCP, or simulated. */
export interface Network {
  /** The host's address as the device reaches it. */
  readonly hostAddress: string;
  /**
   * Accepts connections on `port` and hands each to `accept`.
   * Rejects with `BENCH` when the port cannot be bound.
   */
  listen(port: number, accept: (connection: Connection) => void): Promise<Listener>;
}

export interface Listener {
  readonly port: number;
  /** Stops accepting; connections that are open stay open. */
  close(): Promise<void>;
}

/** One TCP connection, seen from the host. */
export interface Connection {
  /** The device's end, `address:port`. */
  readonly remote: string;
  /**
   * The next bytes, at most one `read` at a time. Resolves with `undefined` once the peer has closed its end;
   * rejects with `CLOSED` when the connection was reset or `destroy`ed.
   */
  read(): Promise<Uint8Array | undefined>;
  /**
   * Sends bytes. Resolves when the transport has taken them over, which it delays while its buffer is full;
   * rejects with `CLOSED` when the connection is gone. Nothing says that the device received them.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes in good order: what was written is still delivered. */
  end(): Promise<void>;
  /** Drops the connection at once; the peer, where it can be reached, sees a reset. */
  destroy(): void;
}

/** The device's heap, from outside. */
export interface DeviceMemory {
  /** So many bytes of it are not there any more, until the device starts anew. */
  leak(bytes: number): Promise<void>;
}

/** The set of ports that a bench offers. A scenario states which it needs; one that is missing skips it. */
export interface BenchPorts {
  readonly syn: OutputLine;
  readonly ack: InputLine;
  /** The host's end of the bus; what it is there decides which part of an exchange the client plays. */
  readonly i2c: I2cTarget | I2cController;
  readonly network: Network;
  /** The wires of the bus by themselves, for what is done to the boot straps; not while the bus is in use. */
  readonly bus?: BusLines;
  readonly reset?: ResetButton;
  readonly power?: PowerSwitch;
  readonly accessPoint?: AccessPoint;
  readonly console?: UartConsole;
  /** Faults of the wires themselves. */
  readonly wires?: WireFaults;
  /** What can be done to the device's memory, which only a simulated one lets happen. */
  readonly memory?: DeviceMemory;
}

/** What the host is on the I2C bus of the link. */
export type BusRole = BenchPorts['i2c']['role'];
