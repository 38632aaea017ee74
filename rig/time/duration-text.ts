/** Durations as people write them, with their unit: `8s`, `250ms`, `2min`, `100us`, `1.5s`. */
import { RigError } from '../errors.js';
import { type DurationUs, us } from './units.js';

const microsecondsPerUnit: Readonly<Record<string, number>> = {
  us: 1,
  µs: 1,
  ms: 1_000,
  s: 1_000_000,
  min: 60_000_000,
  h: 3_600_000_000,
};

/** Whole or decimal number, then the unit; the two micro signs (U+00B5, U+03BC) are one. */
const pattern = /^(\d{1,15}(?:\.\d{1,9})?)\s*([a-zµ]+)$/;

/** Reads a duration, rounded to the microsecond; a text says what is wrong with it. */
export function readDuration(text: string): DurationUs | string {
  const match = pattern.exec(text.trim().replace('μ', 'µ'));
  const factor = microsecondsPerUnit[match?.[2] ?? ''];
  if (match === null || factor === undefined) {
    return `"${text}" is not a duration. Write a number and its unit (us, ms, s, min, h), such as 8s or 250ms.`;
  }
  const microseconds = Math.round(Number(match[1]) * factor);
  return Number.isSafeInteger(microseconds) ? us(microseconds) : `"${text}" is too long a time.`;
}

/**
 * Reads a duration, rounded to the microsecond. `where` names it in the message.
 * @throws USAGE when the number or the unit is missing or unknown, or when it is too long to count.
 */
export function parseDuration(text: string, where: string): DurationUs {
  const read = readDuration(text);
  if (typeof read === 'string') throw new RigError('USAGE', `${where}: ${read}`);
  return read;
}

const largestFirst = [
  ['h', 3_600_000_000],
  ['min', 60_000_000],
] as const;

/** The shortest exact way to write a duration that `parseDuration` reads back: `8s`, `1.5s`, `2min`. */
export function formatDuration(duration: DurationUs): string {
  for (const [unit, factor] of largestFirst) {
    if (duration >= factor && duration % factor === 0) return `${duration / factor}${unit}`;
  }
  if (duration === 0) return '0s';
  if (duration >= 1_000_000) return `${decimal(duration, 6)}s`;
  if (duration >= 1_000) return `${decimal(duration, 3)}ms`;
  return `${duration}us`;
}

/** `value` with its point moved left by `places`, exactly: numbers of many digits lose none. */
function decimal(value: number, places: number): string {
  const digits = String(value).padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (fraction === '' ? '' : `.${fraction}`);
}
