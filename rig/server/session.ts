/**
 * One connection of a device, from accept to its end: reads lines, watches for silence, sends keepalives.
 * Whose connection it is, and what its lines mean, is decided above.
 */
import { messageOf } from '../errors.js';
import type { Connection } from '../ports.js';
import type { Clock, Timer } from '../time/clock.js';
import { type DurationUs, elapsed, type InstantUs, later, toMs, us } from '../time/units.js';
import { KEEPALIVE, LINE_LIMIT_BYTES, LineSplitter } from './lines.js';

/** Keepalives go out this many times in a timeout (docs/protocol.md §5). */
const KEEPALIVES_PER_TIMEOUT = 4;

export interface SessionHandlers {
  /** Bytes arrived. */
  heard(atUs: InstantUs): void;
  line(line: string, atUs: InstantUs): void;
  /** The connection is over, for whatever reason; called once. */
  ended(reason: string): void;
  /** The device broke the protocol; the connection ends. */
  malformed(detail: string): void;
  /** A handler threw: a defect of the rig. */
  defect(error: unknown): void;
}

export class Session {
  readonly remote: string;
  private readonly clock: Clock;
  private readonly connection: Connection;
  private readonly timeoutUs: DurationUs;
  private readonly handlers: SessionHandlers;
  private readonly lines = new LineSplitter();
  private lastHeardUs: InstantUs;
  private silence: Timer;
  private keepalive: Timer | undefined;
  private keepaliveUnderWay = false;
  /** The transport's word on the last thing written: reading stops while it is full. */
  private lastWrite: Promise<boolean> = Promise.resolve(true);
  private over = false;

  constructor(clock: Clock, connection: Connection, timeoutUs: DurationUs, handlers: SessionHandlers) {
    this.clock = clock;
    this.connection = connection;
    this.remote = connection.remote;
    this.timeoutUs = timeoutUs;
    this.handlers = handlers;
    this.lastHeardUs = clock.now();
    this.silence = this.watchSilence();
  }

  /** Reads until the connection ends. */
  start(): void {
    this.readAll().catch((error: unknown) => this.handlers.defect(error));
  }

  /** Sends the first keepalive, and one every quarter of the timeout from now on. */
  startKeepalives(): void {
    if (this.over) return;
    const interval = us(this.timeoutUs / KEEPALIVES_PER_TIMEOUT);
    this.keepalive = this.clock.at('server keepalive', later(this.clock.now(), interval), () =>
      this.startKeepalives(),
    );
    if (this.keepaliveUnderWay) return;
    this.keepaliveUnderWay = true;
    this.write(KEEPALIVE).then(
      () => {
        this.keepaliveUnderWay = false;
      },
      (error: unknown) => this.handlers.defect(error),
    );
  }

  /** Resolves with true once the transport took the bytes over, with false when the connection is gone. */
  write(bytes: Uint8Array): Promise<boolean> {
    if (this.over) return Promise.resolve(false);
    this.lastWrite = this.connection.write(bytes).then(
      () => true,
      (error: unknown) => {
        this.end(messageOf(error));
        return false;
      },
    );
    return this.lastWrite;
  }

  /** Drops the connection. */
  end(reason: string): void {
    if (this.over) return;
    this.over = true;
    this.silence.cancel();
    this.keepalive?.cancel();
    this.connection.destroy();
    this.handlers.ended(reason);
  }

  private async readAll(): Promise<void> {
    while (!this.over) {
      const bytes = await this.readChunk();
      if (bytes === undefined) return;
      this.receive(bytes);
      await this.lastWrite;
    }
  }

  /** Undefined when the connection is over. */
  private async readChunk(): Promise<Uint8Array | undefined> {
    try {
      const bytes = await this.connection.read();
      if (bytes === undefined) this.end('the device closed the connection');
      return this.over ? undefined : bytes;
    } catch (error) {
      this.end(messageOf(error));
      return undefined;
    }
  }

  private receive(bytes: Uint8Array): void {
    const atUs = this.clock.now();
    this.lastHeardUs = atUs;
    this.handlers.heard(atUs);
    const intact = this.lines.push(bytes, (line) => {
      this.handlers.line(line, atUs);
      return !this.over;
    });
    if (intact) return;
    const reason = `more than ${LINE_LIMIT_BYTES} bytes without a line end`;
    this.handlers.malformed(reason);
    this.end(reason);
  }

  /** One timer for many chunks: when it fires, it looks when the last one came. */
  private watchSilence(): Timer {
    return this.clock.at('server silence', later(this.lastHeardUs, this.timeoutUs), () => {
      if (elapsed(this.lastHeardUs, this.clock.now()) >= this.timeoutUs) {
        this.end(`nothing received for ${toMs(this.timeoutUs)} ms`);
      } else {
        this.silence = this.watchSilence();
      }
    });
  }
}
