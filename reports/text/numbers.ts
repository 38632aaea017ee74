/** Numbers as a reader wants them: grouped, with no more digits than mean something, with their unit. */

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const upToThree = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
const oneDecimal = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const twoDecimals = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** A count: `2,400`. */
export const count = (value: number): string => grouped.format(value);

/** A measured value of any unit: up to three decimals, fewer for large ones. */
export const quantity = (value: number): string =>
  Math.abs(value) >= 1_000 ? grouped.format(value) : upToThree.format(value);

/** Milliseconds without their unit, for columns: `0.42`, `12.3`, `1,234`. */
export function milliseconds(value: number): string {
  if (value >= 100) return grouped.format(value);
  return value >= 10 ? oneDecimal.format(value) : twoDecimals.format(value);
}

/** A length of time given in milliseconds, in the unit that suits it: `0.42 ms`, `1.51 s`, `12.3 s`, `2 h 05 min`. */
export function time(valueMs: number): string {
  if (valueMs < 1_000) return `${milliseconds(valueMs)} ms`;
  if (valueMs < 10_000) return `${twoDecimals.format(valueMs / 1_000)} s`;
  if (valueMs < 3_600_000) return `${oneDecimal.format(valueMs / 1_000)} s`;
  const minutes = Math.round(valueMs / 60_000);
  return `${count(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Seconds for a column of times since the start: `12.3 s`. */
export const sinceStart = (valueMs: number): string => `${oneDecimal.format(valueMs / 1_000)} s`;

/** A rate from 0 to 1, rounded up in its second digit, since it is shown as a bound: `0.30 %`. */
export function percent(rate: number): string {
  const value = rate * 100;
  if (value === 0) return '0 %';
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return `${Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(2))} %`;
}

/** How much faster than the wall clock the bench's clock ran: `110x`, `1.0x`. */
export function speed(benchMs: number, wallMs: number): string {
  const ratio = benchMs / Math.max(wallMs, 1);
  return `${ratio >= 10 ? grouped.format(ratio) : oneDecimal.format(ratio)}x`;
}

/** `1 fault`, `2 faults`. */
export const plural = (number: number, one: string, many = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : many}`;
