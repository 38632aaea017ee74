/**
 * Runs one scenario on one bench and says how it ended. Everything that happens becomes an event; the result is
 * computed from the events alone.
 */
import { messageOf } from '../errors.js';
import type { EventSink } from './events.js';
import type { RunResult } from './result.js';
import { createResultBuilder } from './result-builder.js';
import type { RunOptions } from './run-options.js';
import { type Declared, runStarted } from './run-started.js';
import type { ParameterDeclarations } from './scenario.js';
import { ScenarioRun } from './scenario-run.js';

export { BRING_UP_LIMIT } from './bring-up.js';
export type { RunOptions } from './run-options.js';

const NOTHING_DECLARED: Declared = { streams: [], measurements: [] };

/** Runs the scenario. Always resolves: whatever goes wrong becomes the outcome. */
export async function runScenario<P extends ParameterDeclarations>(
  options: RunOptions<P>,
): Promise<RunResult> {
  const { bench, scenario, parameters, wall } = options;
  const results = createResultBuilder();
  const sink: EventSink = (event) => {
    results.apply(event);
    options.sink(event);
  };
  let isAnnounced = false;
  const announce = (declared: Declared) => {
    isAnnounced = true;
    sink(runStarted(options, declared, bench.clock.now()));
  };
  try {
    const declared = {
      streams: scenario.streams(parameters),
      measurements: scenario.measurements(parameters, bench.server),
    };
    announce(declared);
    const floorUs = await bench.measureFloor();
    await bench.run(() => new ScenarioRun({ ...options, sink }, declared, results, floorUs).run());
  } catch (error) {
    if (!isAnnounced) announce(NOTHING_DECLARED);
    const atUs = bench.clock.now();
    sink({ type: 'run.ended', atUs, outcome: 'ERROR', reason: messageOf(error), wallMs: wall.elapsedMs() });
  }
  return results.result();
}
