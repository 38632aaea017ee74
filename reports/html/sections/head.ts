/** The top of a report: outcome, reason, and the numbers that most readers came for. */
import { isExcused } from '../../../rig/run/labels.js';
import type { RunResult } from '../../../rig/run/result.js';
import type { RunModel } from '../../model/run-model.js';
import { shortCommit } from '../../text/commit.js';
import { count, percent, plural, time } from '../../text/numbers.js';
import { html, type Markup } from '../markup.js';

export function headSection(
  { result, description, isComplete }: RunModel,
  warnings: readonly string[],
): Markup {
  const { scenario, outcome, reason, bench, firmware, startedAt, benchMs, wallMs, seed, commit } = result;
  return html`<header>
<h1>${scenario}</h1><span class="outcome ${outcome}">${outcome}</span>
<p>${description}</p>
<p class="faint">${startedAt.replace('T', ' ').slice(0, 16)} UTC · seed ${seed} · bench ${bench.name} · firmware ${firmware.name}
<code>${firmware.sha256.slice(0, 8)}</code>${commit === undefined ? undefined : html` · commit <code>${shortCommit(commit)}</code>`} · ${time(benchMs)} on the bench, ${time(wallMs)} by the wall clock</p>
</header>
${isComplete ? undefined : html`<p class="warning">The journal ends before the run did: what follows is what it holds.</p>`}
${isExcused(result) ? html`<p class="warning">In quarantine until ${result.quarantine.until}: ${result.quarantine.reason}. Its ${outcome} does not count.</p>` : undefined}
${warnings.map((warning) => html`<p class="warning">${warning}</p>`)}
${reason === undefined ? undefined : html`<div class="reason">${reason.split('\n').map((line) => html`<div>${line}</div>`)}</div>`}
<div class="tiles">${tiles(result).map(tile)}</div>`;
}

interface Tile {
  readonly value: string;
  readonly says: string;
  readonly isBad?: boolean;
}

const tile = ({ value, says, isBad = false }: Tile): Markup =>
  html`<div class="tile${isBad ? ' bad' : ''}"><b>${value}</b><span>${says}</span></div>`;

function tiles(result: RunResult): Tile[] {
  const { streams, faults, boots } = result;
  const sum = (of: (stream: RunResult['streams'][number]) => number) =>
    streams.reduce((total, stream) => total + of(stream), 0);
  const lost = sum((stream) => stream.lost);
  const undecided = sum((stream) => stream.undecided);
  const worstBound = Math.max(0, ...streams.map(({ lossUpperBound95 }) => lossUpperBound95));
  const steady = streams.map(({ response }) => response.steady).filter(({ count: counted }) => counted > 0);
  const recoveries = faults.flatMap(({ clearedAtMs, recoveredAtMs }) =>
    clearedAtMs === null || recoveredAtMs === null ? [] : recoveredAtMs - clearedAtMs,
  );
  const unexpectedBoots = boots.filter(({ expected }) => !expected).length;
  return [
    {
      value: `${count(sum(({ delivered }) => delivered))} of ${count(sum(({ due }) => due))}`,
      says: 'messages delivered',
    },
    {
      value: count(lost),
      says: `lost${undecided === 0 ? '' : `, ${count(undecided)} undecided`}; with 95 % confidence at most ${percent(worstBound)}`,
      isBad: lost + undecided > 0,
    },
    ...(steady.length === 0
      ? []
      : [
          {
            value: time(Math.max(...steady.map(({ p99Ms }) => p99Ms))),
            says: 'p99 response in steady state',
          },
        ]),
    ...(faults.length === 0
      ? []
      : [
          {
            value: `${recoveries.length} of ${faults.length}`,
            says: 'faults recovered from',
            isBad: recoveries.length < faults.length,
          },
        ]),
    ...(recoveries.length === 0 ? [] : [{ value: time(Math.max(...recoveries)), says: 'slowest recovery' }]),
    {
      value: plural(boots.length, 'boot'),
      says: `${count(unexpectedBoots)} unexpected`,
      isBad: unexpectedBoots > 0,
    },
  ];
}
