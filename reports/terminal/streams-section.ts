/** What became of the messages of each stream, and how long they took. */
import type { LatencySummary, RunResult, StreamResult } from '../../rig/run/result.js';
import { paragraphs } from '../text/layout.js';
import { count, milliseconds, percent } from '../text/numbers.js';
import { printable } from '../text/printable.js';
import { type Cell, type Column, table } from '../text/table.js';
import type { Screen } from './screen.js';

const verdicts = ['lost', 'duplicated', 'reordered', 'corrupted', 'unsent'] as const;

const streamColumns: readonly Column[] = [
  { heading: 'stream', align: 'left', whenNarrow: 'cut' },
  { heading: 'promise', align: 'left' },
  { heading: 'due', align: 'right' },
  { heading: 'delivered', align: 'right' },
  { heading: 'lost', align: 'right' },
  { heading: 'dup.', align: 'right' },
  { heading: 'reord.', align: 'right' },
  { heading: 'corr.', align: 'right' },
  { heading: 'unsent', align: 'right' },
];
/** Only of a run that was cut short. */
const undecidedColumn: Column = { heading: 'undecided', align: 'right' };

export function streamsSection({ streams }: RunResult, { width, style }: Screen): string[] {
  if (streams.length === 0) return [];
  const isCutShort = streams.some(({ undecided }) => undecided > 0);
  const rows = streams.map((stream) => [
    stream.name,
    promiseText(stream),
    count(stream.due),
    count(stream.delivered),
    ...verdicts.map((verdict) => flaw(stream[verdict])),
    ...(isCutShort ? [flaw(stream.undecided)] : []),
  ]);
  const columns = isCutShort ? [...streamColumns, undecidedColumn] : streamColumns;
  return [
    style('strong', 'Messages'),
    ...table(columns, rows, { width, style }),
    ...lossBounds(streams).flatMap((text) => paragraphs(text, width, '  ').map((line) => style('dim', line))),
  ];
}

/** What so many messages can say about the loss rate: none lost of N does not make it zero; none due says nothing. */
function lossBounds(streams: readonly StreamResult[]): string[] {
  const bounds = streams
    .filter(({ due }) => due > 0)
    .map(({ name, lossUpperBound95 }) => `${name} ${percent(lossUpperBound95)}`);
  if (bounds.length === 0) return [];
  return [`loss rate, with 95 % confidence, at most: ${printable(bounds.join(' · '))}`];
}

const flaw = (number: number): Cell => ({ text: count(number), tone: number > 0 ? 'bad' : 'dim' });

/** What the link promises for the stream's messages (protocol, section 6). */
function promiseText({ qos, wait }: StreamResult): string {
  if (!qos) return 'sent once';
  return wait ? 'qos, in order' : 'qos';
}

const responseColumns: readonly Column[] = [
  { heading: 'stream', align: 'left', whenNarrow: 'cut' },
  { heading: 'fell due', align: 'left' },
  { heading: 'messages', align: 'right' },
  { heading: 'p50', align: 'right' },
  { heading: 'p90', align: 'right' },
  { heading: 'p99', align: 'right' },
  { heading: 'max', align: 'right' },
];

const phases = [
  ['steady', 'in steady state'],
  ['fault', 'during a fault'],
  ['recovery', 'while recovering'],
] as const;

export function responseSection({ streams }: RunResult, { width, style }: Screen): string[] {
  const rows = streams.flatMap((stream) =>
    phases
      .filter(([phase]) => stream.response[phase].count > 0)
      .map(([phase, label], index) => [
        index === 0 ? stream.name : '',
        label,
        ...latencyCells(stream.response[phase]),
      ]),
  );
  if (rows.length === 0) return [];
  return [
    `${style('strong', 'Response')} ${style('dim', 'due to delivered, ms')}`,
    ...table(responseColumns, rows, { width, style }),
  ];
}

const latencyCells = (latency: LatencySummary): string[] => [
  count(latency.count),
  ...[latency.p50Ms, latency.p90Ms, latency.p99Ms, latency.maxMs].map(milliseconds),
];
