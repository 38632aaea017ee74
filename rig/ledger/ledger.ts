/**
 * The ledger: accounts for every message of every stream (docs/measuring.md, "The ledger"). It is told when a
 * message passes a point and what arrives, and decides: delivered, lost or unsent; duplicated, reordered,
 * corrupted. Memory is constant: a window of undecided messages per stream, a bit per recent delivery, counters
 * for the rest. It does no I/O and reads no clock.
 */
import { RigError } from '../errors.js';
import type { Direction, StreamDeclaration } from '../run/declarations.js';
import type { RunEventBody } from '../run/events.js';
import { type DurationUs, type InstantUs, seconds } from '../time/units.js';
import { type DecodedMessage, decodeMessage } from '../traffic/message.js';
import { type StreamCounts, StreamLedger } from './stream-ledger.js';
import type { Attribution, NotedPoint } from './undecided-window.js';

export type { Attribution, StreamCounts };

/**
 * Span of undecided messages per stream. Queues in the client, device and server hold a few hundred at most;
 * the rest of it covers open-loop traffic that falls due while a device is away (3.6 h at ten a second).
 */
export const WINDOW_LIMIT = 131_072;
/**
 * An accepted message that has not arrived for so long is lost: far beyond any outage or retransmission of the
 * link. Should it arrive all the same, it is reported as unexpected.
 */
export const LOST_AFTER: DurationUs = seconds(600);
/** What arrived is kept in an anomaly up to this length. */
export const ANOMALY_TEXT_LIMIT = 80;

const SMALLEST_WINDOW = 256;

export interface LedgerOptions {
  readonly streams: readonly StreamDeclaration[];
  /** Takes each decision (`message`) and each `anomaly` as it is made. */
  readonly emit: (body: RunEventBody) => void;
  /** What is going on now; asked when a message falls due and when an anomaly is seen. */
  readonly attribution: () => Attribution;
  /** A power of two, at least 256; `WINDOW_LIMIT` unless told. */
  readonly windowLimit?: number;
  /** `LOST_AFTER` unless told. */
  readonly lostAfter?: DurationUs;
}

export class Ledger {
  private readonly streams = new Map<string, StreamLedger>();
  private readonly emit: (body: RunEventBody) => void;
  private readonly attribution: () => Attribution;
  private finished = false;

  constructor(options: LedgerOptions) {
    this.emit = options.emit;
    this.attribution = options.attribution;
    const windowLimit = options.windowLimit ?? WINDOW_LIMIT;
    if (windowLimit < SMALLEST_WINDOW || !Number.isInteger(Math.log2(windowLimit))) {
      throw new RigError(
        'BENCH',
        `The ledger's window cannot span ${windowLimit}: use a power of two from 256.`,
      );
    }
    for (const declaration of options.streams) {
      if (this.streams.has(declaration.name)) {
        throw new RigError('USAGE', `Two streams are called "${declaration.name}": give each its own name.`);
      }
      this.streams.set(
        declaration.name,
        new StreamLedger({
          declaration,
          emit: options.emit,
          windowLimit,
          lostAfter: options.lostAfter ?? LOST_AFTER,
        }),
      );
    }
  }

  /** A message falls due. Sequences of a stream start at 0 and rise by 1. */
  due(stream: string, sequence: number, atUs: InstantUs): void {
    if (this.finished) {
      throw new RigError(
        'BENCH',
        `Stream "${stream}": message ${sequence} fell due after the ledger was closed.`,
      );
    }
    this.streamOf(stream).due(sequence, atUs, this.attribution());
  }

  /** The message was handed to the link or server. */
  offered(stream: string, sequence: number, atUs: InstantUs): void {
    this.note(stream, sequence, 'offered', atUs);
  }

  /** Its payload was exchanged, or written to the socket. */
  accepted(stream: string, sequence: number, atUs: InstantUs): void {
    this.note(stream, sequence, 'accepted', atUs);
  }

  /** The next hop confirmed it. */
  acked(stream: string, sequence: number, atUs: InstantUs): void {
    this.note(stream, sequence, 'acked', atUs);
  }

  /** The link threw the message away, as it does with its buffers when it reboots the device. */
  dropped(stream: string, sequence: number): void {
    this.streamOf(stream).dropped(sequence);
  }

  /**
   * The device lost its memory. What it held is no longer expected, so it does not hold up `backlogDrained`:
   * uplink messages that were accepted, downlink messages that the device acked, and with qos=false those
   * written to the socket. Should one arrive all the same, it is delivered.
   */
  deviceRebooted(): void {
    for (const stream of this.streams.values()) stream.deviceRebooted();
  }

  /**
   * The device has connected to the server anew. With qos=false, what went into the old connection is not sent again, so it
   * does not hold up `backlogDrained`, not even when no later message overtakes it. What the device still holds may come.
   */
  connectedAnew(): void {
    for (const stream of this.streams.values()) stream.connectedAnew();
  }

  /**
   * From now on a message may be spoilt where neither end notices. Then it never comes, and nobody sends it again: in a
   * stream with qos and wait, one that was overtaken does not hold up `backlogDrained` any more.
   */
  expectDamage(): void {
    for (const stream of this.streams.values()) stream.expectDamage();
  }

  /**
   * A fault is injected. Messages that are on their way fell due before it, but it strikes them all the same:
   * from now on they count as its own.
   */
  struckBy(fault: number): void {
    for (const stream of this.streams.values()) stream.struckBy(fault);
  }

  /** A message's text arrived at the server (`uplink`) or at the client (`downlink`). */
  arrived(direction: Direction, text: string, atUs: InstantUs): void {
    this.arrivedDecoded(direction, decodeMessage(text), text, atUs);
  }

  /** The same, for a caller that has decoded `text` already. */
  arrivedDecoded(direction: Direction, message: DecodedMessage, text: string, atUs: InstantUs): void {
    if (message.kind === 'ok') {
      const stream = this.streams.get(message.stream);
      if (stream === undefined || stream.direction !== direction) this.anomaly('unexpected', text);
      else if (!stream.delivered(message.sequence, atUs)) this.notExpected(stream, message.sequence, text);
    } else if (message.kind === 'corrupted') {
      this.corrupted(direction, message, text);
    } else {
      this.anomaly('unexpected', text);
    }
  }

  /**
   * The drain period is over: what is undecided becomes lost, if it was accepted or dropped, else unsent. What
   * arrives from now on is unexpected.
   */
  finish(): void {
    this.finished = true;
    for (const stream of this.streams.values()) stream.finish();
  }

  /**
   * The run is cut short: nobody will wait for what is on its way. What was accepted before `patientSinceUs` was waited for
   * all the same, and is lost; what came later was neither delivered nor lost and stays undecided; what was never accepted
   * is unsent. Of no consequence after `finish`.
   */
  abandon(patientSinceUs: InstantUs): void {
    if (this.finished) return;
    this.finished = true;
    for (const stream of this.streams.values()) stream.abandon(patientSinceUs);
  }

  counts(stream: string): StreamCounts {
    return this.streamOf(stream).counts();
  }

  /** How many messages of the stream, or of all, are undecided. */
  undecided(stream?: string): number {
    if (stream !== undefined) return this.streamOf(stream).undecided;
    let total = 0;
    for (const each of this.streams.values()) total += each.undecided;
    return total;
  }

  /**
   * True when no message that fell due before `beforeUs`, of one direction or of both, is still on its way. Not on its way any more is what
   * was decided, dropped, held by a device that rebooted, or, with qos=false, overtaken.
   */
  backlogDrained(beforeUs: InstantUs, direction?: Direction): boolean {
    for (const stream of this.streams.values()) {
      if (direction !== undefined && stream.direction !== direction) continue;
      if (!stream.drained(beforeUs)) return false;
    }
    return true;
  }

  /**
   * Throws `INVALID` unless due = delivered + lost + unsent for every stream, which holds after `finish`; after `abandon`
   * there are those that stay undecided as well.
   */
  check(): void {
    for (const [name, stream] of this.streams) {
      const { due, delivered, lost, unsent, undecided } = stream.counts();
      if (due === delivered + lost + unsent + undecided) continue;
      throw new RigError(
        'INVALID',
        `The ledger does not add up: stream "${name}" has ${due} due, but ${delivered} delivered + ${lost} lost + ` +
          `${unsent} unsent; ${stream.undecided} are undecided. No count of this run can be trusted.`,
      );
    }
  }

  private note(stream: string, sequence: number, point: NotedPoint, atUs: InstantUs): void {
    this.streamOf(stream).note(sequence, point, atUs);
  }

  private streamOf(name: string): StreamLedger {
    const stream = this.streams.get(name);
    if (stream === undefined) throw new RigError('BENCH', `The ledger knows no stream "${name}".`);
    return stream;
  }

  private notExpected(stream: StreamLedger, sequence: number, text: string): void {
    if (stream.wasDelivered(sequence)) {
      stream.duplicated += 1;
      this.anomaly('duplicated', text, stream.name, sequence);
    } else {
      stream.unexpected += 1;
      this.anomaly('unexpected', text, stream.name, sequence);
    }
  }

  private corrupted(direction: Direction, hint: { stream?: string; sequence?: number }, text: string): void {
    const stream = this.streamOfCorrupted(direction, hint.stream);
    if (stream === undefined) {
      this.anomaly('corrupted', text);
      return;
    }
    stream.corrupted += 1;
    const plausible =
      stream.name === hint.stream && hint.sequence !== undefined && stream.hasFallenDue(hint.sequence);
    this.anomaly('corrupted', text, stream.name, plausible ? hint.sequence : undefined);
  }

  /** The stream that the damaged text names, if it can be; else the only one that it can be. */
  private streamOfCorrupted(direction: Direction, hinted: string | undefined): StreamLedger | undefined {
    const named = hinted === undefined ? undefined : this.streams.get(hinted);
    if (named?.direction === direction) return named;
    const candidates = [...this.streams.values()].filter((stream) => stream.direction === direction);
    return candidates.length === 1 ? candidates[0] : undefined;
  }

  private anomaly(
    kind: 'duplicated' | 'corrupted' | 'unexpected',
    text: string,
    stream?: string,
    sequence?: number,
  ): void {
    const { fault } = this.attribution();
    this.emit({
      type: 'anomaly',
      kind,
      ...(stream !== undefined && { stream }),
      ...(sequence !== undefined && { sequence }),
      ...(fault !== undefined && { fault }),
      text: text.length > ANOMALY_TEXT_LIMIT ? `${text.slice(0, ANOMALY_TEXT_LIMIT)}…` : text,
    });
  }
}
