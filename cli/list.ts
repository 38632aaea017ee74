/** `rig list`: scenarios and suites, one line each, what each needs. */
import type { Command } from 'commander';
import { cut } from '../reports/text/layout.js';
import { printable } from '../reports/text/printable.js';
import { styleFor } from '../reports/text/style.js';
import { type Column, table } from '../reports/text/table.js';
import type { Scenario } from '../rig/run/scenario.js';
import type { Composition } from './composition.js';
import { needsText } from './needs.js';
import { ALL } from './scenarios.js';
import type { Surroundings } from './surroundings.js';

export function addListCommand(
  program: Command,
  { scenarios }: Composition,
  surroundings: Surroundings,
): void {
  program
    .command('list')
    .summary('scenarios and suites, one line each')
    .description('Lists the scenarios and suites, and what each needs of the bench.')
    .option('--json', 'as JSON')
    .action(({ json }: { readonly json?: boolean }) => {
      const { output } = surroundings;
      output.write(json === true ? listJson(scenarios) : listText(scenarios, surroundings));
    });
}

const columns: readonly Column[] = [
  { heading: 'name', align: 'left' },
  { heading: 'what it does', align: 'left', whenNarrow: 'cut' },
  { heading: 'needs', align: 'left' },
];

const suites = (scenarios: readonly Scenario[]) => [
  { name: ALL, summary: 'every scenario, one after the other', scenarios: scenarios.map(({ name }) => name) },
];

function listText(scenarios: readonly Scenario[], { output, environment }: Surroundings): string {
  const rows = [
    ...scenarios.map(({ name, summary, needs }) => [name, summary, needsText(needs)]),
    ...suites(scenarios).map(({ name, summary }) => [name, summary, 'what each of them needs']),
  ];
  const width = output.columns();
  const lines = table(columns, rows, { width, style: styleFor(output.isTty, environment), indent: '' });
  return `${[...lines, '', cut(printable('rig show <name> explains one, rig run <name> runs it.'), width)].join('\n')}\n`;
}

function listJson(scenarios: readonly Scenario[]): string {
  const listed = scenarios.map(({ name, summary, needs }) => ({ name, summary, needs }));
  return `${JSON.stringify({ scenarios: listed, suites: suites(scenarios) }, undefined, 2)}\n`;
}
