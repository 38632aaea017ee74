/** Scenarios that a bench cannot run, because it lacks what they need. */
import type { Capabilities } from '../rig/bench-file/capabilities.js';
import type { Scenario } from '../rig/run/scenario.js';
import { needsText } from './needs.js';

export interface Skip {
  readonly scenario: Scenario;
  readonly missing: Scenario['needs'];
  /** `bench lab-3 has no power switch`. */
  readonly reason: string;
}

/** What `scenario` needs and the bench lacks. */
export const missingNeeds = (
  { needs }: Pick<Scenario, 'needs'>,
  capabilities: Capabilities,
): Scenario['needs'] => needs.filter((need) => !capabilities.has(need));

/** Why the bench cannot run the scenario; undefined when it can. */
export function skipOf(
  scenario: Scenario,
  bench: { readonly name: string; readonly capabilities: Capabilities },
): Skip | undefined {
  const missing = missingNeeds(scenario, bench.capabilities);
  if (missing.length === 0) return undefined;
  return { scenario, missing, reason: `bench ${bench.name} has no ${needsText(missing)}` };
}
