/** What every section of the summary is laid out for. */
import type { Style } from '../text/style.js';

export interface Screen {
  /** Columns. */
  readonly width: number;
  readonly style: Style;
}

/** A line of the summary's foot: what, and its value, aligned. */
export const labelled = (label: string, text: string): string => `${label.padEnd(12)} ${text}`;
