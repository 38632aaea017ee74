/**
 * The queue behind every `InputLine`: edges that nobody has read yet, the one reader that may wait for the next, and
 * the count of those that were missed. Where edges come from is the driver's business.
 */
import { RigError } from './errors.js';
import { EDGE_QUEUE_LIMIT, type Edge } from './ports.js';
import type { Clock, Timer } from './time/clock.js';
import { type DurationUs, later, toMs } from './time/units.js';

interface Waiter {
  readonly resolve: (edge: Edge) => void;
  readonly reject: (error: RigError) => void;
  readonly timer: Timer;
}

export class EdgeQueue {
  private readonly name: string;
  private readonly clock: Clock;
  private readonly unread: Edge[] = [];
  private missedInAll = 0;
  /** Edges missed since the reader was last told. */
  private missedUntold = 0;
  private waiter: Waiter | undefined;
  /** Why no edge can come any more. */
  private ended: RigError | undefined;

  /** `name` is how messages call the line. */
  constructor(name: string, clock: Clock) {
    this.name = name;
    this.clock = clock;
  }

  /** Edges known to have been missed. */
  get missedEdges(): number {
    return this.missedInAll;
  }

  /** An edge that the reader may have now. Beyond `EDGE_QUEUE_LIMIT` unread ones it counts as missed. */
  add(edge: Edge): void {
    if (this.ended !== undefined) return;
    const waiter = this.takeWaiter();
    if (waiter !== undefined) waiter.resolve(edge);
    else if (this.unread.length < EDGE_QUEUE_LIMIT) this.unread.push(edge);
    else this.noteMissed(1);
  }

  /** The source lost `count` edges for good; whoever waits is told at once, otherwise the next reader. */
  noteMissed(count: number): void {
    if (this.ended !== undefined || count === 0) return;
    this.missedInAll += count;
    const waiter = this.takeWaiter();
    if (waiter !== undefined) waiter.reject(this.missedError(count));
    else this.missedUntold += count;
  }

  /** As `InputLine.nextEdge`. */
  async next(timeout: DurationUs): Promise<Edge> {
    if (this.ended !== undefined) throw this.ended;
    if (this.waiter !== undefined) {
      throw new RigError(
        'BENCH',
        `Line ${this.name}: an edge is waited for already; this is a defect of the rig.`,
      );
    }
    if (this.missedUntold > 0) {
      const missed = this.missedUntold;
      this.missedUntold = 0;
      throw this.missedError(missed);
    }
    return this.unread.shift() ?? (await this.wait(timeout));
  }

  /** Forgets what is unread, and forgives what was missed. */
  discard(): void {
    this.unread.length = 0;
    this.missedUntold = 0;
  }

  /** Rejects the wait under way with `error`, and every later one; a later call gives a new reason. */
  end(error: RigError): void {
    this.ended = error;
    this.discard();
    this.takeWaiter()?.reject(error);
  }

  private wait(timeout: DurationUs): Promise<Edge> {
    return new Promise((resolve, reject) => {
      const timer = this.clock.at(`edge wait on ${this.name}`, later(this.clock.now(), timeout), () => {
        this.waiter = undefined;
        reject(new RigError('TIMEOUT', `Line ${this.name}: no edge within ${toMs(timeout)} ms.`));
      });
      this.waiter = { resolve, reject, timer };
    });
  }

  private takeWaiter(): Waiter | undefined {
    const waiter = this.waiter;
    this.waiter = undefined;
    waiter?.timer.cancel();
    return waiter;
  }

  private missedError(count: number): RigError {
    return new RigError('INVALID', `Line ${this.name}: ${count} edges were missed.`);
  }
}
