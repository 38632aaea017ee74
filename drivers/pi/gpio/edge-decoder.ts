/**
 * Makes edges out of the kernel's events. Pure: no I/O and no time of its own.
 *
 * The kernel stamps an event in the interrupt, but looks at the level later, in a thread (gpiolib-cdev.c:
 * edge_irq_handler, edge_irq_thread). A pulse that is shorter than the way to that thread, some tens of microseconds, so
 * comes as one event or as two, both with the level after the pulse. Two rules follow:
 *
 * - An event with the level that the line already had stands for a pulse: two edges.
 * - When a second such event was stamped shortly after, and before the first one was read, it is the other half of that
 *   pulse.
 */
import type { Level } from '../../../rig/ports.js';
import type { LineEvent } from './uapi.js';

export interface DecodedEdge {
  readonly level: Level;
  readonly atNs: bigint;
  /** Counts the line's edges, missed ones included. */
  readonly sequence: number;
  /** Events that the kernel dropped just before this one, its buffer being full. */
  readonly missedBefore: number;
}

/** The longest way from a wire to the interrupt's time stamp; a Raspberry Pi under load takes some tens of µs. */
const INTERRUPT_LATENCY_NS = 100_000n;

/** The longest way from the interrupt to the thread that looks at the level; longer ones were seen in emulators only. */
const THREAD_LATENCY_NS = 1_000_000n;

const opposite = (level: Level): Level => (level === 0 ? 1 : 0);

export class EdgeDecoder {
  private level: Level;
  private seqno = 0;
  private sequence = 0;
  /** Edges up to here are counted, not told. */
  private settledFromNs = 0n;
  private settledNs = 0n;
  /** Set while the other half of a pulse may still come: until when it would have to be stamped. */
  private otherHalfUntilNs: bigint | undefined;

  constructor(level: Level) {
    this.level = level;
  }

  /** The line has `level`, as was read between two instants: what happened up to then is of no interest any more. */
  settle(level: Level, fromNs: bigint, toNs: bigint): void {
    this.level = level;
    this.settledFromNs = fromNs;
    this.settledNs = toNs;
    this.otherHalfUntilNs = undefined;
  }

  /** The edges of events that had all been read by `readNs`. */
  decode(events: readonly LineEvent[], readNs: bigint): DecodedEdge[] {
    const edges: DecodedEdge[] = [];
    for (const event of events) {
      const missedBefore = (event.seqno - this.seqno - 1) >>> 0;
      this.seqno = event.seqno;
      this.sequence += missedBefore;
      if (this.isSettled(event)) this.countSettled(event);
      else if (this.isOtherHalf(event, missedBefore)) this.correctPulse(edges, event);
      else edges.push(...this.edgesOf(event, missedBefore, readNs));
    }
    return edges;
  }

  /** An event of before the settling. It may also tell late what was already seen when the level was read. */
  private isSettled({ atNs, level }: LineEvent): boolean {
    return atNs <= this.settledNs || (atNs <= this.settledNs + INTERRUPT_LATENCY_NS && level === this.level);
  }

  private countSettled({ atNs, level }: LineEvent): void {
    this.sequence += 1;
    // While the level was being read: only the event knows whether it came before or after.
    if (atNs > this.settledFromNs) this.level = level;
  }

  private isOtherHalf({ level, atNs }: LineEvent, missedBefore: number): boolean {
    const untilNs = this.otherHalfUntilNs;
    this.otherHalfUntilNs = undefined;
    return untilNs !== undefined && missedBefore === 0 && level === this.level && atNs <= untilNs;
  }

  /** The pulse has been told already; if nobody has it yet, its end gets the time that is now known. */
  private correctPulse(edges: DecodedEdge[], { atNs }: LineEvent): void {
    const end = edges.pop();
    if (end !== undefined) edges.push({ ...end, atNs });
  }

  private edgesOf({ level, atNs }: LineEvent, missedBefore: number, readNs: bigint): DecodedEdge[] {
    const isPulse = level === this.level && missedBefore === 0;
    this.level = level;
    if (isPulse) this.otherHalfUntilNs = earlier(readNs, atNs + THREAD_LATENCY_NS);
    const levels = isPulse ? [opposite(level), level] : [level];
    return levels.map((each, index) => {
      this.sequence += 1;
      return { level: each, atNs, sequence: this.sequence, missedBefore: index === 0 ? missedBefore : 0 };
    });
  }
}

const earlier = (a: bigint, b: bigint): bigint => (a < b ? a : b);
