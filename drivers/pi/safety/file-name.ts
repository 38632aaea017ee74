/** A bench's name as part of a file's. */
import { createHash } from 'node:crypto';

/** Two names that differ have files that differ. */
export function benchFileName(bench: string): string {
  if (/^\w[\w.-]{0,63}$/.test(bench)) return bench;
  const digest = createHash('sha256').update(bench).digest('hex').slice(0, 12);
  return `${bench.replace(/[^\w.-]/g, '_').slice(0, 48)}-${digest}`;
}
