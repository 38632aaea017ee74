/** What a scenario file imports from this package. */
export type { Start } from './faults/link-faults.js';
export type { Credentials } from './faults/link-handle.js';
export type { Flood } from './faults/unread-flood.js';
export type { WireFault } from './faults/wire-noise.js';
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
export type { ServerBreak } from './server/breakable-network.js';
export { type DurationUs, ms, seconds, toMs, toSeconds, us } from './time/units.js';
