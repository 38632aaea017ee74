/** `report.html`: one file that needs nothing else, from the model of a run. */
import type { RunModel } from '../model/run-model.js';
import { count, time } from '../text/numbers.js';
import { html, jsonScript, Markup } from './markup.js';
import { PAGE_POLICY } from './policy.js';
import { consoleSection, notesSection } from './sections/console.js';
import { headSection } from './sections/head.js';
import {
  bootsTable,
  faultsTable,
  latencyTable,
  lossesSection,
  measurementsSection,
  streamsTable,
  table,
} from './sections/tables.js';

/** What the page carries with it. */
export interface PageAssets {
  readonly style: string;
  readonly script: string;
}

export interface PageOptions {
  readonly assets: PageAssets;
  /** What the journal's reader had to say. */
  readonly warnings: readonly string[];
  /** The command that runs the same again. */
  readonly repeat?: string;
}

export function reportPage(model: RunModel, { assets, warnings, repeat }: PageOptions): string {
  const { result } = model;
  const descriptions = new Map(model.measurements.map(({ name, description }) => [name, description]));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${PAGE_POLICY}">
<title>${result.outcome} ${result.scenario}, seed ${result.seed}</title>
<style>${new Markup(assets.style)}</style>
</head>
<body><main>
${headSection(model, warnings)}
${measurementsSection(result, descriptions)}
<section><h2>Time line</h2><p class="faint">Shaded: while a fault was injected. Drag to move, Ctrl and wheel or two fingers to zoom; all charts over time follow. <button type="button" data-zoom="0 ${model.endMs}">whole run</button></p>
<div class="chart" id="time-line"></div></section>
<section id="messages"><h2>Messages</h2>${streamsTable(result)}${latencyTable(result)}</section>
${model.streams.map(
  (
    { name, direction },
    index,
  ) => html`<section><h2>${name}</h2><p class="faint">${name === direction ? 'Response' : `${direction}: response`} of each message over the run, and its percentiles</p>
<div class="chart" id="latency-${index}"></div><div class="chart curves" id="curves-${index}"></div></section>`,
)}
${faultsSection(model)}
${lossesSection(result)}
${deviceSection(model)}
${consoleSection(model)}
${notesSection(model)}
${aboutSection(model, repeat)}
</main>
${jsonScript('run', forCharts(model))}
<script>${new Markup(assets.script.replaceAll('</script', '<\\/script'))}</script>
</body></html>
`.text;
}

/** The charts need no text that the page has already. */
const forCharts = (model: RunModel): RunModel => ({
  ...model,
  excerpts: [],
  lastConsoleLines: [],
  notes: [],
  result: { ...model.result, losses: [], boots: [], measurements: [] },
});

function faultsSection(model: RunModel): Markup | undefined {
  if (model.result.faults.length === 0) return undefined;
  return html`<section id="faults"><h2>Faults and recovery</h2>${faultsTable(model.result)}
<h3>From injection, step by step</h3><div class="chart" id="waterfall"></div></section>`;
}

function deviceSection(model: RunModel): Markup {
  const chart = (id: string, there: boolean) =>
    there ? html`<div class="chart" id="${id}"></div>` : undefined;
  return html`<section id="device"><h2>Device and instrument</h2>
<div class="pair">${chart('memory', model.memory.length > 0)}${chart('exchanges', model.exchanges.length > 0)}</div>
${bootsTable(model.result)}${instrumentTable(model)}</section>`;
}

function instrumentTable({ result: { instrument } }: RunModel): Markup {
  const { exchange, floorMs, stallMaxMs, missedEdges } = instrument;
  return table(
    [
      ['exchanges', 'number'],
      ['failed', 'number'],
      ['mean', 'number'],
      ['max', 'number'],
      ['floor of the rig', 'number'],
      ['longest stall', 'number'],
      ['missed edges', 'number'],
    ],
    [
      [
        count(exchange.count),
        count(exchange.failed),
        time(exchange.meanMs),
        time(exchange.maxMs),
        time(floorMs),
        time(stallMaxMs),
        count(missedEdges),
      ],
    ],
  );
}

function aboutSection({ result }: RunModel, repeat: string | undefined): Markup {
  const parameters = Object.entries(result.parameters).map(([name, value]) => `${name}=${value}`);
  return html`<section id="about"><h2>This run</h2><dl>
<dt>parameters</dt><dd>${parameters.join(', ') || 'none'}</dd>
<dt>firmware</dt><dd>${result.firmware.name}, sha256 <code>${result.firmware.sha256}</code></dd>
${result.commit === undefined ? undefined : html`<dt>commit</dt><dd><code>${result.commit}</code></dd>`}
<dt>started</dt><dd>${result.startedAt}</dd>
${repeat === undefined ? undefined : html`<dt>the same again</dt><dd><code>${repeat}</code></dd>`}
</dl></section>`;
}
