/** Which messages were lost and how far each came; how often the device booted, and why. */
import type { RunResult } from '../../rig/run/result.js';
import { count, plural, sinceStart } from '../text/numbers.js';
import { type Column, table } from '../text/table.js';
import { labelled, type Screen } from './screen.js';

/** Losses shown one by one; `result.json` has more. */
const LOSSES_SHOWN = 8;

const columns: readonly Column[] = [
  { heading: 'stream', align: 'left', whenNarrow: 'cut' },
  { heading: 'message', align: 'right' },
  { heading: 'due at', align: 'right' },
  { heading: 'last point reached', align: 'left' },
  { heading: 'fault', align: 'right' },
  { heading: 'boot', align: 'right' },
];

export function lossesSection(result: RunResult, screen: Screen): string[] {
  const { unexpected } = result;
  const strange =
    unexpected === 0
      ? []
      : [
          `Unexpected ${plural(unexpected, 'message')} arrived that no stream was waiting for; see the journal`,
        ];
  return [...lossTable(result, screen), ...strange];
}

function lossTable(result: RunResult, { width, style }: Screen): string[] {
  const total = result.losses.length + result.lossesNotShown;
  if (total === 0) return [];
  const rows = result.losses
    .slice(0, LOSSES_SHOWN)
    .map((loss) => [
      loss.stream,
      `#${loss.sequence}`,
      sinceStart(loss.dueMs),
      loss.lastPoint,
      loss.fault === undefined ? 'none' : `${loss.fault}`,
      `${loss.boot}`,
    ]);
  const more = total - rows.length;
  return [
    `${style('strong', 'Losses')} ${style('dim', lastPoints(result))}`,
    ...table(columns, rows, { width, style }),
    ...(more > 0 ? [style('dim', `  … ${count(more)} more`)] : []),
  ];
}

/** How many of the listed losses got how far: `12 accepted · 3 offered`. */
function lastPoints({ losses, lossesNotShown }: RunResult): string {
  const perPoint = new Map<string, number>();
  for (const { lastPoint } of losses) perPoint.set(lastPoint, (perPoint.get(lastPoint) ?? 0) + 1);
  const parts = [...perPoint].map(([point, number]) => `${count(number)} ${point}`);
  const unlisted = lossesNotShown > 0 ? [`${count(lossesNotShown)} not listed`] : [];
  return ['by last point reached:', [...parts, ...unlisted].join(' · ')].join(' ');
}

/** The ESP8266's reset causes as its ROM prints them (`rst cause:N`). */
const causes: Readonly<Record<number, string>> = {
  1: 'power-on',
  2: 'reset pin',
  3: 'software',
  4: 'watchdog',
};

export function bootsSection({ boots, bootsNotShown }: RunResult): string[] {
  if (boots.length === 0) return [];
  const perCause = new Map<string, number>();
  for (const { cause } of boots) {
    const name = causes[cause] ?? `cause ${cause}`;
    perCause.set(name, (perCause.get(name) ?? 0) + 1);
  }
  const unexpected = boots.filter((boot) => !boot.expected).length;
  const parts = [...perCause].map(([name, number]) => `${count(number)} by ${name}`);
  return [
    labelled(
      'Boots',
      [
        plural(boots.length, 'boot'),
        ...parts,
        `${count(unexpected)} unexpected`,
        ...(bootsNotShown > 0 ? [`${count(bootsNotShown)} not listed`] : []),
      ].join(' · '),
    ),
  ];
}
