/** What the doctor examines: the ports of a bench that could be opened, and why others are missing. */
import type { BenchPorts } from '../ports.js';
import type { Clock } from '../time/clock.js';
import type { DurationUs } from '../time/units.js';
import { type Finding, skipped } from './finding.js';

export type PortName = keyof BenchPorts;

export interface Patient {
  readonly clock: Clock;
  /** `esp8266`: its ROM message is known. */
  readonly board: 'esp8266' | 'other';
  readonly ports: Partial<BenchPorts>;
  /** True for a port that the bench file has, but that could not be opened: that has been told already. */
  isBroken(port: PortName): boolean;
  readonly server: { readonly port: number; readonly timeoutUs: DurationUs };
  /** The documented one unless told. */
  readonly i2cAddress?: number;
  readonly resetPulseUs?: DurationUs;
  /** Aborts every wait. */
  readonly signal: AbortSignal;
}

/** Says why a check was not made, for the first of `ports` that is missing; undefined when all are there. */
export function missing(patient: Patient, device: string, ports: readonly PortName[]): Finding | undefined {
  const absent = ports.find((port) => patient.ports[port] === undefined);
  if (absent === undefined) return undefined;
  const why = patient.isBroken(absent) ? 'could not be opened' : 'is not in the bench file';
  return skipped(device, `not tried: ${absent} ${why}`);
}
