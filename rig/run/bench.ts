/** A bench: its ports, its clock, and how to run something on that clock. */
import type { RigError } from '../errors.js';
import type { BenchPorts } from '../ports.js';
import type { Clock } from '../time/clock.js';
import type { DurationUs } from '../time/units.js';

export interface Bench {
  readonly name: string;
  readonly kind: 'virtual' | 'physical';
  readonly clock: Clock;
  readonly ports: BenchPorts;
  /** The device's firmware, as far as the bench knows it. */
  readonly firmware: { readonly name: string; readonly sha256: string };
  /** Runs `main` on the bench's clock; on a virtual bench, time moves only while this is under way. */
  run<T>(main: () => Promise<T>): Promise<T>;
  /** The time of one exchange with an ideal peer on ideal wires: the rig's own share of every latency. */
  measureFloor(): Promise<DurationUs>;
  /** Nothing more can come of this run, told once: `BENCH` when the bench broke, `TIMEOUT` when the device hung it. */
  onBroken(listener: (error: RigError) => void): void;
  /** Leaves everything safe and lets go of it. */
  close(): Promise<void>;
}
