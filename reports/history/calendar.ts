/** Days with runs, and how each day went. */
import { type Outcome, worse } from '../../rig/run/outcome.js';
import type { HistoryEntry } from './entry.js';

export interface CalendarDay {
  /** `2026-11-20`, UTC. */
  readonly day: string;
  readonly runs: number;
  readonly passed: number;
  readonly worst: Outcome;
}

/** By day, the oldest first; days without runs are left out. A run that somebody stopped says nothing. */
export function calendarOf(runs: readonly HistoryEntry[]): CalendarDay[] {
  const days = new Map<string, CalendarDay>();
  for (const { startedAt, outcome } of runs) {
    if (outcome === 'ABORTED') continue;
    const day = startedAt.slice(0, 10);
    const before = days.get(day) ?? { day, runs: 0, passed: 0, worst: 'PASS' };
    days.set(day, {
      day,
      runs: before.runs + 1,
      passed: before.passed + (outcome === 'PASS' ? 1 : 0),
      worst: worse(before.worst, outcome),
    });
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}
