/** The history as one page that needs nothing else: outcome calendar, trends of each scenario over its builds. */
import { html, jsonScript, Markup } from '../html/markup.js';
import type { PageAssets } from '../html/page.js';
import { PAGE_POLICY } from '../html/policy.js';
import { count, percent, plural, time } from '../text/numbers.js';
import { calendarOf } from './calendar.js';
import type { HistoryEntry } from './entry.js';
import type { HistoryPageData } from './page-data.js';
import { type Build, type ScenarioTrend, trendsOf } from './trends.js';

/** Builds in a table; the charts have all. */
const BUILDS_SHOWN = 30;
const LAST_RUNS_SHOWN = 50;

export function historyPage(runs: readonly HistoryEntry[], assets: PageAssets): string {
  const trends = trendsOf(runs);
  const data: HistoryPageData = { days: calendarOf(runs), trends };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${PAGE_POLICY}">
<title>History of runs</title>
<style>${new Markup(assets.style)}</style>
</head>
<body><main>
<header><h1>History of runs</h1><p class="faint">${summary(runs)}</p></header>
${flaky(trends)}
<section><h2>Outcomes, day by day</h2><p class="faint">Each day has the colour of its worst run.</p><div class="chart" id="calendar"></div></section>
${trends.map(scenarioSection)}
<section><h2>Latest runs</h2>${latest(runs)}</section>
</main>
${jsonScript('history', data)}
<script>${new Markup(assets.script.replaceAll('</script', '<\\/script'))}</script>
</body></html>
`.text;
}

function summary(runs: readonly HistoryEntry[]): string {
  const first = runs[0]?.startedAt.slice(0, 10);
  const last = runs.at(-1)?.startedAt.slice(0, 10);
  if (first === undefined || last === undefined) return 'No runs yet.';
  const passed = runs.filter(({ outcome }) => outcome === 'PASS').length;
  return `${plural(runs.length, 'run')} from ${first} to ${last}, ${count(passed)} of them PASS`;
}

function flaky(trends: readonly ScenarioTrend[]): Markup | undefined {
  const names = trends.filter(({ isFlaky }) => isFlaky).map(({ scenario }) => scenario);
  if (names.length === 0) return undefined;
  return html`<p class="warning">Passed and failed with one and the same build: ${names.join(', ')}.</p>`;
}

function scenarioSection({ scenario, builds, isFlaky }: ScenarioTrend, index: number): Markup {
  const rows = builds.slice(-BUILDS_SHOWN).reverse();
  return html`<section><h2>${scenario}${isFlaky ? html` <span class="badge INVALID">flaky</span>` : undefined}</h2>
<div class="pair"><div class="chart" id="latency-${index}"></div><div class="chart" id="loss-${index}"></div></div>
<div class="scroll"><table><thead><tr><th>since</th><th>firmware</th><th>commit</th><th class="number">passed</th><th class="number">lost</th><th class="number">loss rate at most</th><th class="number">p99 steady</th><th class="number">slowest recovery</th></tr></thead>
<tbody>${rows.map(buildRow)}</tbody></table></div></section>`;
}

const buildRow = (
  build: Build,
): Markup => html`<tr><td>${build.firstAt.replace('T', ' ').slice(0, 16)}</td><td><code>${build.firmwareSha256.slice(0, 8)}</code></td><td><code>${build.commit?.slice(0, 8)}</code></td><td class="number">${build.passed} of ${build.runs}</td><td class="number">${count(build.lost)}</td><td class="number">${build.due === 0 ? '' : percent(build.lossUpperBound95)}</td><td class="number">${optionalTime(build.p99SteadyMs)}</td><td class="number">${optionalTime(build.recoveryMaxMs)}</td></tr>
`;

function latest(runs: readonly HistoryEntry[]): Markup {
  const rows = runs.slice(-LAST_RUNS_SHOWN).reverse();
  return html`<div class="scroll"><table><thead><tr><th></th><th>scenario</th><th>started</th><th class="number">seed</th><th>bench</th><th class="number">lost</th><th class="long">reason</th></tr></thead><tbody>${rows.map(
    (
      run,
    ) => html`<tr><td><span class="badge ${run.outcome}">${run.outcome}</span></td><td>${run.scenario}</td><td>${run.startedAt.replace('T', ' ').slice(0, 16)}</td><td class="number">${run.seed}</td><td>${run.bench}</td><td class="number">${count(run.lost)} of ${count(run.due)}${run.undecided === 0 ? undefined : ` (${count(run.undecided)} undecided)`}</td><td class="faint long">${run.reason?.split('\n')[0]}</td></tr>
`,
  )}</tbody></table></div>`;
}

const optionalTime = (ms: number | null): string => (ms === null ? '' : time(ms));
