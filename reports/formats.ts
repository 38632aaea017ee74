/** The reports that are files: each is computed from the model of a run, and from nothing else. */
import { loadPageAssets } from './html/assets.js';
import { reportPage } from './html/page.js';
import { junitXml } from './junit/junit.js';
import { markdownSummary } from './markdown/summary.js';
import type { RunModel } from './model/run-model.js';
import { repeatCommand } from './repeat-command.js';

export interface ReportFormat {
  /** What `--format` and `--report` call it. */
  readonly name: string;
  readonly file: string;
  /** The file's text. `warnings`: what the journal's reader had to say. */
  render(model: RunModel, warnings: readonly string[]): string;
}

export const reportFormats: readonly ReportFormat[] = [
  {
    name: 'html',
    file: 'report.html',
    render: (model, warnings) =>
      reportPage(model, { assets: loadPageAssets('report'), warnings, repeat: repeatCommand(model.result) }),
  },
  { name: 'junit', file: 'junit.xml', render: junitXml },
  {
    name: 'markdown',
    file: 'summary.md',
    render: (model, warnings) => markdownSummary(model, warnings, repeatCommand(model.result)),
  },
];
