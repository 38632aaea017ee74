/** A trend in one line of text: the slowest message of each part of the run, on a logarithmic scale. */
import { type Density, SIZES_PER_DECADE } from '../model/latency-density.js';

const bars = '▁▂▃▄▅▆▇█';
/** Parts of the run, at most. */
const PARTS = 40;

/** Empty where there is nothing to show. A part without messages is a space. */
export function sparkline(density: Density | undefined): string {
  if (density === undefined || density.cells.length === 0) return '';
  const lastSlice = density.cells.at(-1)?.[0] ?? 0;
  const perPart = Math.ceil((lastSlice + 1) / PARTS);
  const slowest = new Map<number, number>();
  for (const [slice, size] of density.cells) {
    const part = Math.floor(slice / perPart);
    slowest.set(part, Math.max(slowest.get(part) ?? 0, size));
  }
  const sizes = [...slowest.values()];
  const low = Math.min(...sizes);
  // At least a decade from bottom to top: small changes shall look small.
  const range = Math.max(Math.max(...sizes) - low, SIZES_PER_DECADE);
  const parts = Math.floor(lastSlice / perPart) + 1;
  return Array.from({ length: parts }, (_, part) => {
    const size = slowest.get(part);
    return size === undefined ? ' ' : bars[Math.round(((size - low) / range) * (bars.length - 1))];
  }).join('');
}
