/** What a run needs: the scenario with its parameters, the bench, the seed, and whom to tell. */
import type { Random } from '../random.js';
import type { DurationUs } from '../time/units.js';
import type { Bench } from './bench.js';
import type { EventSink } from './events.js';
import type { RunLabels } from './labels.js';
import type { ParameterDeclarations, ParameterValues, Scenario } from './scenario.js';

export interface RunOptions<P extends ParameterDeclarations = ParameterDeclarations> {
  readonly scenario: Scenario<P>;
  readonly parameters: ParameterValues<P>;
  readonly labels?: RunLabels;
  readonly bench: Bench;
  readonly random: Random;
  readonly sink: EventSink;
  /** Aborting it ends the run as ABORTED, after teardown. */
  readonly signal: AbortSignal;
  /** Aborting it ends waits of teardown; every step is still begun. */
  readonly hurry?: AbortSignal;
  /** Wall clock: a label and a figure for the reader, never used to measure. */
  readonly wall: { isoNow(): string; elapsedMs(): number };
  /** From the end of one exchange to the start of the next; 100 ms unless told. */
  readonly pollUs?: DurationUs;
}
