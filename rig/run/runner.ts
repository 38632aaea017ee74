/**
 * Runs one scenario on one bench and says how it ended. Everything that happens becomes an event; the result is
 * computed from the events alone.
 */
import { messageOf, RigError } from '../errors.js';
import type { Bench } from './bench.js';
import type { EventSink } from './events.js';
import { Redactor } from './redaction.js';
import type { RunResult } from './result.js';
import { createResultBuilder } from './result-builder.js';
import type { RunOptions } from './run-options.js';
import { type Declared, runStarted } from './run-started.js';
import type { ParameterDeclarations } from './scenario.js';
import { ScenarioRun } from './scenario-run.js';

export { BRING_UP_LIMIT } from './bring-up.js';
export type { RunOptions } from './run-options.js';

/** Throwing timers of one run that are put up with: more would keep its teardown from ever coming to an end. */
const DEFECTS_LIMIT = 100;

const NOTHING_DECLARED: Declared = { streams: [], measurements: [] };

/** Runs the scenario. Always resolves: whatever goes wrong becomes the outcome. */
export async function runScenario<P extends ParameterDeclarations>(
  options: RunOptions<P>,
): Promise<RunResult> {
  const { bench, scenario, parameters, wall } = options;
  const results = createResultBuilder();
  const redactor = new Redactor([bench.ports.accessPoint?.passphrase ?? '']);
  const sink: EventSink = (event) => {
    const shown = redactor.event(event);
    results.apply(shown);
    options.sink(shown);
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
    await runToItsEnd(bench, new ScenarioRun({ ...options, sink }, declared, results, { floorUs, redactor }));
  } catch (error) {
    if (!isAnnounced) announce(NOTHING_DECLARED);
    const atUs = bench.clock.now();
    const reason = messageOf(error);
    sink({ type: 'run.ended', atUs, outcome: 'ERROR', reason, wallMs: wall.elapsedMs() });
  }
  return results.result();
}

/**
 * Runs it on the bench's clock. A timer that throws stops the clock: the run is told, and the clock moved on for as
 * long as the run needs to put everything right.
 */
async function runToItsEnd(bench: Bench, run: Pick<ScenarioRun<never>, 'run' | 'defect'>): Promise<void> {
  let isOver = false;
  let ended: Promise<void> | undefined;
  const main = () => {
    ended ??= run.run().finally(() => {
      isOver = true;
    });
    return ended;
  };
  for (let defects = 0; ; defects += 1) {
    try {
      await bench.run(main);
      return;
    } catch (error) {
      if (isOver || defects >= DEFECTS_LIMIT) throw error;
      run.defect(
        error instanceof RigError ? error : new RigError('BENCH', messageOf(error), { cause: error }),
      );
    }
  }
}
