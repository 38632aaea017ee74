/** `rig list`: scenarios and suites, one line each, what each needs. */
import type { Command } from 'commander';
import { cut } from '../reports/text/layout.js';
import { printable } from '../reports/text/printable.js';
import { styleFor } from '../reports/text/style.js';
import { type Column, table } from '../reports/text/table.js';
import { type Capabilities, capabilitiesOf, virtualCapabilities } from '../rig/bench-file/capabilities.js';
import type { Scenario } from '../rig/run/scenario.js';
import type { Composition } from './composition.js';
import { needsText } from './needs.js';
import { missingNeeds } from './skips.js';
import { ALL } from './suite-names.js';
import type { Suite } from './suites.js';
import type { Surroundings } from './surroundings.js';

export function addListCommand(
  program: Command,
  { scenarios, suites: ofRig }: Composition,
  surroundings: Surroundings,
): void {
  program
    .command('list')
    .summary('scenarios and suites, one line each')
    .description('Lists the scenarios and suites, and what each needs of the bench.')
    .option('--bench <file>', 'say which of them this bench can run')
    .option('--json', 'as JSON')
    .action(async ({ bench, json }: { readonly bench?: string; readonly json?: boolean }) => {
      const { output } = surroundings;
      const capabilities = await capabilitiesOn(bench, surroundings);
      const suites = await ofRig();
      output.write(
        json === true
          ? listJson(scenarios, suites, capabilities)
          : listText(scenarios, suites, capabilities, surroundings),
      );
    });
}

/** Only of a bench that is named: a list of scenarios needs none. */
async function capabilitiesOn(
  bench: string | undefined,
  surroundings: Surroundings,
): Promise<Capabilities | undefined> {
  if (bench === undefined) return undefined;
  const { findBenchFile } = await import('./bench-file.js');
  const file = findBenchFile(bench, surroundings)?.file;
  return file?.kind === 'physical' ? capabilitiesOf(file) : virtualCapabilities(file?.link.role ?? 'target');
}

const columns = (isForBench: boolean): readonly Column[] => [
  { heading: 'name', align: 'left' },
  { heading: 'what it does', align: 'left', whenNarrow: 'cut' },
  { heading: isForBench ? 'on this bench' : 'needs', align: 'left', whenNarrow: 'cut' },
];

/** What a scenario needs; on a bench, whether it can be run there. */
function needsCell(scenario: Scenario, capabilities: Capabilities | undefined): string {
  if (capabilities === undefined) return needsText(scenario.needs);
  const missing = missingNeeds(scenario, capabilities);
  return missing.length === 0 ? 'can be run' : `no: it has no ${needsText(missing)}`;
}

const suites = (scenarios: readonly Scenario[], ofRig: readonly Suite[]) => [
  ...ofRig.map(({ suite: { name, summary, runs } }) => ({
    name,
    summary,
    scenarios: runs.map(({ scenario }) => scenario),
  })),
  { name: ALL, summary: 'every scenario, one after the other', scenarios: scenarios.map(({ name }) => name) },
];

function listText(
  scenarios: readonly Scenario[],
  ofRig: readonly Suite[],
  capabilities: Capabilities | undefined,
  { output, environment }: Surroundings,
): string {
  const rows = [
    ...scenarios.map((scenario) => [scenario.name, scenario.summary, needsCell(scenario, capabilities)]),
    ...suites(scenarios, ofRig).map(({ name, summary }) => [
      name,
      summary,
      capabilities === undefined ? 'what each of them needs' : 'those that can be run',
    ]),
  ];
  const width = output.columns();
  const lines = table(columns(capabilities !== undefined), rows, {
    width,
    style: styleFor(output.isTty, environment),
    indent: '',
  });
  return `${[...lines, '', cut(printable('rig show <name> explains one, rig run <name> runs it.'), width)].join('\n')}\n`;
}

function listJson(
  scenarios: readonly Scenario[],
  ofRig: readonly Suite[],
  capabilities: Capabilities | undefined,
): string {
  const listed = scenarios.map((scenario) => {
    const { name, summary, needs } = scenario;
    if (capabilities === undefined) return { name, summary, needs };
    const missing = missingNeeds(scenario, capabilities);
    return { name, summary, needs, canRun: missing.length === 0, missing };
  });
  return `${JSON.stringify({ scenarios: listed, suites: suites(scenarios, ofRig) }, undefined, 2)}\n`;
}
