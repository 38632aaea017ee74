/**
 * One end of a simulated TCP connection (RFC 9293): handshake, both halves, FIN and RST. The same code plays
 * the device's lwIP and the host's stack; a `TcpProfile` makes the difference. TIME_WAIT is not modelled:
 * connections have numbers that are never used twice.
 */
import type { Clock, Timer } from '../../../rig/time/clock.js';
import { later } from '../../../rig/time/units.js';
import { ReceiveHalf } from './receive-half.js';
import { NO_PAYLOAD, resetSegment, type Segment } from './segment.js';
import { SendHalf } from './send-half.js';
import type { TcpProfile } from './tcp-profile.js';

/** Why an endpoint is no more: closed by both sides, or the connection failed. */
export type EndReason = 'closed' | 'reset' | 'refused' | 'timedOut';

export interface EndpointHandlers {
  transmit(segment: Segment): void;
  connected(): void;
  data(bytes: Uint8Array): void;
  /** The peer has `lengthBytes` more of what was written; there is that much more room. */
  acked(lengthBytes: number): void;
  peerClosed(): void;
  /** The endpoint is no more; called once, and not after `abort` or `vanish`. */
  ended(reason: EndReason): void;
}

type State = 'synSent' | 'synReceived' | 'open' | 'ended';

interface Flags {
  readonly syn?: boolean;
  readonly fin?: boolean;
  readonly probe?: boolean;
}

export class TcpEndpoint {
  readonly connection: number;
  private readonly clock: Clock;
  private readonly profile: TcpProfile;
  private readonly handlers: EndpointHandlers;
  private readonly sender: SendHalf;
  private readonly receiver: ReceiveHalf;
  private state: State;
  private opened = false;
  private handshakeTimer: Timer | undefined;
  private handshakeRetries = 0;

  /** An `active` end sends the SYN; a passive one is made when a SYN has arrived, and answers it. */
  constructor(
    clock: Clock,
    connection: number,
    role: 'active' | 'passive',
    profile: TcpProfile,
    handlers: EndpointHandlers,
  ) {
    this.clock = clock;
    this.connection = connection;
    this.profile = profile;
    this.handlers = handlers;
    this.state = role === 'active' ? 'synSent' : 'synReceived';
    this.sender = new SendHalf(clock, profile, {
      transmit: (sequence, payload, fin) => this.send(sequence, payload, { fin }),
      probe: (sequence) => this.send(sequence, NO_PAYLOAD, { probe: true }),
      acked: (lengthBytes) => handlers.acked(lengthBytes),
      gaveUp: () => this.end('timedOut'),
    });
    this.receiver = new ReceiveHalf(clock, profile, {
      data: (bytes) => handlers.data(bytes),
      peerClosed: () => handlers.peerClosed(),
      acknowledge: () => this.sendAck(),
    });
  }

  /** Sends the SYN or the answer to one, and repeats it until it is answered. */
  start(): void {
    this.sendSyn();
    this.handshakeTimer = this.clock.at(
      'TCP handshake',
      later(this.clock.now(), this.profile.synTimeoutUs),
      () => {
        this.handshakeRetries += 1;
        if (this.handshakeRetries > this.profile.synRetries) this.end('timedOut');
        else this.start();
      },
    );
  }

  /** The handshake has succeeded, however long ago. */
  get wasOpen(): boolean {
    return this.opened;
  }

  /** Room in the send buffer. */
  get freeBytes(): number {
    return this.sender.freeBytes;
  }

  /** Sends bytes, for which there must be room: throws `BENCH` otherwise. */
  write(bytes: Uint8Array): void {
    if (this.state === 'open') this.sender.write(bytes);
  }

  consumed(lengthBytes: number): void {
    if (this.state === 'open') this.receiver.consumed(lengthBytes);
  }

  /** Sends FIN after everything written. */
  finish(): void {
    if (this.state === 'open') this.sender.finish();
    else this.abort();
  }

  /** Sends RST and forgets everything. */
  abort(): void {
    if (this.state === 'ended') return;
    this.vanish();
    this.handlers.transmit(resetSegment(this.connection));
  }

  /** Forgets everything without a word. */
  vanish(): void {
    this.state = 'ended';
    this.handshakeTimer?.cancel();
    this.sender.stop();
    this.receiver.stop();
  }

  receive(segment: Segment): void {
    if (this.state === 'ended') return;
    if (segment.rst) {
      this.end(this.reasonOfReset());
      return;
    }
    if (segment.syn) this.takeSyn(segment);
    else if (this.state === 'synReceived') this.open();
    if (this.state !== 'open') return;
    if (segment.ack !== undefined) this.sender.acknowledge(segment.ack, segment.windowBytes);
    if (this.state === 'open') this.receiver.take(segment);
    if (this.receiver.finished && this.sender.finAcked) this.end('closed');
  }

  private reasonOfReset(): EndReason {
    if (this.state === 'synSent') return 'refused';
    // Only the last acknowledgement is missing: the peer has closed properly and forgotten the connection.
    return this.receiver.finished && this.sender.isFinished ? 'closed' : 'reset';
  }

  private takeSyn(segment: Segment): void {
    if (this.state === 'synReceived') {
      // The peer's SYN again: it did not get the answer.
      this.sendSyn();
    } else if (this.state === 'synSent' && segment.ack !== undefined) {
      this.open();
      this.sendAck();
    } else if (this.state === 'open') {
      // The answer to our SYN again: the peer did not get the acknowledgement.
      this.sendAck();
    }
  }

  private open(): void {
    this.handshakeTimer?.cancel();
    this.state = 'open';
    this.opened = true;
    this.handlers.connected();
  }

  private end(reason: EndReason): void {
    if (this.state === 'ended') return;
    this.vanish();
    this.handlers.ended(reason);
  }

  private sendSyn(): void {
    this.send(0, NO_PAYLOAD, { syn: true });
  }

  private sendAck(): void {
    this.send(this.sender.nextSequence, NO_PAYLOAD, {});
  }

  private send(sequence: number, payload: Uint8Array, flags: Flags): void {
    this.receiver.noteAcknowledged();
    this.handlers.transmit({
      connection: this.connection,
      syn: flags.syn === true,
      fin: flags.fin === true,
      rst: false,
      probe: flags.probe === true,
      sequence,
      ack: this.state === 'synSent' ? undefined : this.receiver.ack,
      windowBytes: this.receiver.windowBytes,
      payload,
    });
  }
}
