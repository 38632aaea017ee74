/** The receiving half of a TCP connection: what is new in a segment, the window, and when to acknowledge. */
import type { Clock, Timer } from '../../../rig/time/clock.js';
import { later } from '../../../rig/time/units.js';
import type { Segment } from './segment.js';
import { SEGMENT_LIMIT_BYTES, type TcpProfile } from './tcp-profile.js';

export interface ReceiveHalfHandlers {
  data(bytes: Uint8Array): void;
  peerClosed(): void;
  /** Send an acknowledgement that has nothing to travel with. */
  acknowledge(): void;
}

export class ReceiveHalf {
  private readonly clock: Clock;
  private readonly profile: TcpProfile;
  private readonly handlers: ReceiveHalfHandlers;
  private next = 0;
  private unreadBytes = 0;
  private finReceived = false;
  private unacknowledgedSegments = 0;
  private advertisedEnd: number;
  private timer: Timer | undefined;

  constructor(clock: Clock, profile: TcpProfile, handlers: ReceiveHalfHandlers) {
    this.clock = clock;
    this.profile = profile;
    this.handlers = handlers;
    this.advertisedEnd = profile.receiveWindowBytes;
  }

  get ack(): number {
    return this.next;
  }

  get windowBytes(): number {
    return this.profile.receiveWindowBytes - this.unreadBytes;
  }

  get finished(): boolean {
    return this.finReceived;
  }

  /** Takes what is new in `segment`. What it repeats, and what came before its turn, is only acknowledged. */
  take(segment: Segment): void {
    const { sequence, payload, fin, probe } = segment;
    if (probe) this.handlers.acknowledge();
    if (payload.length === 0 && !fin) return;
    const isDue = sequence <= this.next && sequence + payload.length + (fin ? 1 : 0) > this.next;
    if (!isDue || this.finReceived) {
      this.handlers.acknowledge();
      return;
    }
    const fresh = payload.subarray(this.next - sequence);
    const accepted = fresh.subarray(0, this.windowBytes);
    this.next += accepted.length;
    this.unreadBytes += accepted.length;
    const takesFin = fin && accepted.length === fresh.length;
    if (takesFin) {
      this.next += 1;
      this.finReceived = true;
    }
    this.scheduleAcknowledgement(takesFin || accepted.length < fresh.length);
    if (accepted.length > 0) this.handlers.data(accepted);
    if (takesFin) this.handlers.peerClosed();
  }

  /** The application has read `lengthBytes`; tells the peer when the window has opened enough to matter. */
  consumed(lengthBytes: number): void {
    this.unreadBytes -= lengthBytes;
    const opened = this.next + this.windowBytes - this.advertisedEnd;
    const threshold = Math.min(SEGMENT_LIMIT_BYTES, this.profile.receiveWindowBytes / 2);
    const wasSmall = this.advertisedEnd - this.next < 2 * SEGMENT_LIMIT_BYTES;
    if (!this.finReceived && wasSmall && opened >= threshold) this.handlers.acknowledge();
  }

  /** A segment that carries an acknowledgement is going out. */
  noteAcknowledged(): void {
    this.unacknowledgedSegments = 0;
    this.advertisedEnd = this.next + this.windowBytes;
    this.stop();
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private scheduleAcknowledgement(atOnce: boolean): void {
    this.unacknowledgedSegments += 1;
    if (atOnce || this.unacknowledgedSegments >= 2) {
      this.handlers.acknowledge();
      return;
    }
    this.timer ??= this.clock.at(
      'TCP delayed ack',
      later(this.clock.now(), this.profile.delayedAckUs),
      () => {
        this.timer = undefined;
        this.handlers.acknowledge();
      },
    );
  }
}
