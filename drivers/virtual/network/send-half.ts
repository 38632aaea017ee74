/**
 * The sending half of a TCP connection: buffer, window, retransmission with back-off. Receivers here keep
 * nothing that arrives out of order (lwIP on the ESP8266 does not), so after a loss it goes back and sends all
 * again, one segment until that is acknowledged.
 */
import type { Clock, Timer } from '../../../rig/time/clock.js';
import { type InstantUs, later } from '../../../rig/time/units.js';
import { ByteQueue } from './byte-queue.js';
import { NO_PAYLOAD } from './segment.js';
import { SEGMENT_LIMIT_BYTES, type TcpProfile } from './tcp-profile.js';

export interface SendHalfHandlers {
  transmit(sequence: number, payload: Uint8Array, fin: boolean): void;
  /** The window is closed: ask whether it still is. */
  probe(sequence: number): void;
  acked(lengthBytes: number): void;
  /** The peer did not answer any retransmission. */
  gaveUp(): void;
}

export class SendHalf {
  private readonly clock: Clock;
  private readonly profile: TcpProfile;
  private readonly handlers: SendHalfHandlers;
  private readonly buffer: ByteQueue;
  /** Number of the oldest unacknowledged byte. */
  private oldest = 0;
  /** Number of the next byte to send. */
  private next = 0;
  /** The first number that the peer has no room for. */
  private windowEnd = 0;
  private finQueued = false;
  private finSent = false;
  private finAcknowledged = false;
  private retry = 0;
  private deadlineUs: InstantUs;
  private timer: Timer | undefined;

  constructor(clock: Clock, profile: TcpProfile, handlers: SendHalfHandlers) {
    this.clock = clock;
    this.profile = profile;
    this.handlers = handlers;
    this.buffer = new ByteQueue(profile.sendBufferBytes);
    this.deadlineUs = clock.now();
  }

  get freeBytes(): number {
    return this.buffer.freeBytes;
  }

  get nextSequence(): number {
    return this.finSent ? this.next + 1 : this.next;
  }

  get finAcked(): boolean {
    return this.finAcknowledged;
  }

  /** `finish` was called, and every byte before it is acknowledged. */
  get isFinished(): boolean {
    return this.finQueued && this.buffer.lengthBytes === 0;
  }

  /** Appends to the buffer, which must have room, and sends what may be sent. */
  write(bytes: Uint8Array): void {
    this.buffer.append(bytes);
    this.pump();
  }

  /** Nothing more comes: FIN after what is in the buffer. */
  finish(): void {
    this.finQueued = true;
    this.pump();
  }

  /** The peer acknowledged everything before `ack` and has room for `windowBytes` from there. */
  acknowledge(ack: number, windowBytes: number): void {
    this.windowEnd = Math.max(this.windowEnd, ack + windowBytes);
    const end = this.oldest + this.buffer.lengthBytes;
    const lengthBytes = Math.min(ack, end) - this.oldest;
    const finNow = this.finQueued && ack > end && !this.finAcknowledged;
    if (lengthBytes > 0 || finNow) this.advance(lengthBytes, finNow);
    else if (!this.isUnacknowledged) this.retry = 0;
    this.pump();
  }

  /** Nothing more is sent or awaited. */
  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private advance(lengthBytes: number, finNow: boolean): void {
    this.buffer.drop(lengthBytes);
    this.oldest += lengthBytes;
    this.next = Math.max(this.next, this.oldest);
    if (finNow) {
      this.finSent = true;
      this.finAcknowledged = true;
    }
    this.retry = 0;
    this.restartTimer();
    if (lengthBytes > 0) this.handlers.acked(lengthBytes);
  }

  private get isUnacknowledged(): boolean {
    return this.next > this.oldest || (this.finSent && !this.finAcknowledged);
  }

  private get unsentBytes(): number {
    return this.oldest + this.buffer.lengthBytes - this.next;
  }

  private pump(): void {
    // While it retransmits, one segment is on the way and the rest waits for its acknowledgement.
    if (this.retry > 0 && this.isUnacknowledged) return;
    while (this.maySendData()) this.sendSegment();
    this.sendFinIfDue();
    if (this.timer === undefined && (this.isUnacknowledged || this.unsentBytes > 0)) this.restartTimer();
  }

  private maySendData(): boolean {
    const sendable = Math.min(this.unsentBytes, this.windowEnd - this.next);
    if (sendable <= 0) return false;
    const mayWait = this.profile.nagle && this.next > this.oldest && this.buffer.freeBytes > 0;
    return sendable >= SEGMENT_LIMIT_BYTES || this.finQueued || !mayWait;
  }

  private sendSegment(): void {
    const lengthBytes = Math.min(SEGMENT_LIMIT_BYTES, this.unsentBytes, this.windowEnd - this.next);
    const payload = this.buffer.copy(this.next - this.oldest, lengthBytes);
    const sequence = this.next;
    this.next += lengthBytes;
    if (this.timer === undefined) this.restartTimer();
    this.handlers.transmit(sequence, payload, false);
  }

  private sendFinIfDue(): void {
    if (!this.finQueued || this.finSent || this.unsentBytes > 0) return;
    this.finSent = true;
    this.handlers.transmit(this.next, NO_PAYLOAD, true);
  }

  /** Sets the deadline anew; a timer that fires before it is only moved then, not at every segment. */
  private restartTimer(): void {
    if (!this.isUnacknowledged && this.unsentBytes === 0) {
      this.stop();
      return;
    }
    this.deadlineUs = later(this.clock.now(), this.profile.retransmitAfterUs(this.retry));
    if (this.timer !== undefined && this.timer.dueUs > this.deadlineUs) this.stop();
    this.timer ??= this.startTimer();
  }

  private startTimer(): Timer {
    return this.clock.at('TCP retransmission', this.deadlineUs, () => {
      this.timer = undefined;
      if (this.clock.now() < this.deadlineUs) this.timer = this.startTimer();
      else this.retransmit();
    });
  }

  private retransmit(): void {
    if (this.retry >= this.profile.retries) {
      this.handlers.gaveUp();
      return;
    }
    this.retry += 1;
    if (this.isUnacknowledged) {
      this.next = this.oldest;
      if (!this.finAcknowledged) this.finSent = false;
      if (this.unsentBytes > 0) this.sendSegment();
      else this.sendFinIfDue();
    } else {
      this.handlers.probe(this.next);
    }
    this.restartTimer();
  }
}
