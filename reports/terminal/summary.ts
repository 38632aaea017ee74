/** What a run came to, on one screen: what was promised, what was kept, where it went wrong, how to see it again. */
import type { RunResult } from '../../rig/run/result.js';
import { cut, paragraphs } from '../text/layout.js';
import { count, milliseconds, plural, time } from '../text/numbers.js';
import { printable } from '../text/printable.js';
import type { Style } from '../text/style.js';
import { bootsSection, lossesSection } from './boots-and-losses.js';
import { faultsSection } from './faults-section.js';
import { measurementsSection } from './measurements-section.js';
import { outcomeLine, toneOf } from './outcome-line.js';
import { labelled, type Screen } from './screen.js';
import { responseSection, streamsSection } from './streams-section.js';

export interface SummaryOptions {
  /** Columns of the screen; narrower than `NARROWEST_SCREEN` is taken as that. */
  readonly width: number;
  readonly style: Style;
  /** Where the run's files are. */
  readonly folder?: string;
  /** The command that runs the same again. */
  readonly repeat?: string;
}

/** Below this the tables' numbers no longer fit. */
const NARROWEST_SCREEN = 80;
/** Lines of text longer than this are hard to follow. */
const WIDEST_SCREEN = 120;

/** The summary's lines; the last is the outcome line. */
export function summaryLines(result: RunResult, options: SummaryOptions): string[] {
  const width = Math.min(WIDEST_SCREEN, Math.max(NARROWEST_SCREEN, options.width));
  const screen = { width, style: options.style };
  const sections = [
    headSection(result, screen),
    measurementsSection(result, screen),
    streamsSection(result, screen),
    responseSection(result, screen),
    faultsSection(result, screen),
    lossesSection(result, screen),
    [...bootsSection(result), ...reportsLine(result), ...instrumentLine(result), ...whereLines(options)],
  ];
  const lines = sections.filter((section) => section.length > 0).flatMap((section) => [...section, '']);
  return [...lines, outcomeLine(result, options.style)];
}

function headSection(result: RunResult, { width, style }: Screen): string[] {
  const { scenario, outcome, reason, bench, firmware } = result;
  const where = `on bench ${bench.name}, firmware ${firmware.name} (${firmware.sha256.slice(0, 8)})`;
  return [
    `${style('strong', printable(scenario))}  ${style(toneOf(outcome), outcome)}  ${style('dim', printable(where))}`,
    ...(reason === undefined ? [] : reasonLines(reason, width)),
  ];
}

/** The first line wrapped; those below it, which quote the device's console, each on a line of its own. */
function reasonLines(reason: string, width: number): string[] {
  const [first = '', ...quoted] = reason.split('\n');
  return [
    ...paragraphs(printable(first), width, '  '),
    ...quoted.map((line) => cut(`  ${printable(line)}`, width)),
  ];
}

/** The device's own reports: whether its memory leaks. */
function reportsLine({ reports }: RunResult): string[] {
  if (reports.count === 0) return [];
  const parts = [plural(reports.count, 'report')];
  if (reports.memFreeFirst !== null && reports.memFreeLast !== null) {
    parts.push(`free memory ${count(reports.memFreeFirst)} to ${count(reports.memFreeLast)} bytes`);
  }
  if (reports.connectCount !== null) parts.push(plural(reports.connectCount, 'connection'));
  return [labelled('Device', parts.join(' · '))];
}

/** What the rig itself adds, and whether it can vouch for what it saw. */
function instrumentLine({ instrument }: RunResult): string[] {
  const { exchange, stallMaxMs, missedEdges, floorMs } = instrument;
  return [
    labelled('Exchanges', exchangeText(exchange)),
    labelled(
      'Instrument',
      `floor ${time(floorMs)} · longest stall ${time(stallMaxMs)} · ${plural(missedEdges, 'missed edge')}`,
    ),
  ];
}

function exchangeText(exchange: RunResult['instrument']['exchange']): string {
  if (exchange.count === 0) return 'none';
  const failed = exchange.failed > 0 ? ` · ${count(exchange.failed)} failed` : '';
  return `${count(exchange.count)} · mean ${milliseconds(exchange.meanMs)} ms, max ${milliseconds(exchange.maxMs)} ms${failed}`;
}

function whereLines({ folder, repeat }: SummaryOptions): string[] {
  return [
    ...(folder === undefined ? [] : [labelled('Run folder', printable(folder))]),
    ...(repeat === undefined ? [] : [labelled('Repeat with', printable(repeat))]),
  ];
}
