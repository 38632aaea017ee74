/** The console around each fault, and at the end of the run; notes of the rig. */
import type { ConsoleLine } from '../../model/console-excerpts.js';
import type { RunModel } from '../../model/run-model.js';
import { count, plural, sinceStart } from '../../text/numbers.js';
import { html, type Markup } from '../markup.js';

export function consoleSection({ excerpts, lastConsoleLines, result }: RunModel): Markup | undefined {
  if (lastConsoleLines.length === 0) return undefined;
  const kinds = new Map(result.faults.map(({ number, kind }) => [number, kind]));
  return html`<section id="console"><h2>Console</h2>
${excerpts.map(
  ({ fault, lines, notShown }) =>
    html`<details><summary>around fault ${fault}, ${kinds.get(fault)} <span class="faint">${plural(
      lines.length,
      'line',
    )}${notShown > 0 ? `, ${count(notShown)} more` : ''}</span></summary>${linesOf(lines)}</details>`,
)}
<details${result.outcome === 'PASS' ? undefined : html` open`}><summary>at the end of the run</summary>${linesOf(lastConsoleLines)}</details>
</section>`;
}

export function notesSection({ notes, notesNotShown }: RunModel): Markup | undefined {
  if (notes.length === 0) return undefined;
  return html`<section id="notes"><h2>Notes</h2>${linesOf(notes)}${
    notesNotShown > 0 ? html`<p class="faint">${count(notesNotShown)} more, not shown.</p>` : undefined
  }</section>`;
}

const linesOf = (lines: readonly ConsoleLine[]): Markup =>
  html`<pre>${lines.map(({ atMs, text }) => html`${sinceStart(atMs).padStart(10)}  ${text}\n`)}</pre>`;
