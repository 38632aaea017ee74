/** The host's ends of wires: an output line, and an input line with its queue of edges. */
import { RigError } from '../../rig/errors.js';
import { EDGE_QUEUE_LIMIT, type Edge, type InputLine, type Level, type OutputLine } from '../../rig/ports.js';
import type { Clock, Timer } from '../../rig/time/clock.js';
import { type DurationUs, later, toMs } from '../../rig/time/units.js';
import type { Wire } from './wire.js';

const HOST = 'host';

export class VirtualOutputLine implements OutputLine {
  private readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  async write(level: Level): Promise<void> {
    this.wire.drive(HOST, level);
  }

  async release(): Promise<void> {
    this.wire.drive(HOST, undefined);
  }
}

interface Waiter {
  readonly resolve: (edge: Edge) => void;
  readonly reject: (error: RigError) => void;
  readonly timer: Timer;
}

export class VirtualInputLine implements InputLine {
  missedEdges = 0;
  private readonly name: string;
  private readonly wire: Wire;
  private readonly clock: Clock;
  private readonly unread: Edge[] = [];
  private sequence = 0;
  /** Edges up to this one have been discarded, those on their way to the reader included. */
  private discarded = 0;
  /** Edges missed since the reader was last told. */
  private missedUntold = 0;
  private waiter: Waiter | undefined;
  private closed = false;

  /** `latency`: from an edge on the wire to the program that reads the queue. */
  constructor(name: string, wire: Wire, clock: Clock, latency: DurationUs) {
    this.name = name;
    this.wire = wire;
    this.clock = clock;
    wire.onChange((level) => {
      if (this.closed) return;
      this.sequence += 1;
      const edge: Edge = { level, atUs: clock.now(), sequence: this.sequence };
      clock.at(`edge on ${name}`, later(edge.atUs, latency), () => this.arrived(edge));
    });
  }

  async read(): Promise<Level> {
    this.requireOpen();
    return this.wire.level;
  }

  async nextEdge(timeout: DurationUs): Promise<Edge> {
    this.requireOpen();
    if (this.waiter !== undefined) {
      throw new RigError(
        'BENCH',
        `Line ${this.name}: an edge is waited for already; this is a defect of the rig.`,
      );
    }
    if (this.missedUntold > 0) {
      const missed = this.missedUntold;
      this.missedUntold = 0;
      throw new RigError('INVALID', `Line ${this.name}: ${missed} edges were missed.`);
    }
    return this.unread.shift() ?? (await this.waitForEdge(timeout));
  }

  discardEdges(): void {
    this.unread.length = 0;
    this.missedUntold = 0;
    this.discarded = this.sequence;
  }

  /** Rejects a wait under way; later use rejects as well. */
  close(): void {
    this.closed = true;
    const waiter = this.waiter;
    this.waiter = undefined;
    waiter?.timer.cancel();
    waiter?.reject(this.closedError());
  }

  private waitForEdge(timeout: DurationUs): Promise<Edge> {
    return new Promise((resolve, reject) => {
      const timer = this.clock.at(`edge wait on ${this.name}`, later(this.clock.now(), timeout), () => {
        this.waiter = undefined;
        reject(new RigError('TIMEOUT', `Line ${this.name}: no edge within ${toMs(timeout)} ms.`));
      });
      this.waiter = { resolve, reject, timer };
    });
  }

  private arrived(edge: Edge): void {
    if (this.closed || edge.sequence <= this.discarded) return;
    const waiter = this.waiter;
    if (waiter !== undefined) {
      this.waiter = undefined;
      waiter.timer.cancel();
      waiter.resolve(edge);
    } else if (this.unread.length < EDGE_QUEUE_LIMIT) {
      this.unread.push(edge);
    } else {
      this.missedEdges += 1;
      this.missedUntold += 1;
    }
  }

  private requireOpen(): void {
    if (this.closed) throw this.closedError();
  }

  private closedError(): RigError {
    return new RigError('CLOSED', `Line ${this.name} is closed.`);
  }
}
