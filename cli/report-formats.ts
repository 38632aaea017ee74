/** The list of reports on a command line. */
import { type ReportFormat, reportFormats } from '../reports/formats.js';
import { suggestion } from '../rig/nearest.js';
import { usageError } from './usage.js';

/** @throws USAGE for a format that is not known. */
export function parseFormats(list: string, option = '--format'): ReportFormat[] {
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
