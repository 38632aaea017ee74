/** The reports that a run's folder gets as it ends (`--report`), from a model that follows the run's events. */
import type { Reader } from '../reports/fan-out.js';
import type { ReportFormat } from '../reports/formats.js';
import { RunModelBuilder } from '../reports/model/run-model.js';
import { messageOf } from '../rig/errors.js';
import type { RunResult } from '../rig/run/result.js';
import type { RunFolder } from './run-folder.js';

export class RunReports {
  private readonly builder = new RunModelBuilder();
  private readonly formats: readonly ReportFormat[];

  constructor(formats: readonly ReportFormat[]) {
    this.formats = formats;
  }

  /** None where no report was asked for: a model takes time and memory. */
  readers(): Reader[] {
    return this.formats.length === 0 ? [] : [{ name: 'reports', sink: (event) => this.builder.apply(event) }];
  }

  /**
   * Writes each; one that fails keeps no other from being written. Returns what went wrong, a line each. `judged`: what
   * the run came to where its files could not be written, which its events cannot tell.
   */
  write(folder: RunFolder, judged: Partial<Judged> = {}): string[] {
    return this.formats.flatMap(({ file, render }) => {
      try {
        const model = this.builder.model();
        folder.write(file, render({ ...model, result: { ...model.result, ...judged } }, []));
        return [];
      } catch (error) {
        return [`${file} could not be written (${messageOf(error)})`];
      }
    });
  }
}

type Judged = Pick<RunResult, 'outcome' | 'reason'>;
