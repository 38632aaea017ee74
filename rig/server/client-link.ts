/** What the server knows of one client, across its connections: mids seen, messages to send, the live session. */
import type { Clock, Timer } from '../time/clock.js';
import { type DurationUs, elapsed, type InstantUs, later, ms } from '../time/units.js';
import type { ServerEvents } from './events.js';
import { Inbox } from './inbox.js';
import { encodeAck, parseLine } from './lines.js';
import { type InFlight, type OutboundMessage, Outbox } from './outbox.js';
import type { Session } from './session.js';

/** Own messages are held back this long after each (re)connect (docs/protocol.md §5). */
export const HOLD_BACK = ms(200);

export interface ClientLinkOptions {
  readonly clock: Clock;
  readonly timeoutUs: DurationUs;
  readonly spacingUs: DurationUs;
  readonly queueLimit?: number;
  readonly events: ServerEvents;
  /** The device broke the protocol. */
  readonly malformed: (client: string, detail: string) => void;
  /** A callback threw. */
  readonly defect: (error: unknown) => void;
}

export class ClientLink {
  readonly id: string;
  private readonly options: ClientLinkOptions;
  private readonly inbox = new Inbox();
  private readonly outbox: Outbox;
  private session: Session | undefined;
  private known = false;
  /** The client has sent something on this connection. */
  private hasSpoken = false;
  private connectedUs: InstantUs;
  private lastFreshUs: InstantUs | undefined;
  private holdBack: Timer | undefined;
  private overdue: Timer | undefined;
  private spacing: Timer | undefined;

  constructor(id: string, options: ClientLinkOptions) {
    this.id = id;
    this.options = options;
    this.outbox = new Outbox(options.timeoutUs, options.queueLimit);
    this.connectedUs = options.clock.now();
  }

  get isConnected(): boolean {
    return this.session !== undefined;
  }

  /** Messages held for this client: not sent, or not acked. */
  get backlog(): number {
    return this.outbox.size;
  }

  /** The device sent its id on `session`, which is the only live one. */
  attach(session: Session): void {
    const { clock, events } = this.options;
    this.session = session;
    this.hasSpoken = false;
    this.connectedUs = clock.now();
    const state = this.known ? 'reconnected' : 'connected';
    this.known = true;
    session.startKeepalives();
    this.holdBack = clock.at('server hold-back', later(this.connectedUs, HOLD_BACK), () => {
      this.holdBack = undefined;
      if (this.hasSpoken) this.resume();
    });
    events.state(this.id, state, session.remote);
  }

  /** The session is over: by an outage, unless the server itself is closing. */
  detach(reason: string, closing: boolean): void {
    this.session = undefined;
    this.cancelTimers();
    this.outbox.forgetSentOnce();
    if (!closing) this.options.events.state(this.id, 'outage', reason);
  }

  /** Queues a message and sends it when its turn comes. Throws `FULL`. */
  send(message: OutboundMessage): void {
    this.outbox.enqueue(message);
    this.pump();
  }

  /** Handles a line that arrived after the id line. */
  receive(line: string, atUs: InstantUs): void {
    this.takeLine(line, atUs);
    if (this.hasSpoken) return;
    this.hasSpoken = true;
    if (this.holdBack === undefined) this.resume();
  }

  /** Stops everything; the queue is dropped. */
  close(reason: string): void {
    this.session?.end(reason);
    this.cancelTimers();
  }

  private takeLine(line: string, atUs: InstantUs): void {
    const { events } = this.options;
    const parsed = parseLine(line);
    switch (parsed.kind) {
      case 'keepalive':
        return;
      case 'ack':
        this.takeAck(parsed.mid, atUs);
        return;
      case 'message':
        this.post(encodeAck(parsed.mid));
        if (this.inbox.isNew(parsed.mid, parsed.text)) events.message(this.id, parsed.text, atUs);
        else events.duplicateSuppressed?.(this.id, parsed.text);
        return;
      case 'malformed':
        this.options.malformed(this.id, `no message id at the start of ${JSON.stringify(line.slice(0, 60))}`);
    }
  }

  private takeAck(mid: number, atUs: InstantUs): void {
    const entry = this.outbox.acknowledge(mid);
    if (entry === undefined) return;
    this.reportAccepted(entry, atUs);
    entry.message.onAcked?.(atUs);
    if (this.outbox.nextDeadlineUs() === undefined) this.cancelOverdue();
    this.pump();
  }

  private get mayTransmit(): boolean {
    return this.session !== undefined && this.hasSpoken && this.holdBack === undefined;
  }

  /** The hold-back is over: first what the last connection left unacknowledged, then the rest. */
  private resume(): void {
    for (const entry of this.outbox.unacknowledged()) this.transmit(entry);
    this.pump();
  }

  private pump(): void {
    const { clock, spacingUs } = this.options;
    while (this.mayTransmit && this.spacing === undefined) {
      const nowUs = clock.now();
      if (this.lastFreshUs !== undefined && elapsed(this.lastFreshUs, nowUs) < spacingUs) {
        this.waitForSpacing(later(this.lastFreshUs, spacingUs));
        return;
      }
      const entry = this.outbox.takeNext(nowUs);
      if (entry === undefined) return;
      this.lastFreshUs = nowUs;
      this.transmit(entry);
    }
  }

  private waitForSpacing(dueUs: InstantUs): void {
    this.spacing = this.options.clock.at('server message spacing', dueUs, () => {
      this.spacing = undefined;
      this.pump();
    });
  }

  private transmit(entry: InFlight): void {
    if (this.session === undefined) return;
    entry.writing = true;
    this.session
      .write(entry.line)
      .then((taken) => this.noteWritten(entry, taken))
      .catch(this.options.defect);
  }

  private noteWritten(entry: InFlight, taken: boolean): void {
    const atUs = this.options.clock.now();
    entry.writing = false;
    entry.sentUs = atUs;
    if (!taken) return;
    this.reportAccepted(entry, atUs);
    this.watchOverdue();
  }

  private reportAccepted(entry: InFlight, atUs: InstantUs): void {
    if (entry.accepted) return;
    entry.accepted = true;
    entry.message.onAccepted?.(atUs);
  }

  private watchOverdue(): void {
    const deadlineUs = this.outbox.nextDeadlineUs();
    if (this.overdue !== undefined || deadlineUs === undefined || !this.mayTransmit) return;
    this.overdue = this.options.clock.at('server ack overdue', deadlineUs, () => {
      this.overdue = undefined;
      for (const entry of this.outbox.overdue(this.options.clock.now())) this.transmit(entry);
      this.pump();
      this.watchOverdue();
    });
  }

  /** Writes what needs no confirmation; the session notices by itself when the connection is gone. */
  private post(bytes: Uint8Array): void {
    this.session?.write(bytes).catch(this.options.defect);
  }

  private cancelTimers(): void {
    this.holdBack?.cancel();
    this.holdBack = undefined;
    this.spacing?.cancel();
    this.spacing = undefined;
    this.cancelOverdue();
  }

  private cancelOverdue(): void {
    this.overdue?.cancel();
    this.overdue = undefined;
  }
}
