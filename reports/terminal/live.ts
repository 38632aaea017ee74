/** Progress in a terminal: three lines, redrawn in place. */
import type { RunEvent } from '../../rig/run/events.js';
import { toMs } from '../../rig/time/units.js';
import { columnsOf, cut } from '../text/layout.js';
import { count, plural, sinceStart, speed } from '../text/numbers.js';
import { printable } from '../text/printable.js';
import type { Style, Tone } from '../text/style.js';
import { deliveredText } from './plain.js';
import { type ProgressReporter, RunProgress } from './progress.js';

export interface LiveOptions {
  readonly write: (text: string) => void;
  /** Columns of the terminal now; it may be resized. */
  readonly columns: () => number;
  /** Wall-clock milliseconds since the run began, for the ratio and to limit redrawing. */
  readonly wallMs: () => number;
  readonly style: Style;
}

/** Ten pictures a second are enough for an eye and cost nothing. */
const REDRAW_EVERY_MS = 100;
const BAR_COLUMNS = 20;

/** ECMA-48: cursor to the start of the line, up `n` lines; erase from the cursor to the end of the screen. */
const backUp = (lines: number): string => (lines > 0 ? `\r\x1b[${lines}A\x1b[J` : '\r\x1b[J');

type Piece = readonly [tone: Tone | undefined, text: string];

export class LiveProgress implements ProgressReporter {
  private readonly options: LiveOptions;
  private readonly progress = new RunProgress();
  /** Columns of each line on the screen. */
  private drawn: readonly number[] = [];
  private lastDrawnMs = Number.NEGATIVE_INFINITY;
  private finished = false;

  constructor(options: LiveOptions) {
    this.options = options;
  }

  readonly sink = (event: RunEvent): void => {
    this.progress.take(event);
    this.refresh();
  };

  refresh(): void {
    const wallMs = this.options.wallMs();
    if (this.finished || wallMs - this.lastDrawnMs < REDRAW_EVERY_MS) return;
    this.lastDrawnMs = wallMs;
    // One column less than there is: a full last column makes some terminals start a new line.
    const width = this.options.columns() - 1;
    const lines = this.lines(wallMs).map((pieces) => this.paint(pieces, width));
    this.options.write(this.erasure() + lines.map(({ text }) => `${text}\n`).join(''));
    this.drawn = lines.map(({ columns }) => columns);
  }

  finish(): void {
    if (this.drawn.length > 0) this.options.write(this.erasure());
    this.drawn = [];
    this.finished = true;
  }

  /** Erases what is drawn. In a terminal made narrower meanwhile, a line has become several rows. */
  private erasure(): string {
    const columns = Math.max(1, this.options.columns());
    return backUp(this.drawn.reduce((rows, line) => rows + Math.max(1, Math.ceil(line / columns)), 0));
  }

  private lines(wallMs: number): readonly (readonly Piece[])[] {
    const { nowUs, part, started, uplink, downlink, lost, faults, boots, anomalies, done } = this.progress;
    const benchMs = toMs(nowUs);
    return [
      [
        ['strong', started === undefined ? 'starting' : `${started.scenario}`],
        ['dim', started === undefined ? '' : ` seed ${started.seed}`],
        [undefined, `  ${part}`],
        ...this.faultPieces(),
      ],
      [
        ...bar(done),
        [undefined, `bench ${sinceStart(benchMs)}`],
        ['dim', ` in ${sinceStart(wallMs)} (${speed(benchMs, wallMs)})`],
      ],
      [
        [undefined, `uplink ${deliveredText(uplink)} · downlink ${deliveredText(downlink)} · `],
        [lost > 0 ? 'bad' : 'good', `${count(lost)} lost`],
        [undefined, ` · ${plural(faults, 'fault')} · ${plural(boots, 'boot')}`],
        ['warning', anomalies > 0 ? ` · ${plural(anomalies, 'anomaly', 'anomalies')}` : ''],
      ],
    ];
  }

  private faultPieces(): readonly Piece[] {
    const fault = this.progress.unrecovered().at(-1);
    if (fault === undefined) return [];
    const state = fault.clearedUs === undefined ? 'in progress' : 'recovering';
    return [['warning', `  fault ${fault.number} ${fault.kind} ${state}`]];
  }

  /** Cuts the line to the screen before it is coloured. */
  private paint(pieces: readonly Piece[], width: number): { text: string; columns: number } {
    let room = width;
    let text = '';
    for (const [tone, piece] of pieces) {
      const shown = cut(printable(piece), room);
      room -= columnsOf(shown);
      text += this.options.style(tone, shown);
      if (room <= 0) break;
    }
    return { text, columns: width - room };
  }
}

function bar(done: number | undefined): readonly Piece[] {
  if (done === undefined) return [];
  const filled = Math.floor(done * BAR_COLUMNS);
  return [
    ['good', '█'.repeat(filled)],
    ['dim', '░'.repeat(BAR_COLUMNS - filled)],
    [
      undefined,
      ` ${Math.floor(done * 100)
        .toString()
        .padStart(3)} %  `,
    ],
  ];
}
