/** Limits of measurements, in words. */
import type { Limit } from '../../rig/run/declarations.js';
import { quantity } from './numbers.js';

/** `at most 8,000`; the unit stands beside the value. */
export function limitText(limit: Limit): string {
  switch (limit.kind) {
    case 'atMost':
      return `at most ${quantity(limit.value)}`;
    case 'atLeast':
      return `at least ${quantity(limit.value)}`;
    case 'equal':
      return `exactly ${quantity(limit.value)}`;
    case 'none':
      return 'recorded, no limit';
  }
}
