/**
 * The server's own messages to one client: which may be sent now, which await their ack, which must be
 * repeated (docs/protocol.md §5). Does no I/O and knows the time only by argument.
 */
import { RigError } from '../errors.js';
import { type DurationUs, type InstantUs, later } from '../time/units.js';
import { encodeMessage } from './lines.js';
import { MidSequence, midDistance } from './mids.js';

/** Messages that await transmission or their ack, for one client, before `enqueue` refuses more. */
export const QUEUE_LIMIT = 1_024;

/** Messages on the way at once. Firmware buffers 20 received lines and drops the link when they overflow. */
export const IN_FLIGHT_LIMIT = 8;

/** How far the newest mid may run ahead of the oldest unacked one; receivers recognise repetitions up to 120. */
export const MID_SPAN_LIMIT = 64;

export interface OutboundMessage {
  readonly text: string;
  /** Repeated until acked; without it, sent once. */
  readonly qos: boolean;
  /** With `qos`: not sent before the previous such message was acked, so that order is kept. */
  readonly wait: boolean;
  /** The transport took the message over for the first time. */
  readonly onAccepted?: (atUs: InstantUs) => void;
  /** The device acknowledged the message. */
  readonly onAcked?: (atUs: InstantUs) => void;
}

/** A message that has its mid and awaits its ack. */
export interface InFlight {
  readonly message: OutboundMessage;
  readonly mid: number;
  readonly line: Uint8Array;
  accepted: boolean;
  /** The transport has not taken the last transmission over yet. */
  writing: boolean;
  sentUs: InstantUs;
}

export class Outbox {
  private readonly mids = new MidSequence();
  /** qos and wait: one on the way at a time. */
  private readonly ordered: OutboundMessage[] = [];
  private readonly others: OutboundMessage[] = [];
  /** By mid, oldest first. */
  private readonly inFlight = new Map<number, InFlight>();
  private orderedInFlight = false;
  private newestMid = 0;
  private readonly timeoutUs: DurationUs;
  private readonly queueLimit: number;

  constructor(timeoutUs: DurationUs, queueLimit = QUEUE_LIMIT) {
    this.timeoutUs = timeoutUs;
    this.queueLimit = queueLimit;
  }

  /** Messages that are not acked yet, or, without qos, not sent. */
  get size(): number {
    return this.ordered.length + this.others.length + this.inFlight.size;
  }

  /** Appends a message. Throws `FULL`. */
  enqueue(message: OutboundMessage): void {
    if (this.size >= this.queueLimit) {
      throw new RigError(
        'FULL',
        `The server already holds ${this.queueLimit} messages that the client has not acknowledged. ` +
          'Send more slowly, or find out why the client is away.',
      );
    }
    (message.qos && message.wait ? this.ordered : this.others).push(message);
  }

  /** Gives the next message that may go on the wire its mid; undefined when all must wait. */
  takeNext(nowUs: InstantUs): InFlight | undefined {
    if (this.inFlight.size >= IN_FLIGHT_LIMIT || this.midSpan() >= MID_SPAN_LIMIT) return undefined;
    const message = (this.orderedInFlight ? undefined : this.ordered.shift()) ?? this.others.shift();
    if (message === undefined) return undefined;
    const mid = this.mids.next();
    const line = encodeMessage(mid, message.text);
    const entry: InFlight = { message, mid, line, accepted: false, writing: false, sentUs: nowUs };
    this.inFlight.set(mid, entry);
    this.newestMid = mid;
    if (message.qos && message.wait) this.orderedInFlight = true;
    return entry;
  }

  /** The device acknowledged `mid`; undefined when that was known, or nothing with this mid is on the way. */
  acknowledge(mid: number): InFlight | undefined {
    const entry = this.inFlight.get(mid);
    if (entry !== undefined) this.remove(entry);
    return entry;
  }

  /** Messages whose ack is overdue, to be sent again. Those without qos are forgotten instead. */
  overdue(nowUs: InstantUs): InFlight[] {
    const late = [...this.inFlight.values()].filter(
      (entry) => !entry.writing && later(entry.sentUs, this.timeoutUs) <= nowUs,
    );
    for (const entry of late) if (!entry.message.qos) this.remove(entry);
    return late.filter((entry) => entry.message.qos);
  }

  /** Everything to be sent again after a reconnect, in the order of its mids. */
  unacknowledged(): InFlight[] {
    return [...this.inFlight.values()];
  }

  /** The connection is gone: what was sent without qos will not be sent again. */
  forgetSentOnce(): void {
    for (const entry of this.inFlight.values()) if (!entry.message.qos) this.remove(entry);
  }

  /** When the next ack is overdue; undefined when none is awaited of what the transport has taken over. */
  nextDeadlineUs(): InstantUs | undefined {
    let earliest: InstantUs | undefined;
    for (const entry of this.inFlight.values()) {
      if (entry.writing) continue;
      if (earliest === undefined || entry.sentUs < earliest) earliest = entry.sentUs;
    }
    return earliest === undefined ? undefined : later(earliest, this.timeoutUs);
  }

  private midSpan(): number {
    const oldest = this.inFlight.keys().next();
    return oldest.done === true ? 0 : midDistance(oldest.value, this.newestMid);
  }

  private remove(entry: InFlight): void {
    this.inFlight.delete(entry.mid);
    if (entry.message.qos && entry.message.wait) this.orderedInFlight = false;
  }
}
