/** The one line that a run ends with, for scripts and for the reader's first glance. */
import { type Outcome, outcomes } from '../../rig/run/outcome.js';
import type { RunResult, StreamResult } from '../../rig/run/result.js';
import { count, plural, sinceStart, speed } from '../text/numbers.js';
import { printable } from '../text/printable.js';
import type { Style, Tone } from '../text/style.js';

const tones: Readonly<Record<Outcome, Tone>> = {
  PASS: 'good',
  FAIL: 'bad',
  INVALID: 'warning',
  ERROR: 'bad',
  ABORTED: 'warning',
};

export const toneOf = (outcome: Outcome): Tone => tones[outcome];

/** `PASS wifi-outage seed 42 · 320.0 s of bench time in 2.9 s (110x) · 0 of 2,400 lost`. */
export function outcomeLine(result: RunResult, style: Style): string {
  const { scenario, seed, outcome, benchMs, wallMs, streams, reason } = result;
  const parts = [
    `${printable(scenario)} seed ${seed}`,
    `${sinceStart(benchMs)} of bench time in ${sinceStart(wallMs)} (${speed(benchMs, wallMs)})`,
    ...trafficParts(streams),
    ...(reason === undefined ? [] : [headline(reason)]),
  ];
  return `${style(toneOf(outcome), outcome)} ${parts.join(' · ')}`;
}

/** The line of a run that came to no result: it broke, or was stopped, before it could. */
export function brokenRunLine(
  run: { outcome: Outcome; scenario: string; seed: number; reason: string },
  style: Style,
): string {
  const { outcome, scenario, seed, reason } = run;
  return `${style(toneOf(outcome), outcome)} ${printable(scenario)} seed ${seed} · ${headline(reason)}`;
}

/**
 * `FAIL 4 runs · 3 PASS · 1 FAIL`, the last line where there was more than one run. `quarantined`: of those that did not
 * pass, how many do not count.
 */
export function suiteLine(
  worst: Outcome,
  ended: readonly Outcome[],
  planned: number,
  style: Style,
  { skipped = 0, quarantined = 0 }: { readonly skipped?: number; readonly quarantined?: number } = {},
): string {
  const each = outcomes
    .map((outcome) => ({ outcome, times: ended.filter((one) => one === outcome).length }))
    .filter(({ times }) => times > 0)
    .map(({ outcome, times }) => `${count(times)} ${outcome}`);
  const notRun = planned > ended.length ? [`${count(planned - ended.length)} not run`] : [];
  const left = skipped > 0 ? [`${count(skipped)} skipped`] : [];
  const excused = quarantined > 0 ? [`${count(quarantined)} quarantined`] : [];
  const parts = [...each, ...excused, ...notRun, ...left];
  return [`${style(toneOf(worst), worst)} ${plural(planned, 'run')}`, ...parts].join(' · ');
}

/** A reason without the lines of the device's console that it quotes, and without the sentence that announces them. */
const headline = (reason: string): string => printable(reason.replace(/( [^.\n]*:)?\n {2}\| .*$/s, ''));

function trafficParts(streams: readonly StreamResult[]): string[] {
  const flawsShown = ['undecided', 'duplicated', 'reordered', 'corrupted', 'unsent'] as const;
  const total = (key: 'due' | 'lost' | (typeof flawsShown)[number]) =>
    streams.reduce((sum, stream) => sum + stream[key], 0);
  const flaws = flawsShown.filter((key) => total(key) > 0).map((key) => `${count(total(key))} ${key}`);
  return [`${count(total('lost'))} of ${count(total('due'))} lost`, ...flaws];
}
