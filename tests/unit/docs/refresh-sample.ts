/**
 * Puts the output of a fresh run into the README, in place of the one that is there: for whoever has changed what a
 * run prints, or the virtual board's timing. `node dist/tests/unit/docs/refresh-sample.js`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathOf } from './markdown.js';

const FIRST_LINES = 8;

/** What `rig run` prints, in a folder of its own. Throws when the run does not pass. */
function outputOf(words: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'rig-docs-'));
  try {
    const program = [pathOf('dist/cli/rig.js'), 'run', ...words];
    const ended = spawnSync(process.execPath, program, { cwd: folder, encoding: 'utf8' });
    if (ended.status !== 0) throw new Error(`The run did not pass:\n${ended.stdout}${ended.stderr}`);
    return ended.stdout.trimEnd().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The beginning, the last parts, and the whole summary. */
function shortened(lines: readonly string[]): string {
  const summaryAt = lines.indexOf('');
  const lastParts = lines.slice(0, summaryAt).filter((line) => /s {2}(drain|teardown)$/.test(line));
  return [...lines.slice(0, FIRST_LINES), '     …', ...lastParts, ...lines.slice(summaryAt)].join('\n');
}

const sample = shortened(outputOf(['wifi-outage', '--seed', '42']));
const exampleEnd = outputOf([pathOf('docs/examples/my-outage.ts'), '--seed', '1']).at(-1) ?? '';
const text = readFileSync(pathOf('README.md'), 'utf8')
  .replace(/^```text\nwifi-outage, seed 42.*?^```$/ms, () => `\`\`\`text\n${sample}\n\`\`\``)
  .replace(/^PASS my-outage seed 1 .*$/m, () => exampleEnd);
writeFileSync(pathOf('README.md'), text);
