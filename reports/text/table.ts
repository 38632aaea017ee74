/** Aligned tables for a screen of a given width; flexible columns give way when it is narrow. */
import { columnsOf, cut, pad, wrap } from './layout.js';
import { printable } from './printable.js';
import type { Style, Tone } from './style.js';

export interface Column {
  readonly heading: string;
  readonly align: 'left' | 'right';
  /** What happens to text that does not fit; a column without it is never narrowed. */
  readonly whenNarrow?: 'cut' | 'wrap';
}

export type Cell = string | { readonly text: string; readonly tone: Tone | undefined };

export interface TableOptions {
  /** Columns of the screen. */
  readonly width: number;
  readonly style: Style;
  readonly indent?: string;
  readonly headings?: boolean;
}

/** No flexible column becomes narrower than this. */
const NARROWEST = 8;
const GAP = '  ';

/** The table's lines. Cells are made printable; columns whose heading and cells are all empty are left out. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: TableOptions,
): string[] {
  const used = columns
    .map((column, index) => ({ column, cells: rows.map((row) => asCell(row[index])) }))
    .filter(({ column, cells }) => column.heading !== '' || cells.some((cell) => cell.text !== ''));
  const indent = options.indent ?? '  ';
  const widths = columnWidths(
    used.map(({ column, cells }) => ({
      natural: Math.max(columnsOf(column.heading), ...cells.map((cell) => columnsOf(cell.text))),
      flexible: column.whenNarrow !== undefined,
    })),
    options.width - columnsOf(indent),
  );
  const laidOut = used.map(({ column, cells }, index) => ({ column, cells, width: widths[index] ?? 0 }));
  const lines: string[] = [];
  if (options.headings !== false) {
    const heading = laidOut.map(({ column, width }) => pad(cut(column.heading, width), width, column.align));
    lines.push(options.style('dim', (indent + heading.join(GAP)).trimEnd()));
  }
  for (let row = 0; row < rows.length; row += 1) {
    lines.push(...rowLines(laidOut, row, options.style).map((line) => indent + line));
  }
  return lines;
}

interface LaidOutColumn {
  readonly column: Column;
  readonly cells: readonly { readonly text: string; readonly tone: Tone | undefined }[];
  readonly width: number;
}

function asCell(cell: Cell | undefined): { text: string; tone: Tone | undefined } {
  if (cell === undefined) return { text: '', tone: undefined };
  if (typeof cell === 'string') return { text: printable(cell), tone: undefined };
  return { text: printable(cell.text), tone: cell.tone };
}

/** Narrows the flexible columns, the widest first, until the row fits or all are at their narrowest. */
function columnWidths(columns: readonly { natural: number; flexible: boolean }[], width: number): number[] {
  const widths = columns.map((column) => column.natural);
  const gaps = GAP.length * Math.max(0, columns.length - 1);
  for (;;) {
    const excess = widths.reduce((sum, each) => sum + each, gaps) - width;
    if (excess <= 0) return widths;
    const candidates = widths.filter((each, index) => columns[index]?.flexible === true && each > NARROWEST);
    if (candidates.length === 0) return widths;
    const widest = Math.max(...candidates);
    const index = widths.findIndex((each, at) => each === widest && columns[at]?.flexible === true);
    widths[index] = Math.max(NARROWEST, widest - 1);
  }
}

/** One row, on several lines when a cell wraps. */
function rowLines(columns: readonly LaidOutColumn[], row: number, style: Style): string[] {
  const wrapped = columns.map(({ column, cells, width }) => {
    const text = cells[row]?.text ?? '';
    return column.whenNarrow === 'wrap' ? wrap(text, width) : [cut(text, width)];
  });
  const height = Math.max(1, ...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const texts = columns.map(({ column, width }, index) =>
      pad(wrapped[index]?.[line] ?? '', width, column.align),
    );
    const last = texts.findLastIndex((text) => text.trim() !== '');
    return texts
      .slice(0, last + 1)
      .map((text, index) => {
        const shown = index === last ? text.trimEnd() : text;
        return style(columns[index]?.cells[row]?.tone, shown);
      })
      .join(GAP);
  });
}
