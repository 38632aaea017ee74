/**
 * The rig's server: what the device connects to (docs/protocol.md §5). It runs over any `Network`, real or
 * simulated, knows its clients by the id they send, and delivers each of their messages once.
 */
import { RigError } from '../errors.js';
import type { Connection, Listener, Network } from '../ports.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, us } from '../time/units.js';
import { ClientLink, type ClientLinkOptions } from './client-link.js';
import type { ServerEvents } from './events.js';
import { LINE_LIMIT_BYTES } from './lines.js';
import type { OutboundMessage } from './outbox.js';
import { Session } from './session.js';

/** Clients known at a time, connected or not; further ids are refused. */
export const CLIENT_LIMIT = 64;

/** Connections that have not sent their id yet; further ones are dropped. */
export const ANONYMOUS_LIMIT = 16;

/** A mid takes two bytes of a line, the line end one. */
const TEXT_LIMIT_BYTES = LINE_LIMIT_BYTES - 3;

export interface LinkServerOptions {
  readonly clock: Clock;
  readonly network: Network;
  readonly port: number;
  /** The link's timeout: silence for this long is an outage, an ack not come by then is overdue. */
  readonly timeoutUs: DurationUs;
  readonly events: ServerEvents;
  /**
   * Least time between two messages to one client, none by default. Firmware that acknowledges a line before it
   * has room for it loses its link again when the backlog of an outage arrives at once.
   */
  readonly spacingUs?: DurationUs;
  /** Messages held for one client, `QUEUE_LIMIT` by default. */
  readonly queueLimit?: number;
}

export class LinkServer {
  private readonly options: LinkServerOptions;
  private readonly clients = new Map<string, ClientLink>();
  private readonly anonymous = new Set<Session>();
  private listener: Listener | undefined;
  private closed = false;

  constructor(options: LinkServerOptions) {
    this.options = options;
  }

  /** The port that it listens on; of use when 0 was asked for. */
  get port(): number {
    return this.listener?.port ?? this.options.port;
  }

  /** Listens. Rejects with `BENCH` when the port cannot be bound. */
  async start(): Promise<void> {
    this.listener = await this.options.network.listen(this.options.port, (connection) =>
      this.accept(connection),
    );
  }

  /** Drops all connections and stops listening. No timer survives, and no callback comes any more. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    for (const session of this.anonymous) session.end('the server is closing');
    for (const client of this.clients.values()) client.close('the server is closing');
    await this.listener?.close();
  }

  isConnected(client: string): boolean {
    return this.clients.get(client)?.isConnected ?? false;
  }

  /** Messages that `client` has not acknowledged, those not sent yet included. */
  backlog(client: string): number {
    return this.clients.get(client)?.backlog ?? 0;
  }

  /**
   * Sends `message` to `client`, or holds it until that is possible: the client may be away, or not have come
   * yet. With `qos` it is repeated until acked; without, it is sent once, at the first opportunity. Progress is
   * reported by the message's own callbacks; a message that is lost is simply never reported as acked.
   *
   * Throws `FULL` when too many messages or clients are held, `USAGE` for a text that is no line, `CLOSED`.
   */
  send(client: string, message: OutboundMessage): void {
    if (this.closed)
      throw new RigError('CLOSED', `The server is closed; nothing can be sent to "${client}".`);
    checkText(message.text);
    const link = this.clientOf(client);
    if (link === undefined) {
      throw new RigError(
        'FULL',
        `The server knows ${CLIENT_LIMIT} clients already; "${client}" is one too many.`,
      );
    }
    link.send(message);
  }

  private accept(connection: Connection): void {
    if (!this.closed) this.options.events.arrived?.(connection.remote, this.options.clock.now());
    if (this.closed || this.anonymous.size >= ANONYMOUS_LIMIT) {
      connection.destroy();
      if (!this.closed) this.noteMalformed(undefined, `${ANONYMOUS_LIMIT} connections have not sent an id`);
      return;
    }
    let client: ClientLink | undefined;
    const session: Session = new Session(this.options.clock, connection, this.options.timeoutUs, {
      heard: (atUs) => {
        if (client !== undefined) this.options.events.heard?.(client.id, atUs);
      },
      line: (line, atUs) => {
        if (client !== undefined) client.receive(line, atUs);
        else {
          client = this.identify(session, line);
          client?.attach(session);
        }
      },
      ended: (reason) => {
        this.noteEnd(session, client, reason);
      },
      malformed: (detail) => {
        if (client !== undefined) this.noteMalformed(client.id, detail);
      },
      defect: this.defect,
    });
    this.anonymous.add(session);
    session.start();
  }

  /** The first line is the client's id. Undefined when it is turned away. */
  private identify(session: Session, id: string): ClientLink | undefined {
    this.anonymous.delete(session);
    const refusal = this.refusalOf(id);
    if (refusal === undefined) return this.clientOf(id);
    this.options.events.state(id, 'refused', `${refusal} (${session.remote})`);
    session.end(refusal);
    return undefined;
  }

  private refusalOf(id: string): string | undefined {
    if (id === '') {
      this.noteMalformed(undefined, 'the id line is empty');
      return 'the id line is empty';
    }
    if (this.isConnected(id)) return 'a client with this id is connected already';
    if (!this.clients.has(id) && this.clients.size >= CLIENT_LIMIT)
      return `${CLIENT_LIMIT} clients are known already`;
    return undefined;
  }

  private noteEnd(session: Session, client: ClientLink | undefined, reason: string): void {
    if (client !== undefined) {
      client.detach(reason, this.closed);
    } else if (this.anonymous.delete(session) && !this.closed) {
      this.noteMalformed(undefined, `no id line from ${session.remote}: ${reason}`);
    }
  }

  /** The client with this id, known or new; undefined when there are too many. */
  private clientOf(id: string): ClientLink | undefined {
    const known = this.clients.get(id);
    if (known !== undefined || this.clients.size >= CLIENT_LIMIT) return known;
    const link = new ClientLink(id, this.linkOptions());
    this.clients.set(id, link);
    return link;
  }

  private linkOptions(): ClientLinkOptions {
    const { clock, timeoutUs, spacingUs = us(0), queueLimit, events } = this.options;
    const base = { clock, timeoutUs, spacingUs, events, malformed: this.noteMalformed, defect: this.defect };
    return queueLimit === undefined ? base : { ...base, queueLimit };
  }

  private readonly noteMalformed = (client: string | undefined, detail: string): void => {
    this.options.events.malformed?.(client, detail);
  };

  /** Makes what a callback threw end the run: a timer's exception does. */
  private readonly defect = (error: unknown): void => {
    this.options.clock.at('defect in a callback of the server', this.options.clock.now(), () => {
      throw error;
    });
  };
}

function checkText(text: string): void {
  if (text === '' || text.includes('\n')) {
    throw new RigError('USAGE', 'A message to the device is one line: not empty, and without a line end.');
  }
  const lengthBytes = Buffer.byteLength(text);
  if (lengthBytes > TEXT_LIMIT_BYTES) {
    throw new RigError(
      'USAGE',
      `A message of ${lengthBytes} bytes is too long; the limit is ${TEXT_LIMIT_BYTES}.`,
    );
  }
}
