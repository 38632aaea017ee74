/** What a scenario declares before it runs: parameters, measurements with limits, message streams. */
import type { DurationUs } from '../time/units.js';

export type ParameterDeclaration =
  | {
      readonly kind: 'duration';
      readonly description: string;
      readonly default: DurationUs;
      readonly min?: DurationUs;
      readonly max?: DurationUs;
    }
  | {
      readonly kind: 'integer';
      readonly description: string;
      readonly default: number;
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly kind: 'boolean'; readonly description: string; readonly default: boolean };

/** A limit that a measured value must keep. */
export type Limit =
  | { readonly kind: 'atMost'; readonly value: number }
  | { readonly kind: 'atLeast'; readonly value: number }
  | { readonly kind: 'equal'; readonly value: number }
  /** Recorded, not judged. */
  | { readonly kind: 'none' };

export interface MeasurementDeclaration {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly limit: Limit;
}

export type Direction = 'uplink' | 'downlink';

/**
 * An open-loop stream: message `i` is due at `start + i × period`, whatever happened to those before; with bursts,
 * at `start + ⌊i / burst⌋ × period`.
 */
export interface StreamDeclaration {
  readonly name: string;
  readonly direction: Direction;
  /** The link promises delivery. */
  readonly qos: boolean;
  /** The link promises order: one message at a time. */
  readonly wait: boolean;
  readonly periodUs: DurationUs;
  /** Messages that fall due at the same instant, one unless told. */
  readonly burst?: number;
  readonly count: number;
  /** Length of a message in bytes, line end excluded. */
  readonly sizeBytes: number;
}
