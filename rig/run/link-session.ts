/**
 * Both ends of the link, and the messages between them: the client on the wires, the server on the network, the
 * open-loop streams, and the ledger that accounts for what they carry.
 */

import { isRigError, type RigError } from '../errors.js';
import { ExchangeWatch } from '../faults/exchange-watch.js';
import type { FaultLog } from '../faults/fault-log.js';
import { StrayLines, strayText } from '../faults/stray-lines.js';
import { Ledger } from '../ledger/ledger.js';
import { LinkClient } from '../link/client.js';
import type { LinkConfig } from '../link/config.js';
import type { BenchPorts } from '../ports.js';
import { BreakableNetwork } from '../server/breakable-network.js';
import { LinkServer } from '../server/server.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, type InstantUs, instant, ms, seconds, toMs } from '../time/units.js';
import { encodeMessage } from '../traffic/message.js';
import { type OpenLoop, startOpenLoop } from '../traffic/open-loop.js';
import type { ServerPlace } from './bench.js';
import { DamageTally } from './damage-tally.js';
import type { Direction, StreamDeclaration } from './declarations.js';
import type { RunEventBody } from './events.js';
import { LinkInHand } from './link-in-hand.js';
import { MemoryWatch } from './memory-watch.js';
import type { Observer } from './observer.js';
import { PromiseTally } from './promise-tally.js';

/** After the last message: far above a retransmission through an outage. */
export const DRAIN_LIMIT: DurationUs = seconds(60);
/** What a device lost when it rebooted is not waited for, but would still be seen if it came. */
const GRACE: DurationUs = seconds(5);
const FOREVER = instant(Number.POSITIVE_INFINITY);

/** A line that cannot travel is refused at once; one that waits longer has been taken. */
const REFUSED_WITHIN: DurationUs = ms(1);

/** What the device calls itself towards the server. */
export const CLIENT_ID = 'rig-dut';
/**
 * Least time between two lines to the device. It passes on one line per exchange, ten a second, and buffers twenty:
 * sent as fast as it acknowledges, the backlog of an outage would overflow it, which it treats as an outage.
 */
const DOWNLINK_SPACING: DurationUs = ms(150);
/** How often the device reports its connects and free memory, in seconds. */
const REPORT_INTERVAL_S = 10;

export interface LinkSessionOptions {
  readonly clock: Clock;
  readonly ports: BenchPorts;
  readonly server: ServerPlace;
  readonly i2cAddress?: number;
  readonly resetPulseUs?: DurationUs;
  readonly streams: readonly StreamDeclaration[];
  readonly faults: FaultLog;
  readonly observer: Observer;
  readonly emit: (body: RunEventBody) => void;
  /** From the end of one exchange to the start of the next. */
  readonly pollUs: DurationUs;
  /** The link cannot go on: the client has given up, or the rig has a defect. */
  readonly onFailed: (error: RigError) => void;
}

export class LinkSession {
  readonly ledger: Ledger;
  readonly client: LinkClient;
  readonly server: LinkServer;
  /** For faults of the link's own ends. */
  readonly inHand: LinkInHand;
  readonly strayLines: StrayLines;
  readonly exchanges = new ExchangeWatch();
  readonly damage = new DamageTally();
  readonly promises = new PromiseTally();
  readonly memory = new MemoryWatch();
  /** When something last arrived damaged, and what. */
  lastDamage: { readonly atUs: InstantUs; readonly what: string } | undefined;
  private readonly network: BreakableNetwork;
  private readonly options: LinkSessionOptions;
  private loops: OpenLoop[] = [];
  private readonly awaitingStart: (() => void)[] = [];
  private readonly awaitingEnd: (() => void)[] = [];

  constructor(options: LinkSessionOptions) {
    this.options = options;
    this.ledger = new Ledger({
      streams: options.streams,
      emit: (body) => this.decided(body),
      attribution: () => ({ ...options.faults.attribution(), boot: options.observer.boots.total }),
    });
    this.network = new BreakableNetwork(options.ports.network);
    const config = this.config();
    this.client = this.createClient(config);
    this.server = this.createServer();
    this.inHand = new LinkInHand({
      client: this.client,
      server: this.network,
      ledger: this.ledger,
      config,
    });
    this.strayLines = new StrayLines((text, onAccepted) =>
      this.server.send(CLIENT_ID, { text, qos: false, wait: false, onAccepted }),
    );
  }

  /** Offers a line that belongs to no stream. Resolves with what refused it, or undefined when it was taken. */
  async offerLine(direction: Direction, lengthBytes: number): Promise<RigError | undefined> {
    const text = strayText(0, lengthBytes);
    try {
      if (direction === 'downlink') this.server.send(CLIENT_ID, { text, qos: false, wait: false });
      else await Promise.race([this.client.send(text), this.options.clock.sleep('offer', REFUSED_WITHIN)]);
      return undefined;
    } catch (error) {
      if (isRigError(error)) return error;
      throw error;
    }
  }

  /** Starts the streams at `startUs`. */
  startTraffic(startUs: InstantUs): void {
    const byName = new Map(this.options.streams.map((stream) => [stream.name, stream]));
    this.loops = this.options.streams.map((stream) =>
      startOpenLoop({
        clock: this.options.clock,
        stream,
        startUs,
        onDue: (name, sequence, dueUs) => {
          const declaration = byName.get(name);
          if (declaration !== undefined) this.offer(declaration, sequence, dueUs);
        },
      }),
    );
  }

  /** Resolves when every stream has offered its last message. */
  async trafficDone(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.done));
  }

  /** Resolves when the next exchange has begun. */
  exchangeStarted(): Promise<void> {
    return new Promise((resolve) => {
      this.awaitingStart.push(resolve);
    });
  }

  /** Resolves at the end of the next exchange, good or bad. */
  exchangeEnded(): Promise<void> {
    return new Promise((resolve) => {
      this.awaitingEnd.push(resolve);
    });
  }

  /** Waits for what is still on its way. */
  async drain(waitFor: (condition: () => boolean, limit: DurationUs) => Promise<boolean>): Promise<void> {
    await waitFor(() => this.ledger.backlogDrained(FOREVER), DRAIN_LIMIT);
    await waitFor(() => this.ledger.undecided() === 0, GRACE);
  }

  stopTraffic(): void {
    for (const loop of this.loops) loop.stop();
  }

  /** True when no message of that direction is still to come, or to be waited for. */
  isFinished(direction: Direction): boolean {
    return (
      this.options.streams.every(
        (stream, index) => stream.direction !== direction || this.loops[index]?.count === stream.count,
      ) && this.ledger.backlogDrained(FOREVER, direction)
    );
  }

  private offer(stream: StreamDeclaration, sequence: number, dueUs: InstantUs): void {
    const { clock } = this.options;
    this.ledger.due(stream.name, sequence, dueUs);
    this.ledger.offered(stream.name, sequence, clock.now());
    const text = encodeMessage(stream.name, sequence, stream.sizeBytes);
    const accepted = () => this.ledger.accepted(stream.name, sequence, clock.now());
    if (stream.direction === 'uplink') {
      this.client.send(text, { qos: stream.qos, wait: stream.wait }).then(accepted, (error: unknown) => {
        // The link took the line into an exchange that failed: it may or may not have reached the device.
        if (!isRigError(error, 'FULL') && !isRigError(error, 'CLOSED')) {
          this.ledger.dropped(stream.name, sequence);
        }
      });
      return;
    }
    this.sendDownlink(stream, sequence, text, accepted);
  }

  private sendDownlink(
    stream: StreamDeclaration,
    sequence: number,
    text: string,
    accepted: () => void,
  ): void {
    const { clock } = this.options;
    try {
      this.server.send(CLIENT_ID, {
        text,
        qos: stream.qos,
        wait: stream.wait,
        onAccepted: accepted,
        onAcked: () => this.ledger.acked(stream.name, sequence, clock.now()),
      });
    } catch (error) {
      // A full queue is the open loop's answer to a link that is away for long: the message stays unsent.
      if (!isRigError(error, 'FULL') && !isRigError(error, 'CLOSED')) throw error;
    }
  }

  /** The device lost its memory. */
  deviceRebooted(): void {
    const { clock, faults, observer } = this.options;
    this.ledger.deviceRebooted();
    // This start is counted already.
    this.promises.lostMemory(observer.boots.total - 1, clock.now(), faults.current?.number);
  }

  private sawFreeMemory(bytes: number): void {
    const { clock, faults, observer } = this.options;
    this.memory.reported(clock.now(), bytes, observer.boots.total, faults.current === undefined);
  }

  private sawDamage(what: string): void {
    this.lastDamage = { atUs: this.options.clock.now(), what };
  }

  private noteAnomaly({ kind, fault }: Extract<RunEventBody, { type: 'anomaly' }>): void {
    this.damage.note(kind, fault === undefined ? undefined : this.options.faults.kindOf(fault));
    if (kind === 'duplicated') this.promises.duplicated(fault);
    else this.sawDamage(`a message arrived ${kind === 'corrupted' ? 'damaged' : 'that is none'}`);
  }

  private decided(body: RunEventBody): void {
    this.options.emit(body);
    if (body.type === 'anomaly') this.noteAnomaly(body);
    if (body.type === 'message') this.promises.message(body);
    if (body.type !== 'message' || body.verdict !== 'delivered') return;
    const stream = this.options.streams.find(({ name }) => name === body.stream);
    if (stream === undefined) return;
    const { faults, observer, clock } = this.options;
    if (stream.direction === 'downlink') this.strayLines.delivered(body.acceptedUs);
    observer.transits.delivered(body.acceptedUs, body.deliveredUs ?? clock.now());
    faults.delivered(stream.direction);
  }

  private config(): LinkConfig {
    const { ports, server } = this.options;
    const { accessPoint, network } = ports;
    return {
      id: CLIENT_ID,
      port: server.port,
      server: network.hostAddress,
      timeoutMs: toMs(server.timeoutUs),
      reportS: REPORT_INTERVAL_S,
      ssid: accessPoint?.ssid ?? '',
      password: accessPoint?.passphrase ?? '',
    };
  }

  private createClient(config: LinkConfig): LinkClient {
    const { clock, ports, i2cAddress, resetPulseUs, observer, emit, pollUs, onFailed } = this.options;
    return new LinkClient({
      clock,
      ports,
      pollUs,
      ...(i2cAddress !== undefined && { i2cAddress }),
      ...(resetPulseUs !== undefined && { resetPulseUs }),
      config,
      events: {
        onMessage: (text, atUs) => {
          this.inHand.lastMessageUs = atUs;
          if (!this.strayLines.arrived(text)) this.ledger.arrived('downlink', text, atUs);
        },
        onServer: (up) => {
          this.inHand.saysUp = up;
          observer.sawDeviceServer(up, clock.now());
        },
        onReport: ([connectCount, reportNumber, memFreeBytes]) => {
          emit({ type: 'device.report', connectCount, reportNumber, memFreeBytes });
          this.sawFreeMemory(memFreeBytes);
        },
        onStopped: (reason) => {
          this.inHand.stopped = reason;
          observer.sawStopped(reason);
        },
        onState: (state, reason) => {
          this.inHand.sawState(state);
          observer.sawLink(state, reason);
          if (state === 'rebooting') observer.sawReboot(reason ?? '', clock.now());
        },
        onExchangeStart: () => {
          for (const tell of this.awaitingStart.splice(0)) tell();
        },
        onExchange: ({ durationUs, ok, hostStallUs }) => {
          observer.sawExchange(durationUs, ok);
          if (ok) this.exchanges.took(durationUs);
          for (const tell of this.awaitingEnd.splice(0)) tell();
          if (!ok && hostStallUs !== undefined) observer.sawHostStall(hostStallUs);
        },
        onUnknown: (line) => {
          this.sawDamage('the device sent a line without meaning');
          emit({ type: 'note', text: `The device sent a line without meaning: ${line}` });
        },
        onHostStall: (stallUs) => observer.sawHostStall(stallUs),
        onFailed,
      },
    });
  }

  private createServer(): LinkServer {
    const { clock, server, observer, emit } = this.options;
    return new LinkServer({
      clock,
      network: this.network,
      port: server.port,
      timeoutUs: server.timeoutUs,
      spacingUs: DOWNLINK_SPACING,
      events: {
        message: (_client, text, atUs) => this.ledger.arrived('uplink', text, atUs),
        arrived: (_remote, atUs) => observer.sawConnection(atUs),
        // What a server sees that the rig has broken itself is nobody's detection.
        state: (client, state, detail) => {
          if (state === 'reconnected') this.ledger.connectedAnew();
          observer.sawServer(client, state, detail, this.network.broken === undefined);
        },
        heard: (_client, atUs) => {
          observer.lastHeardUs = atUs;
        },
        malformed: (client, detail) =>
          emit({
            type: 'note',
            text: `The server could not read what ${client ?? 'a client'} sent: ${detail}`,
          }),
      },
    });
  }
}
