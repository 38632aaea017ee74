/** What a scenario file imports from this package. */
export type { Impairment } from './ports.js';
export type { MeasurementDeclaration, ParameterDeclaration, StreamDeclaration } from './run/declarations.js';
export {
  type Conclusion,
  defineScenario,
  type FaultControl,
  type FaultTimes,
  type Scenario,
  type ScenarioContext,
} from './run/scenario.js';
export { type DurationUs, ms, seconds, toMs, toSeconds, us } from './time/units.js';
