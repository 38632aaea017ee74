/**
 * What was lost, repeated or reordered although the device kept its memory, and what went with its memory: of the latter
 * nothing is promised (docs/protocol.md §6). A message went with it if it fell due during a fault in which the device
 * started anew, or so shortly before a start that it may have been on its way.
 */
import { type DurationUs, elapsed, type InstantUs, seconds } from '../time/units.js';
import type { RunEventOf } from './events.js';

export interface PromiseCounts {
  /** Lost, duplicated or reordered, and promised not to be. */
  readonly broken: { readonly lost: number; readonly duplicated: number; readonly reordered: number };
  /** The same of what went with the device's memory. */
  readonly excused: { readonly lost: number; readonly duplicated: number; readonly reordered: number };
}

/** A dead application is noticed after 4 s, and what fell due some exchanges earlier may have been in it. */
const ON_ITS_WAY: DurationUs = seconds(15);
/** Starts, and faults with one, that are remembered; messages are decided far sooner than so many come. */
const REMEMBERED = 10_000;

type Counts = { lost: number; duplicated: number; reordered: number };
const nothing = (): Counts => ({ lost: 0, duplicated: 0, reordered: 0 });

export class PromiseTally {
  private readonly broken = nothing();
  private readonly excused = nothing();
  private readonly ends = new Map<number, InstantUs>();
  private readonly forgetful = new Set<number>();

  /** The device lost its memory: `life` is over. `fault`: that which was under way. */
  lostMemory(life: number, atUs: InstantUs, fault: number | undefined): void {
    this.ends.set(life, atUs);
    if (fault !== undefined) this.forgetful.add(fault);
    for (const [oldest] of this.ends) if (this.ends.size > REMEMBERED) this.ends.delete(oldest);
    for (const oldest of this.forgetful) if (this.forgetful.size > REMEMBERED) this.forgetful.delete(oldest);
  }

  message(event: Pick<RunEventOf<'message'>, 'verdict' | 'reordered' | 'fault' | 'boot' | 'dueUs'>): void {
    if (event.verdict !== 'lost' && !event.reordered) return;
    const endUs = this.ends.get(event.boot);
    const wasHeld = endUs !== undefined && elapsed(event.dueUs, endUs) < ON_ITS_WAY;
    const counts = wasHeld || this.isForgetful(event.fault) ? this.excused : this.broken;
    if (event.verdict === 'lost') counts.lost += 1;
    else counts.reordered += 1;
  }

  /** Something arrived again. */
  duplicated(fault: number | undefined): void {
    (this.isForgetful(fault) ? this.excused : this.broken).duplicated += 1;
  }

  counts(): PromiseCounts {
    return { broken: { ...this.broken }, excused: { ...this.excused } };
  }

  private isForgetful(fault: number | undefined): boolean {
    return fault !== undefined && this.forgetful.has(fault);
  }
}
