/** The report's tables: measurements, streams, faults, losses, boots, and the instrument. */
import type { MeasurementResult, RunResult } from '../../../rig/run/result.js';
import { limitText } from '../../text/limit.js';
import { count, percent, plural, quantity, sinceStart, time } from '../../text/numbers.js';
import { html, type Markup } from '../markup.js';

/** Rows of losses in the page, and how many of them at first sight; `result.json` has more. */
const LOSSES_SHOWN = 200;
const LOSSES_OPEN = 20;
/** Rows of faults and boots in the page. */
const ROWS_SHOWN = 500;

/** A column: its heading, and whether it holds numbers, or text that may go over several lines. */
type Column = readonly [heading: string, kind?: 'number' | 'long'];

export function table(columns: readonly Column[], rows: readonly (readonly (string | Markup)[])[]): Markup {
  const classOf = (kind: Column[1]) => (kind === undefined ? undefined : html` class="${kind}"`);
  return html`<div class="scroll"><table>
<thead><tr>${columns.map(([heading, kind]) => html`<th${classOf(kind)}>${heading}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell, index) => html`<td${classOf(columns[index]?.[1])}>${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>`;
}

export function measurementsSection(result: RunResult, descriptions: ReadonlyMap<string, string>): Markup {
  const row = ({ name, unit, value, limit, outcome }: MeasurementResult) => [
    html`<span class="badge ${outcome}">${outcome === 'RECORDED' ? 'recorded' : outcome}</span>`,
    name,
    value === null ? 'never measured' : `${quantity(value)} ${unit}`,
    limitText(limit),
    html`<span class="faint">${descriptions.get(name)}</span>`,
  ];
  const { measurements } = result;
  const isCutShort = measurements.length > 0 && measurements.every(({ value }) => value === null);
  return html`<section id="measurements"><h2>Measurements</h2>
${isCutShort ? html`<p class="faint">The run was cut short before anything was measured.</p>` : undefined}
${table([[''], ['measurement'], ['value', 'number'], ['limit'], ['what it is', 'long']], result.measurements.map(row))}
</section>`;
}

const CUT_SHORT =
  'Undecided: on its way when the run was cut short. Nobody waited for it, so nobody knows whether it was lost; the bound of the loss rate counts it as lost.';

export function streamsTable({ streams, unexpected }: RunResult): Markup {
  // Only in a run that was cut short.
  const isCutShort = streams.some(({ undecided }) => undecided > 0);
  const columns: Column[] = [
    ['stream'],
    ['promise'],
    ...(['due', 'delivered', 'lost', 'loss rate, 95 %', 'dup.', 'reord.', 'corr.', 'unsent'] as const).map(
      (heading): Column => [heading, 'number'],
    ),
    ...(isCutShort ? [['undecided', 'number'] as const] : []),
  ];
  const rows = streams.map((stream) => [
    stream.name === stream.direction ? stream.name : `${stream.name} (${stream.direction})`,
    stream.qos ? (stream.wait ? 'qos, in order' : 'qos') : 'none',
    count(stream.due),
    count(stream.delivered),
    count(stream.lost),
    `at most ${percent(stream.lossUpperBound95)}`,
    count(stream.duplicated),
    count(stream.reordered),
    count(stream.corrupted),
    count(stream.unsent),
    ...(isCutShort ? [count(stream.undecided)] : []),
  ]);
  return html`${table(columns, rows)}${isCutShort ? html`<p class="faint">${CUT_SHORT}</p>` : undefined}${
    unexpected === 0
      ? undefined
      : html`<p>${plural(unexpected, 'message')} arrived that no stream was waiting for.</p>`
  }`;
}

const phaseNames = {
  steady: 'in steady state',
  fault: 'during a fault',
  recovery: 'while recovering',
} as const;

export function latencyTable({ streams }: RunResult): Markup {
  const columns: Column[] = [
    ['stream'],
    ['fell due'],
    ['latency'],
    ...(['messages', 'p50', 'p90', 'p99', 'p99.9', 'max'] as const).map(
      (heading): Column => [heading, 'number'],
    ),
  ];
  const rows = streams.flatMap((stream) =>
    (['steady', 'fault', 'recovery'] as const).flatMap((phase) =>
      (['response', 'service'] as const).flatMap((kind) => {
        const latency = stream[kind][phase];
        if (latency.count === 0) return [];
        const values = [latency.p50Ms, latency.p90Ms, latency.p99Ms, latency.p999Ms, latency.maxMs].map(time);
        return [[stream.name, phaseNames[phase], kind, count(latency.count), ...values]];
      }),
    ),
  );
  return html`${table(columns, rows)}<p class="faint">Response: from when a message was due until it was delivered, what a user waits.
Service: from when the link took it, what the link needs.</p>`;
}

export function faultsTable({ faults, faultsNotShown, benchMs }: RunResult): Markup {
  const rows = faults.slice(0, ROWS_SHOWN).map((fault) => {
    const { injectedAtMs, clearedAtMs, recoveredAtMs } = fault;
    const seen = fault.waterfall.find(
      ({ step }) => step === 'seen by the client' || step === 'seen by the server',
    );
    const zoom = `${Math.max(0, injectedAtMs - 5_000)} ${Math.min(benchMs, (recoveredAtMs ?? clearedAtMs ?? benchMs) + 5_000)}`;
    return [
      String(fault.number),
      fault.kind,
      sinceStart(injectedAtMs),
      seen === undefined ? 'never' : time(seen.atMs - injectedAtMs),
      clearedAtMs === null || recoveredAtMs === null ? 'never' : time(recoveredAtMs - clearedAtMs),
      count(fault.lost),
      fault.evidence ?? 'not proved',
      html`<button type="button" data-zoom="${zoom}">show</button>`,
    ];
  });
  return html`${table(
    [
      ['#'],
      ['fault'],
      ['injected', 'number'],
      ['noticed after', 'number'],
      ['recovered in', 'number'],
      ['lost', 'number'],
      ['proved by', 'long'],
      [''],
    ],
    rows,
  )}${notShown(faults.length - rows.length + faultsNotShown, 'fault')}`;
}

export function lossesSection({ losses, lossesNotShown, benchMs }: RunResult): Markup | undefined {
  if (losses.length === 0) return undefined;
  const rows = losses
    .slice(0, LOSSES_SHOWN)
    .map((loss) => [
      loss.stream,
      String(loss.sequence),
      sinceStart(loss.dueMs),
      loss.lastPoint,
      loss.fault === undefined ? 'none' : String(loss.fault),
      String(loss.boot),
      html`<button type="button" data-zoom="${Math.max(0, loss.dueMs - 5_000)} ${Math.min(benchMs, loss.dueMs + 15_000)}">show</button>`,
    ]);
  const columns: Column[] = [
    ['stream'],
    ['message', 'number'],
    ['due at', 'number'],
    ['last point reached'],
    ['in fault'],
    ['in boot'],
    [''],
  ];
  const more = rows.slice(LOSSES_OPEN);
  return html`<section id="losses"><h2>Losses</h2>
<p class="faint">Where messages were lost: the last point that each is known to have reached. Offered to the link, accepted by it, acknowledged by the other end.</p>
${table([['stream'], ['last point reached'], ['lost', 'number']], lostWhere(losses))}
<h3>Each of them</h3>
${table(columns, rows.slice(0, LOSSES_OPEN))}
${more.length === 0 ? undefined : html`<details><summary>${plural(more.length, 'loss', 'losses')} more</summary>${table(columns, more)}</details>`}
${notShown(losses.length - rows.length + lossesNotShown, 'loss', 'losses')}</section>`;
}

/** How many of each stream were lost after which point, the most first. */
function lostWhere(losses: RunResult['losses']): string[][] {
  const counts = new Map<string, { stream: string; lastPoint: string; lost: number }>();
  for (const { stream, lastPoint } of losses) {
    const key = JSON.stringify([stream, lastPoint]);
    const place = counts.get(key) ?? { stream, lastPoint, lost: 0 };
    place.lost += 1;
    counts.set(key, place);
  }
  return [...counts.values()]
    .sort((a, b) => b.lost - a.lost)
    .map(({ stream, lastPoint, lost }) => [stream, lastPoint, count(lost)]);
}

export function bootsTable({ boots, bootsNotShown }: RunResult): Markup {
  const rows = boots
    .slice(0, ROWS_SHOWN)
    .map(({ number, atMs, cause, mode, expected }) => [
      String(number),
      sinceStart(atMs),
      causes[cause] ?? `cause ${cause}`,
      String(mode),
      expected ? 'yes' : html`<span class="badge FAIL">no</span>`,
    ]);
  return html`${table([['boot'], ['at', 'number'], ['reset cause, by the ROM'], ['boot mode'], ['expected']], rows)}${notShown(
    boots.length - rows.length + bootsNotShown,
    'boot',
  )}`;
}

/** `rst cause:N` of the ESP8266's ROM. */
const causes: Readonly<Record<number, string>> = {
  1: '1, power on',
  2: '2, reset pin',
  3: '3, software',
  4: '4, watchdog',
};

const notShown = (number: number, one: string, many = `${one}s`): Markup | undefined =>
  number > 0 ? html`<p class="faint">${plural(number, one, many)} more, not shown.</p>` : undefined;
