/**
 * Time on the bench: branded microseconds, so that an instant is never mistaken for a duration, nor either
 * for a bare number in some other unit.
 */

declare const kind: unique symbol;

/** A length of time in microseconds. */
export type DurationUs = number & { readonly [kind]: 'duration' };

/** A point on the bench's monotonic clock, in microseconds since that clock's origin. */
export type InstantUs = number & { readonly [kind]: 'instant' };

export const us = (count: number): DurationUs => count as DurationUs;
export const ms = (count: number): DurationUs => (count * 1_000) as DurationUs;
export const seconds = (count: number): DurationUs => (count * 1_000_000) as DurationUs;

/** The clock's origin. */
export const ORIGIN = 0 as InstantUs;

/** Brands a number read from a clock or a journal, in microseconds. */
export const instant = (microseconds: number): InstantUs => microseconds as InstantUs;

export const later = (from: InstantUs, by: DurationUs): InstantUs => (from + by) as InstantUs;
export const elapsed = (from: InstantUs, to: InstantUs): DurationUs => (to - from) as DurationUs;

export const earliest = (...times: InstantUs[]): InstantUs => Math.min(...times) as InstantUs;
export const latest = (...times: InstantUs[]): InstantUs => Math.max(...times) as InstantUs;

export const toMs = (time: DurationUs | InstantUs): number => time / 1_000;
export const toSeconds = (time: DurationUs | InstantUs): number => time / 1_000_000;
