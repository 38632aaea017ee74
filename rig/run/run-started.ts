/** The event with which a run's journal begins: everything that is known before anything happens. */
import { type InstantUs, instant, toMs } from '../time/units.js';
import type { MeasurementDeclaration, StreamDeclaration } from './declarations.js';
import { type RunEventOf, SCHEMA_VERSION } from './events.js';
import type { RunOptions } from './run-options.js';
import type { ParameterDeclarations, ParameterValues } from './scenario.js';

/** What the scenario declares for the parameters of this run. */
export interface Declared {
  readonly streams: readonly StreamDeclaration[];
  readonly measurements: readonly MeasurementDeclaration[];
}

export function runStarted<P extends ParameterDeclarations>(
  { scenario, parameters, labels, bench, random, wall }: RunOptions<P>,
  { streams, measurements }: Declared,
  atUs: InstantUs,
): RunEventOf<'run.started'> {
  return {
    type: 'run.started',
    atUs,
    schemaVersion: SCHEMA_VERSION,
    scenario: scenario.name,
    description: scenario.summary,
    seed: random.seed,
    parameters: shownParameters(scenario.parameters, parameters),
    bench: { name: bench.name, kind: bench.kind },
    firmware: { ...bench.firmware },
    startedAt: wall.isoNow(),
    ...labels,
    measurements,
    streams,
  };
}

/** Parameters as a reader wants them: durations in milliseconds, with the unit in the name. */
function shownParameters<P extends ParameterDeclarations>(
  declarations: P,
  values: ParameterValues<P>,
): Record<string, string | number | boolean> {
  const shown: Record<string, string | number | boolean> = {};
  for (const [name, declaration] of Object.entries(declarations)) {
    const value: unknown = Reflect.get(values, name);
    if (declaration.kind === 'duration') shown[name] = `${toMs(instant(Number(value)))}ms`;
    else if (typeof value === 'number' || typeof value === 'boolean') shown[name] = value;
  }
  return shown;
}
