/** `rig report <run>`: makes the reports of a run again, from its journal alone, also from one that was cut off. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { reportFormats } from '../reports/formats.js';
import { RunModelBuilder } from '../reports/model/run-model.js';
import { messageOf } from '../rig/errors.js';
import { suggestion } from '../rig/nearest.js';
import { readJournal } from '../rig/run/journal.js';
import { findJournal } from './journal-path.js';
import type { Surroundings } from './surroundings.js';
import { usageError } from './usage.js';

/** Warnings of the journal's reader that are shown; the rest is counted. */
const WARNINGS_SHOWN = 20;

interface ReportOptions {
  readonly format: string;
  readonly out?: string;
}

export function addReportCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('report')
    .summary('makes the reports of a run again')
    .description(
      'Makes the reports of a run from its journal alone. Of a journal that was cut off or comes from another version, ' +
        'it shows what can be shown.',
    )
    .argument('<run>', "a run's folder, or its journal.jsonl")
    .option('--format <list>', `which ones: ${reportFormats.map(({ name }) => name).join(', ')}`, 'html')
    .option('--out <dir>', "where they go (default: the run's folder)")
    .action(async (run: string, options: ReportOptions) => {
      const { output, workingDirectory } = surroundings;
      const formats = parseFormats(options.format);
      const journal = findJournal(resolve(workingDirectory, run), run);
      const folder = options.out === undefined ? dirname(journal) : resolve(workingDirectory, options.out);
      if (!existsSync(folder)) throw usageError(`--out ${options.out}: there is no such folder.`);
      const builder = new RunModelBuilder();
      const warnings = new Warnings();
      for await (const event of readJournal(journal, (text) => warnings.add(text))) builder.apply(event);
      const model = modelOf(builder, run);
      for (const { name, file, render } of formats) {
        const path = join(folder, file);
        writeReport(path, render(model, warnings.all()), name);
        output.write(`${relative(workingDirectory, path) || path}\n`);
      }
    });
}

/** @throws USAGE for a format that is not known. */
export function parseFormats(list: string, option = '--format'): (typeof reportFormats)[number][] {
  return list.split(',').map((word) => {
    const name = word.trim();
    const format = reportFormats.find((candidate) => candidate.name === name);
    if (format === undefined) {
      const known = reportFormats.map((candidate) => candidate.name);
      throw usageError(`${option} ${list}: "${name}" is no report. ${suggestion(name, known)}`);
    }
    return format;
  });
}

function modelOf(builder: RunModelBuilder, run: string) {
  try {
    return builder.model();
  } catch (error) {
    throw usageError(`${run}: nothing can be reported. ${messageOf(error)}`, { cause: error });
  }
}

function writeReport(path: string, text: string, name: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw usageError(`The ${name} report cannot be written to ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The first warnings, and how many more. */
class Warnings {
  private readonly kept: string[] = [];
  private more = 0;

  add(text: string): void {
    if (this.kept.length < WARNINGS_SHOWN) this.kept.push(text);
    else this.more += 1;
  }

  all(): string[] {
    return this.more === 0 ? this.kept : [...this.kept, `${this.more} more like these`];
  }
}
