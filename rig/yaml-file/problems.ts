/** What is wrong with a YAML file, each with its place, told all at once. */
import { RigError } from '../errors.js';

/** Line and column, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  readonly place: Place;
  /** The key as it is written with dots: `link.syn.line`; none for what concerns the whole file. */
  readonly key?: string | undefined;
  readonly text: string;
}

/** Problems shown; further ones are counted. */
export const PROBLEMS_SHOWN = 20;

/**
 * One `USAGE` error for all problems of the file, in the order of the file: `file:line:column: key: what is wrong`, a
 * line each, as editors and terminals make links of it.
 */
export function problemsError(file: string, problems: readonly Problem[]): RigError {
  const lines = [...problems]
    .sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
    .map(({ place, key, text }) => `${placeText(file, place)}: ${key === undefined ? '' : `${key} `}${text}`);
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) return new RigError('USAGE', only);
  const more = lines.length - PROBLEMS_SHOWN;
  const shown = more > 0 ? [...lines.slice(0, PROBLEMS_SHOWN), `and ${more} more.`] : lines;
  return new RigError(
    'USAGE',
    [`${file}: ${lines.length} things are wrong in this file.`, ...shown].join('\n  '),
  );
}

export const placeText = (file: string, { line, column }: Place): string => `${file}:${line}:${column}`;
