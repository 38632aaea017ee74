/** The host's ends of wires: an output line, and an input line with its queue of edges. */
import { EdgeQueue } from '../../rig/edge-queue.js';
import { RigError } from '../../rig/errors.js';
import type { Edge, InputLine, Level, OutputLine } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import { type DurationUs, later } from '../../rig/time/units.js';
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

export class VirtualInputLine implements InputLine {
  private readonly name: string;
  private readonly wire: Wire;
  private readonly queue: EdgeQueue;
  private sequence = 0;
  /** Edges up to this one have been discarded, those on their way to the reader included. */
  private discarded = 0;
  private closed = false;

  /** `latency`: from an edge on the wire to the program that reads the queue. */
  constructor(name: string, wire: Wire, clock: Clock, latency: DurationUs) {
    this.name = name;
    this.wire = wire;
    this.queue = new EdgeQueue(name, clock);
    wire.onChange((level) => {
      if (this.closed) return;
      this.sequence += 1;
      const edge: Edge = { level, atUs: clock.now(), sequence: this.sequence };
      clock.at(`edge on ${name}`, later(edge.atUs, latency), () => this.arrived(edge));
    });
  }

  get missedEdges(): number {
    return this.queue.missedEdges;
  }

  async read(): Promise<Level> {
    if (this.closed) throw this.closedError();
    return this.wire.level;
  }

  nextEdge(timeout: DurationUs): Promise<Edge> {
    return this.queue.next(timeout);
  }

  discardEdges(): void {
    this.queue.discard();
    this.discarded = this.sequence;
  }

  /** Rejects a wait under way; later use rejects as well. */
  close(): void {
    this.closed = true;
    this.queue.end(this.closedError());
  }

  private arrived(edge: Edge): void {
    if (edge.sequence > this.discarded) this.queue.add(edge);
  }

  private closedError(): RigError {
    return new RigError('CLOSED', `Line ${this.name} is closed.`);
  }
}
