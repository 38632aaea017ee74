/** How long `rig report` takes for the journal of a long soak, in a process of its own, and what memory it needs. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeLongJournal } from './long-journal.js';

const child = fileURLToPath(new URL('./report-in-child.js', import.meta.url));

export interface ReportFigures {
  readonly messages: number;
  readonly journalBytes: number;
  readonly pageBytes: number;
  readonly wallMs: number;
  /** Of all threads. */
  readonly cpuMs: number;
  readonly maxRssBytes: number;
}

export async function benchReport(messages: number): Promise<ReportFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'rig-bench-'));
  try {
    const journal = join(folder, 'journal.jsonl');
    writeLongJournal(journal, messages);
    const { stdout } = await promisify(execFile)(process.execPath, [child, journal]);
    const sizeOf = (file: string) => statSync(join(folder, file)).size;
    const sizes = { journalBytes: sizeOf('journal.jsonl'), pageBytes: sizeOf('report.html') };
    return { messages, ...sizes, ...JSON.parse(stdout) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
