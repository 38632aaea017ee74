/**
 * The undecided messages of one stream: a ring of typed arrays, indexed by sequence, from the oldest message
 * that is undecided to the newest that fell due. Nothing is allocated for a message.
 */
import { RigError } from '../errors.js';
import type { MessagePoint, Phase } from '../run/events.js';
import { type InstantUs, instant } from '../time/units.js';

/** What was going on when a message fell due. */
export interface Attribution {
  readonly phase: Phase;
  /** Number of the fault in whose window it is. */
  readonly fault?: number;
  /** Number of the device's boot. */
  readonly boot: number;
}

/** The points that are noted while a message is undecided. */
export type NotedPoint = Exclude<MessagePoint, 'delivered'>;

const INITIAL_CAPACITY = 256;
const NO_FAULT = -1;
const phases: readonly Phase[] = ['steady', 'fault', 'recovery'];

const UNDECIDED = 1;
const WRITTEN_OFF = 2;

export class UndecidedWindow {
  /** The oldest undecided sequence, or `next` when there is none. */
  oldest = 0;
  /** The sequence that falls due next. */
  next = 0;
  /** How many are undecided. */
  count = 0;
  private ring = new Ring(INITIAL_CAPACITY);
  private readonly stream: string;
  private readonly limit: number;

  /** `limit`: the longest span of sequences, a power of two. */
  constructor(stream: string, limit: number) {
    this.stream = stream;
    this.limit = limit;
  }

  /** Attributes a message that is on its way, and to no fault yet, to `fault`. */
  strike(sequence: number, fault: number): void {
    const slot = sequence & this.ring.mask;
    if (this.ring.faults[slot] !== NO_FAULT) return;
    this.ring.faults[slot] = fault;
    this.ring.phases[slot] = phases.indexOf('fault');
  }

  /** Opens the message `next`. Throws `BENCH` when the window would outgrow its limit. */
  open(dueUs: InstantUs, attribution: Attribution): void {
    if (this.next - this.oldest >= this.ring.capacity) this.grow();
    const ring = this.ring;
    const slot = this.next & ring.mask;
    ring.times.due[slot] = dueUs;
    ring.times.offered[slot] = Number.NaN;
    ring.times.accepted[slot] = Number.NaN;
    ring.times.acked[slot] = Number.NaN;
    ring.faults[slot] = attribution.fault ?? NO_FAULT;
    ring.boots[slot] = attribution.boot;
    ring.phases[slot] = phases.indexOf(attribution.phase);
    ring.flags[slot] = UNDECIDED;
    this.next += 1;
    this.count += 1;
  }

  isUndecided(sequence: number): boolean {
    return sequence >= this.oldest && sequence < this.next && (this.flagsOf(sequence) & UNDECIDED) !== 0;
  }

  /** Notes when an undecided message passed a point; the first time counts. */
  note(sequence: number, point: NotedPoint, atUs: InstantUs): void {
    const times = this.ring.times[point];
    const slot = sequence & this.ring.mask;
    if (Number.isNaN(times[slot] ?? Number.NaN)) times[slot] = atUs;
  }

  /** When an undecided message passed a point, if it did. */
  timeOf(sequence: number, point: NotedPoint): InstantUs | undefined {
    const atUs = this.ring.times[point][sequence & this.ring.mask] ?? Number.NaN;
    return Number.isNaN(atUs) ? undefined : instant(atUs);
  }

  phaseOf(sequence: number): Phase {
    return phases[this.ring.phases[sequence & this.ring.mask] ?? 0] ?? 'steady';
  }

  faultOf(sequence: number): number | undefined {
    const fault = this.ring.faults[sequence & this.ring.mask] ?? NO_FAULT;
    return fault === NO_FAULT ? undefined : fault;
  }

  bootOf(sequence: number): number {
    return this.ring.boots[sequence & this.ring.mask] ?? 0;
  }

  /** Nothing holds the message any more: it is not expected, though it may still come. */
  writeOff(sequence: number): void {
    const slot = sequence & this.ring.mask;
    this.ring.flags[slot] = this.flagsOf(sequence) | WRITTEN_OFF;
  }

  isWrittenOff(sequence: number): boolean {
    return (this.flagsOf(sequence) & WRITTEN_OFF) !== 0;
  }

  /** Forgets a message that has been decided. */
  close(sequence: number): void {
    this.ring.flags[sequence & this.ring.mask] = 0;
    this.count -= 1;
    while (this.oldest < this.next && (this.flagsOf(this.oldest) & UNDECIDED) === 0) this.oldest += 1;
  }

  private flagsOf(sequence: number): number {
    return this.ring.flags[sequence & this.ring.mask] ?? 0;
  }

  private grow(): void {
    const capacity = this.ring.capacity * 2;
    if (capacity > this.limit) {
      throw new RigError(
        'BENCH',
        `Stream "${this.stream}": ${this.count} of the latest ${this.limit} messages are undecided, which is more ` +
          'than the ledger keeps. Use a longer period, or find out why nothing is accepted or arrives.',
      );
    }
    const larger = new Ring(capacity);
    for (let sequence = this.oldest; sequence < this.next; sequence += 1) {
      larger.copy(sequence, this.ring);
    }
    this.ring = larger;
  }
}

/** Columns of the window; a message's slot is its sequence modulo the capacity. */
class Ring {
  readonly capacity: number;
  readonly mask: number;
  readonly times: Readonly<Record<NotedPoint, Float64Array>>;
  readonly faults: Int32Array;
  readonly boots: Int32Array;
  readonly phases: Uint8Array;
  readonly flags: Uint8Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.mask = capacity - 1;
    this.times = {
      due: new Float64Array(capacity),
      offered: new Float64Array(capacity),
      accepted: new Float64Array(capacity),
      acked: new Float64Array(capacity),
    };
    this.faults = new Int32Array(capacity);
    this.boots = new Int32Array(capacity);
    this.phases = new Uint8Array(capacity);
    this.flags = new Uint8Array(capacity);
  }

  copy(sequence: number, from: Ring): void {
    const source = sequence & from.mask;
    const target = sequence & this.mask;
    for (const [mine, theirs] of this.columnsBeside(from)) mine[target] = theirs[source] ?? 0;
  }

  private columnsBeside(from: Ring): [Float64Array | Int32Array | Uint8Array, ArrayLike<number>][] {
    return [
      [this.times.due, from.times.due],
      [this.times.offered, from.times.offered],
      [this.times.accepted, from.times.accepted],
      [this.times.acked, from.times.acked],
      [this.faults, from.faults],
      [this.boots, from.boots],
      [this.phases, from.phases],
      [this.flags, from.flags],
    ];
  }
}
