/** The ledger of one stream: decides its messages and counts the decisions. */
import { RigError } from '../errors.js';
import type { Direction, StreamDeclaration } from '../run/declarations.js';
import type { RunEventBody } from '../run/events.js';
import type { DurationUs, InstantUs } from '../time/units.js';
import { DeliveryMemory } from './delivery-memory.js';
import { type Attribution, type NotedPoint, UndecidedWindow } from './undecided-window.js';

export interface StreamCounts {
  readonly due: number;
  readonly delivered: number;
  readonly lost: number;
  readonly unsent: number;
  /** On their way when the run was cut short. */
  readonly undecided: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly corrupted: number;
  /** Arrived intact although never sent, decided as lost before, or too old to tell. */
  readonly unexpected: number;
}

type MessageBody = Extract<RunEventBody, { type: 'message' }>;
type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

export class StreamLedger {
  readonly name: string;
  readonly direction: Direction;
  duplicated = 0;
  corrupted = 0;
  unexpected = 0;
  private deliveredCount = 0;
  private lost = 0;
  private unsent = 0;
  private abandoned = 0;
  private reordered = 0;
  private readonly qos: boolean;
  private readonly wait: boolean;
  /** Messages may be spoilt where nobody notices. */
  private mayBeSpoilt = false;
  private readonly emit: (body: RunEventBody) => void;
  private readonly lostAfter: DurationUs;
  private readonly window: UndecidedWindow;
  private readonly deliveries: DeliveryMemory;
  /** The highest sequence that arrived, or −1. */
  private highestArrived = -1;
  /** No message before this one is on its way. */
  private drainedUpTo = 0;

  constructor(options: {
    declaration: StreamDeclaration;
    emit: (body: RunEventBody) => void;
    windowLimit: number;
    lostAfter: DurationUs;
  }) {
    this.name = options.declaration.name;
    this.direction = options.declaration.direction;
    this.qos = options.declaration.qos;
    this.wait = options.declaration.wait;
    this.emit = options.emit;
    this.lostAfter = options.lostAfter;
    this.window = new UndecidedWindow(this.name, options.windowLimit);
    this.deliveries = new DeliveryMemory(options.windowLimit);
  }

  get undecided(): number {
    return this.window.count;
  }

  counts(): StreamCounts {
    return {
      due: this.window.next,
      delivered: this.deliveredCount,
      lost: this.lost,
      unsent: this.unsent,
      undecided: this.abandoned,
      duplicated: this.duplicated,
      reordered: this.reordered,
      corrupted: this.corrupted,
      unexpected: this.unexpected,
    };
  }

  due(sequence: number, atUs: InstantUs, attribution: Attribution): void {
    if (sequence !== this.window.next) {
      throw new RigError(
        'BENCH',
        `Stream "${this.name}": message ${sequence} fell due, but ${this.window.next} is next.`,
      );
    }
    this.expire(atUs);
    this.window.open(atUs, attribution);
    this.deliveries.open(sequence);
  }

  /** A message passed a point; of no consequence when it was decided already. */
  note(sequence: number, point: NotedPoint, atUs: InstantUs): void {
    if (this.window.isUndecided(sequence)) this.window.note(sequence, point, atUs);
    else this.requireFallenDue(sequence, point);
  }

  dropped(sequence: number): void {
    if (this.window.isUndecided(sequence)) this.window.writeOff(sequence);
    else this.requireFallenDue(sequence, 'dropped');
  }

  /** A fault strikes: what is on its way is in its window, although it fell due before. */
  struckBy(fault: number): void {
    for (let sequence = this.window.oldest; sequence < this.window.next; sequence += 1) {
      const isOnItsWay = this.window.isUndecided(sequence) && !this.window.isWrittenOff(sequence);
      if (isOnItsWay) this.window.strike(sequence, fault);
    }
  }

  deviceRebooted(): void {
    const heldSince = this.direction === 'downlink' && this.qos ? 'acked' : 'accepted';
    for (let sequence = this.window.oldest; sequence < this.window.next; sequence += 1) {
      if (!this.window.isUndecided(sequence)) continue;
      if (this.window.timeOf(sequence, heldSince) !== undefined) this.window.writeOff(sequence);
    }
  }

  /** See `Ledger.connectedAnew`. */
  connectedAnew(): void {
    if (this.qos) return;
    for (let sequence = this.window.oldest; sequence < this.window.next; sequence += 1) {
      if (!this.window.isUndecided(sequence)) continue;
      if (this.window.timeOf(sequence, 'accepted') !== undefined) this.window.writeOff(sequence);
    }
  }

  /** Takes a first, intact arrival. Returns false when the message is none. */
  delivered(sequence: number, atUs: InstantUs): boolean {
    if (!this.window.isUndecided(sequence)) return false;
    const reordered = sequence < this.highestArrived;
    this.deliveries.mark(sequence);
    this.deliveredCount += 1;
    if (reordered) this.reordered += 1;
    else this.highestArrived = sequence;
    this.decide(sequence, 'delivered', atUs, reordered);
    return true;
  }

  wasDelivered(sequence: number): boolean {
    return this.deliveries.has(sequence);
  }

  hasFallenDue(sequence: number): boolean {
    return sequence < this.window.next;
  }

  finish(): void {
    this.close((sequence) => this.lose(sequence));
  }

  abandon(patientSinceUs: InstantUs): void {
    this.close((sequence) => {
      if (this.sentAt(sequence) < patientSinceUs) {
        this.lose(sequence);
        return;
      }
      this.abandoned += 1;
      this.decide(sequence, 'undecided');
    });
  }

  /** `decideSent` is for those that were accepted, or taken by an exchange that failed. */
  private close(decideSent: (sequence: number) => void): void {
    for (let sequence = this.window.oldest; sequence < this.window.next; sequence += 1) {
      if (!this.window.isUndecided(sequence)) continue;
      const sent =
        this.window.timeOf(sequence, 'accepted') !== undefined || this.window.isWrittenOff(sequence);
      if (sent) decideSent(sequence);
      else {
        this.unsent += 1;
        this.decide(sequence, 'unsent');
      }
    }
  }

  /** When it was accepted; of one that an exchange took and failed, when it fell due. */
  private sentAt(sequence: number): number {
    return this.window.timeOf(sequence, 'accepted') ?? this.window.timeOf(sequence, 'due') ?? 0;
  }

  /** True when no message that fell due before `beforeUs` is on its way. Amortised O(1): it never looks back. */
  drained(beforeUs: InstantUs): boolean {
    let sequence = Math.max(this.drainedUpTo, this.window.oldest);
    while (sequence < this.window.next && this.isOffTheWay(sequence)) sequence += 1;
    this.drainedUpTo = sequence;
    return sequence === this.window.next || (this.window.timeOf(sequence, 'due') ?? beforeUs) >= beforeUs;
  }

  /**
   * With qos=false a message is sent once, and the way keeps the order: one that was overtaken is gone. So is one of a
   * stream in order that was spoilt: only what the device thought it delivered lets the next one go. Once true of a
   * message, this stays true.
   */
  private isOffTheWay(sequence: number): boolean {
    if (!this.window.isUndecided(sequence) || this.window.isWrittenOff(sequence)) return true;
    const isGoneOnceOvertaken = !this.qos || (this.wait && this.mayBeSpoilt);
    if (!isGoneOnceOvertaken || sequence >= this.highestArrived) return false;
    return this.window.timeOf(sequence, 'accepted') !== undefined;
  }

  /** From now on, messages may be spoilt where nobody notices. */
  expectDamage(): void {
    this.mayBeSpoilt = true;
  }

  /** Decides the oldest messages as lost that were accepted, or else dropped, and did not arrive for too long. */
  private expire(nowUs: InstantUs): void {
    while (this.window.count > 0) {
      const { oldest } = this.window;
      const point = this.window.isWrittenOff(oldest) ? 'due' : 'accepted';
      const sinceUs = this.window.timeOf(oldest, 'accepted') ?? this.window.timeOf(oldest, point);
      if (sinceUs === undefined || nowUs - sinceUs <= this.lostAfter) return;
      this.lose(oldest);
    }
  }

  private lose(sequence: number): void {
    this.lost += 1;
    this.decide(sequence, 'lost');
  }

  private decide(
    sequence: number,
    verdict: MessageBody['verdict'],
    deliveredUs?: InstantUs,
    reordered = false,
  ): void {
    const { window } = this;
    const dueUs = window.timeOf(sequence, 'due');
    if (dueUs === undefined)
      throw new RigError('BENCH', `Stream "${this.name}": ${sequence} is not undecided.`);
    const body: Draft<MessageBody> = {
      type: 'message',
      stream: this.name,
      sequence,
      verdict,
      dueUs,
      phase: window.phaseOf(sequence),
      boot: window.bootOf(sequence),
    };
    const offeredUs = window.timeOf(sequence, 'offered');
    const acceptedUs = window.timeOf(sequence, 'accepted');
    const ackedUs = window.timeOf(sequence, 'acked');
    const fault = window.faultOf(sequence);
    if (offeredUs !== undefined) body.offeredUs = offeredUs;
    if (acceptedUs !== undefined) body.acceptedUs = acceptedUs;
    if (ackedUs !== undefined) body.ackedUs = ackedUs;
    if (deliveredUs !== undefined) body.deliveredUs = deliveredUs;
    if (reordered) body.reordered = true;
    if (fault !== undefined) body.fault = fault;
    window.close(sequence);
    this.emit(body);
  }

  private requireFallenDue(sequence: number, what: string): void {
    if (this.hasFallenDue(sequence)) return;
    throw new RigError('BENCH', `Stream "${this.name}": message ${sequence} is ${what} but never fell due.`);
  }
}
