/** `rig history [scenario]`: past runs and their trends. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { historyEntry } from '../reports/history/enter.js';
import { openMetrics } from '../reports/history/metrics.js';
import { historyPage } from '../reports/history/page.js';
import { HistoryStore } from '../reports/history/store.js';
import { trendLines } from '../reports/history/text.js';
import { trendsOf } from '../reports/history/trends.js';
import { loadPageAssets } from '../reports/html/assets.js';
import { count, plural } from '../reports/text/numbers.js';
import { styleFor } from '../reports/text/style.js';
import { writeWhole } from '../reports/whole-file.js';
import { messageOf } from '../rig/errors.js';
import { readJournal } from '../rig/run/journal.js';
import { createResultBuilder } from '../rig/run/result-builder.js';
import { HISTORY_FILE, keptFolder } from './history-file.js';
import { JOURNAL } from './journal-path.js';
import type { Surroundings } from './surroundings.js';
import { usageError } from './usage.js';

/** Runs looked at, the latest ones. */
const RUNS_LIMIT = 100_000;

interface HistoryOptions {
  readonly history: string;
  readonly html?: string;
  readonly import?: string;
  readonly metrics?: string;
  readonly json?: boolean;
}

export function addHistoryCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('history')
    .summary('shows past runs and trends')
    .description(
      'Shows the outcomes, losses and latencies of past runs, build by build, and which scenarios are flaky.',
    )
    .argument('[scenario]', 'only the runs of this one')
    .option('--history <file>', 'the history', HISTORY_FILE)
    .option('--html <file>', 'writes a page with calendar and charts')
    .option('--import <dir>', 'enters the run folders in there; those that are known already are left alone')
    .option(
      '--metrics <file>',
      'writes the latest runs as OpenMetrics text, for a Prometheus textfile collector',
    )
    .option('--json', 'the runs as JSON')
    .action((scenario: string | undefined, options: HistoryOptions) => {
      const path = resolve(surroundings.workingDirectory, options.history);
      if (options.import === undefined && !existsSync(path)) {
        throw usageError(
          `${options.history}: there is no history yet. "rig run steady" makes one, "rig history --import runs" enters old runs.`,
        );
      }
      const store = new HistoryStore(path);
      try {
        if (options.import !== undefined) importRuns(store, options.import, path, surroundings);
        show(store, scenario, options, surroundings);
      } finally {
        store.close();
      }
    });
}

function show(
  store: HistoryStore,
  scenario: string | undefined,
  { html, json, metrics }: HistoryOptions,
  surroundings: Surroundings,
): void {
  const { output, environment } = surroundings;
  const runs = store.runs({ limit: RUNS_LIMIT, ...(scenario !== undefined && { scenario }) });
  if (json === true) output.write(`${JSON.stringify(runs, null, 2)}\n`);
  if (html !== undefined) {
    writeShown('--html', html, () => historyPage(runs, loadPageAssets('history')), json, surroundings);
  }
  if (metrics !== undefined) writeShown('--metrics', metrics, () => openMetrics(runs), json, surroundings);
  if (json === true || html !== undefined || metrics !== undefined) return;
  const screen = { width: output.columns(), style: styleFor(output.isTty, environment) };
  output.write(
    trendLines(trendsOf(runs), screen)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** Writes what is shown in a file, and says where it is, unless standard output is for JSON. */
function writeShown(
  option: string,
  file: string,
  render: () => string,
  json: boolean | undefined,
  { output, workingDirectory }: Surroundings,
): void {
  const path = resolve(workingDirectory, file);
  try {
    writeWhole(path, render());
  } catch (error) {
    throw usageError(`${option} ${file}: it cannot be written. ${messageOf(error)}`, { cause: error });
  }
  if (json !== true) output.write(`${relative(workingDirectory, path)}\n`);
}

/** Enters every run folder below `argument`, however deep suites put them. */
function importRuns(
  store: HistoryStore,
  argument: string,
  history: string,
  surroundings: Surroundings,
): void {
  const { output, errors, workingDirectory } = surroundings;
  const root = resolve(workingDirectory, argument);
  if (!existsSync(root) || !statSync(root).isDirectory())
    throw usageError(`--import ${argument}: there is no such folder.`);
  let added = 0;
  let known = 0;
  for (const folder of runFolders(root)) {
    const results = createResultBuilder();
    try {
      for (const event of readJournal(join(folder, JOURNAL))) results.apply(event);
      if (store.add(historyEntry(results.result(), keptFolder(history, folder)))) added += 1;
      else known += 1;
    } catch (error) {
      errors.write(`rig: ${relative(workingDirectory, folder)}: not entered. ${messageOf(error)}\n`);
    }
  }
  output.write(`${plural(added, 'run')} entered, ${count(known)} known already.\n`);
}

/** Folders are looked into this deep: a suite's folder, its repetitions, a run. */
const DEPTH_LIMIT = 4;

function runFolders(folder: string, depth = 0): string[] {
  if (existsSync(join(folder, JOURNAL))) return [folder];
  if (depth >= DEPTH_LIMIT) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => runFolders(join(folder, entry.name), depth + 1));
}
