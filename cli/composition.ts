/** What the commands are given: the scenarios there are, and what runs one. `compose.ts` puts it together. */
import type { EventSink } from '../rig/run/events.js';
import type { RunResult } from '../rig/run/result.js';
import type { ParameterDeclarations, ParameterValues, Scenario } from '../rig/run/scenario.js';
import type { FirmwareImage, LinkFirmwareDirectories } from './firmware.js';

export interface RunRequest {
  readonly scenario: Scenario;
  readonly parameters: ParameterValues<ParameterDeclarations>;
  /** Unsigned, 32 bits. */
  readonly seed: number;
  readonly firmware: FirmwareImage;
  /** Paced so that a second on the bench takes a second. */
  readonly realtime: boolean;
  /** Aborted when the run shall end: it then tears down and resolves with the outcome ABORTED. */
  readonly signal: AbortSignal;
  /** Aborted when teardown shall not wait for anything any more. */
  readonly hurry: AbortSignal;
  readonly sinks: readonly EventSink[];
}

/** Runs one scenario on a bench. Rejects only when no result can be made. */
export type ScenarioRunner = (request: RunRequest) => Promise<RunResult>;

export interface Composition {
  readonly scenarios: readonly Scenario[];
  readonly runScenario: ScenarioRunner;
  /** What `import … from 'wifi-hil-rig'` gives a user's scenario file. */
  readonly scenarioApi: object;
  /** The rig's own firmware, booted without `--firmware`. */
  readonly linkFirmware: LinkFirmwareDirectories;
}
