/** A bench: its ports, its clock, and how to run something on that clock. */
import type { RigError } from '../errors.js';
import { CONFIG_DEFAULTS } from '../link/config.js';
import type { BenchPorts } from '../ports.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, ms } from '../time/units.js';

/** The link's server as the device is told of it; its address is the network's. */
export interface ServerPlace {
  readonly port: number;
  /** Silence that counts as an outage, for device and server alike. */
  readonly timeoutUs: DurationUs;
}

/** The documentation's defaults (docs/protocol.md §4). */
export const DEFAULT_SERVER: ServerPlace = {
  port: CONFIG_DEFAULTS.port,
  timeoutUs: ms(CONFIG_DEFAULTS.timeoutMs),
};

export interface Bench {
  readonly name: string;
  readonly kind: 'virtual' | 'physical';
  readonly clock: Clock;
  readonly ports: BenchPorts;
  readonly server: ServerPlace;
  /** The I2C address of whichever side of the link is the target; the documented one unless told. */
  readonly i2cAddress?: number;
  /** How long the client presses reset; as the link's documentation recommends unless told. */
  readonly resetPulseUs?: DurationUs;
  /** The device's ROM prints a message at each start, as an ESP8266's does, and `ports.console` hears it. */
  readonly romSpeaks?: boolean;
  /** The device's firmware, as far as the bench knows it. */
  readonly firmware: { readonly name: string; readonly sha256: string };
  /**
   * Runs `main` on the bench's clock; on a virtual bench, time moves only while this is under way. Settles as `main`
   * does; rejects with `BENCH` when a timer's callback throws. Then `main` goes on when this is called again.
   */
  run<T>(main: () => Promise<T>): Promise<T>;
  /** The time of one exchange with an ideal peer on ideal wires: the rig's own share of every latency. */
  measureFloor(): Promise<DurationUs>;
  /** Nothing more can come of this run, told once: `BENCH` when the bench broke, `TIMEOUT` when the device hung it. */
  onBroken(listener: (error: RigError) => void): void;
  /**
   * Leaves device and wires as the bench has it when nobody uses it: once, however often it is called. Resolves with what
   * went wrong, a line each. A bench that ends with the process has nothing to leave.
   */
  makeSafe?(): Promise<readonly string[]>;
  /** Leaves everything safe and lets go of it. */
  close(): Promise<void>;
}
