/** `rig report <run>`: makes the reports of a run again, from its journal alone, also from one that was cut off. */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { type ReportFormat, reportFormats } from '../reports/formats.js';
import { type RunModel, RunModelBuilder } from '../reports/model/run-model.js';
import { printable } from '../reports/text/printable.js';
import { writeWhole } from '../reports/whole-file.js';
import { messageOf } from '../rig/errors.js';
import { readJournal } from '../rig/run/journal.js';
import { findJournal } from './journal-path.js';
import { parseFormats } from './report-formats.js';
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
    .action((run: string, options: ReportOptions) => {
      const { output, errors, workingDirectory } = surroundings;
      const formats = parseFormats(options.format);
      const journal = findJournal(resolve(workingDirectory, run), run);
      const folder = options.out === undefined ? dirname(journal) : resolve(workingDirectory, options.out);
      if (!existsSync(folder)) throw usageError(`--out ${options.out}: there is no such folder.`);
      const builder = new RunModelBuilder();
      const warnings = new Warnings();
      // In a report that somebody else opens, the host's folders say nothing.
      const warn = (text: string) => warnings.add(text.replace(`${dirname(journal)}${sep}`, ''));
      for (const event of readJournal(journal, warn)) builder.apply(event);
      const model = modelOf(builder, run);
      for (const text of warnings.all()) errors.write(`rig: ${printable(text)}\n`);
      const troubles = formats.flatMap((format) => {
        const path = join(folder, format.file);
        const trouble = writeReport(path, format, model, warnings.all());
        if (trouble === undefined) output.write(`${relative(workingDirectory, path)}\n`);
        return trouble ?? [];
      });
      if (troubles.length > 0) throw usageError(troubles.join(' '));
    });
}

function modelOf(builder: RunModelBuilder, run: string) {
  try {
    return builder.model();
  } catch (error) {
    throw usageError(`${run}: nothing can be reported. ${messageOf(error)}`, { cause: error });
  }
}

/** Writes one; returns what went wrong, so that it keeps no other from being written. */
function writeReport(
  path: string,
  { name, render }: ReportFormat,
  model: RunModel,
  warnings: readonly string[],
): string | undefined {
  try {
    writeWhole(path, render(model, warnings));
    return undefined;
  } catch (error) {
    return `The ${name} report cannot be written to ${path}: ${messageOf(error)}.`;
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
