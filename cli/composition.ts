/** What the commands are given: the scenarios there are, and what runs one. `compose.ts` puts it together. */
import type { BenchReservation } from '../drivers/pi/safety/bench-reservation.js';
import type { EventSink } from '../rig/run/events.js';
import type { RunLabels } from '../rig/run/labels.js';
import type { RunResult } from '../rig/run/result.js';
import type { ParameterDeclarations, ParameterValues, Scenario } from '../rig/run/scenario.js';
import type { BenchChoice } from './bench-choice.js';
import type { LinkFirmwareDirectories } from './firmware.js';
import type { Hardware } from './run-on-bench.js';
import type { Suite } from './suites.js';

export interface RunRequest {
  readonly scenario: Scenario;
  readonly parameters: ParameterValues<ParameterDeclarations>;
  /** Unsigned, 32 bits. */
  readonly seed: number;
  readonly labels: RunLabels;
  readonly bench: BenchChoice;
  /** Of a physical bench, which is kept for all runs of the command. */
  readonly reservation: BenchReservation | undefined;
  /** Paced so that a second on the bench takes a second; a physical bench always is. */
  readonly realtime: boolean;
  /** Aborted when the run shall end: it then tears down and resolves with the outcome ABORTED. */
  readonly signal: AbortSignal;
  /** Aborted when teardown shall not wait for anything any more. */
  readonly hurry: AbortSignal;
  /** Aborted when something was thrown where nobody catches it: a physical bench is then made safe all the same. */
  readonly crash: AbortSignal;
  /** Told what the reader of the command's output should know beside the run's events. */
  readonly note: (text: string) => void;
  readonly sinks: readonly EventSink[];
}

/** Runs one scenario on a bench. Rejects only when no result can be made. */
export type ScenarioRunner = (request: RunRequest) => Promise<RunResult>;

export interface Composition {
  readonly scenarios: readonly Scenario[];
  /** The suites that come with the rig. Rejects with `USAGE` when one of their files is wrong. */
  readonly suites: () => Promise<readonly Suite[]>;
  readonly runScenario: ScenarioRunner;
  /** For commands that use a bench by hand. */
  readonly hardware: () => Promise<Hardware>;
  /** What `import … from 'wifi-hil-rig'` gives a user's scenario file. */
  readonly scenarioApi: object;
  /** The rig's own firmware, booted without `--firmware`. */
  readonly linkFirmware: LinkFirmwareDirectories;
}
