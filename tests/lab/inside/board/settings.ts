/** What the test tells the board's process: where in the machine its wires, bus, UART and network are. */

export interface BoardSettings {
  /** The chip whose far ends are the board's pins: its label, its folder below /sys, its lines. */
  readonly chip: string;
  readonly folder: string;
  readonly names: readonly string[];
  readonly bus: number;
  /** UNIX socket of the UART's far end. */
  readonly uart: string;
  /** The station that the board's WiFi is: it is associated when the board may be. */
  readonly station: string;
  readonly ssid: string;
  readonly passphrase: string;
  readonly hostAddress: string;
  /** Directory of MicroPython sources that the board boots. */
  readonly firmware: string;
  /** Directory of what it has not got itself. */
  readonly firmwareUnder: string;
  readonly seed: number;
}

/** Lines of the host, by what they are wired to. */
export const LINES = ['SYN', 'ACK', 'RESET', 'RELAY', 'SCL', 'SDA'] as const;

/** Where the board answers on the bus, and the instrument on its rail. */
export const BOARD_ADDRESS = 0x12;
export const SENSE_ADDRESS = 0x40;
