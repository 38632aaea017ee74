/** `rig show <scenario>`: all that can be said of a scenario without running it. */
import type { Command } from 'commander';
import { paragraphs } from '../reports/text/layout.js';
import { limitText } from '../reports/text/limit.js';
import { count } from '../reports/text/numbers.js';
import { printable } from '../reports/text/printable.js';
import { type Style, styleFor } from '../reports/text/style.js';
import { type Cell, type Column, table } from '../reports/text/table.js';
import type { MeasurementDeclaration, StreamDeclaration } from '../rig/run/declarations.js';
import type { Scenario } from '../rig/run/scenario.js';
import { formatDuration } from '../rig/time/duration-text.js';
import type { Composition } from './composition.js';
import { needsText } from './needs.js';
import { parameterValues, rangeText, valueText } from './parameters.js';
import { findScenario, findSuite } from './scenarios.js';
import type { Suite } from './suites.js';
import type { Surroundings } from './surroundings.js';

/** Text wider than this is hard to read. */
const WIDEST = 100;
const INDENT = '  ';

export function addShowCommand(program: Command, composition: Composition, surroundings: Surroundings): void {
  program
    .command('show')
    .summary('explains one scenario')
    .description(
      'Shows what a scenario does and promises, its parameters, measurements and faults, and what it needs.',
    )
    .argument('<scenario>', 'name of a scenario or suite, or a file of your own')
    .action(async (argument: string) => {
      const { output, environment, workingDirectory } = surroundings;
      const { scenarios, scenarioApi } = composition;
      const style = styleFor(output.isTty, environment);
      const source = { scenarios, suites: await composition.suites(), scenarioApi, workingDirectory };
      const suite = findSuite(argument, source);
      if (suite !== undefined) {
        const shown = describeSuite(suite, Math.min(WIDEST, output.columns()), style);
        output.write(`${shown.join('\n')}\n`);
        return;
      }
      const scenario = await findScenario(argument, source);
      const lines = describeScenario(scenario, argument, Math.min(WIDEST, output.columns()), style);
      output.write(`${lines.join('\n')}\n`);
    });
}

/** The lines that describe a suite: what it runs, with what, how often, and what is known to be broken. */
function describeSuite({ suite }: Suite, width: number, style: Style): string[] {
  const rows = suite.runs.map(({ scenario, parameters, repeat, limits, quarantine }) => [
    scenario,
    repeat === 1 ? 'once' : `${repeat} times`,
    [...Object.entries(parameters), ...Object.entries(limits)]
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    quarantine === undefined ? '' : `until ${quarantine.until}: ${quarantine.reason}`,
  ]);
  const columns: readonly Column[] = [
    { heading: 'scenario', align: 'left' },
    { heading: 'how often', align: 'left' },
    { heading: 'with', align: 'left', whenNarrow: 'wrap' },
    { heading: 'quarantine', align: 'left', whenNarrow: 'wrap' },
  ];
  return [
    style('strong', suite.name),
    ...paragraphs(printable(suite.summary), width, ''),
    '',
    ...table(columns, rows, { width, style, indent: INDENT }),
  ];
}

/** The lines that describe `scenario`, which the command line calls `argument`. */
export function describeScenario(
  scenario: Scenario,
  argument: string,
  width: number,
  style: Style,
): string[] {
  const { name, summary, description, promise, parameters, needs, faults } = scenario;
  const screen = { width, style, indent: INDENT };
  const defaults = parameterValues(parameters, []);
  const text = (body: string) =>
    body
      .split(/\n\s*\n/)
      .map(printable)
      .join('\n\n');
  const section = (heading: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', style('strong', heading), ...lines];
  return [
    style('strong', printable(name)),
    ...paragraphs(printable(summary), width, ''),
    '',
    ...paragraphs(text(description), width, ''),
    ...section('Promise', paragraphs(text(promise), width, INDENT)),
    ...section(
      'Faults',
      faults.flatMap((fault) => paragraphs(printable(fault), width, INDENT)),
    ),
    ...section('Parameters', parameterLines(parameters, screen)),
    ...section('Streams', streamLines(scenario.streams(defaults), screen)),
    ...section('Measurements', measurementLines(scenario.measurements(defaults), screen)),
    ...section('Needs', paragraphs(needsText(needs), width, INDENT)),
    '',
    `Run it with: ${runExample(argument, parameters)}`,
  ];
}

interface Screen {
  readonly width: number;
  readonly style: Style;
  readonly indent: string;
}

const left = (heading: string): Column => ({ heading, align: 'left' });
const wrapped = (heading: string): Column => ({ heading, align: 'left', whenNarrow: 'wrap' });
const right = (heading: string): Column => ({ heading, align: 'right' });

function parameterLines(parameters: Scenario['parameters'], screen: Screen): string[] {
  const rows: Cell[][] = Object.entries(parameters).map(([name, declaration]) => [
    { text: name, tone: 'strong' },
    valueText(declaration, declaration.default),
    rangeText(declaration),
    declaration.description,
  ]);
  if (rows.length === 0) return [];
  return table([left('name'), right('default'), left('range'), wrapped('what it is')], rows, screen);
}

function streamLines(streams: readonly StreamDeclaration[], screen: Screen): string[] {
  const rows = streams.map(
    ({ name, direction, qos, wait, periodUs, burst = 1, count: messages, sizeBytes }) => [
      name,
      direction,
      qos ? (wait ? 'qos, in order' : 'qos') : 'sent once',
      count(messages),
      `${burst === 1 ? '' : `${burst} `}every ${formatDuration(periodUs)}`,
      `${count(sizeBytes)} bytes`,
    ],
  );
  if (rows.length === 0) return [];
  return table(
    [left('name'), left('direction'), left('promise'), right('messages'), left('period'), right('size')],
    rows,
    screen,
  );
}

function measurementLines(measurements: readonly MeasurementDeclaration[], screen: Screen): string[] {
  const rows = measurements.map(({ name, unit, description, limit }) => [
    name,
    unit,
    limitText(limit),
    description,
  ]);
  if (rows.length === 0) return [];
  return table([left('name'), left('unit'), left('limit'), wrapped('what it is')], rows, screen);
}

function runExample(argument: string, parameters: Scenario['parameters']): string {
  const [first] = Object.entries(parameters);
  const setting = first === undefined ? '' : ` --set ${first[0]}=${valueText(first[1], first[1].default)}`;
  return printable(`rig run ${argument}${setting}`);
}
