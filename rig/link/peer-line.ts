/**
 * The device's line, `ack`, as an exchange sees it: one edge after the other, each within a bound and in the direction
 * that the protocol asks for.
 */
import { isRigError, RigError } from '../errors.js';
import type { Edge, InputLine } from '../ports.js';
import { type DurationUs, type InstantUs, toMs } from '../time/units.js';
import type { AwaitPeerEdge } from './exchange.js';

export class PeerLine {
  private readonly ack: InputLine;
  private readonly waitUs: DurationUs;
  private lastEdge: Edge | undefined;

  /** `waitUs`: the bound of every wait inside an exchange. */
  constructor(ack: InputLine, waitUs: DurationUs) {
    this.ack = ack;
    this.waitUs = waitUs;
  }

  /** When the device last moved its line, as far as it was taken notice of. */
  get lastEdgeUs(): InstantUs | undefined {
    return this.lastEdge?.atUs;
  }

  /** The device starts anew: what its line did before does not count. */
  reset(): void {
    this.lastEdge = undefined;
  }

  /** Forgets edges that nobody has waited for. That there were some shows in the numbers of the next ones. */
  discard(): void {
    this.ack.discardEdges();
  }

  /** Waits for the next edge, which must be one to `level`. Rejects with `TIMEOUT` or `PROTOCOL`. */
  async awaitEdge({ level, step }: Omit<AwaitPeerEdge, 'kind'>): Promise<void> {
    let edge: Edge;
    try {
      edge = await this.ack.nextEdge(this.waitUs);
    } catch (error) {
      throw explained(error, level, step, this.waitUs);
    }
    this.accept(edge, level, `In step ${step} of an exchange`);
  }

  /**
   * Waits for the edge with which the device starts an exchange. Resolves with when it happened, or with undefined
   * when it did not within `boundUs`. Rejects with `PROTOCOL` when the line moved the other way.
   */
  async exchangeStart(boundUs: DurationUs): Promise<InstantUs | undefined> {
    let edge: Edge;
    try {
      edge = await this.ack.nextEdge(boundUs);
    } catch (error) {
      if (isRigError(error, 'TIMEOUT')) return undefined;
      throw error;
    }
    this.accept(edge, 1, 'Between two exchanges');
    return edge.atUs;
  }

  private accept(edge: Edge, level: number, when: string): void {
    this.checkContinuity(edge);
    if (edge.level === level) return;
    throw new RigError(
      'PROTOCOL',
      `${when} the device ${level === 1 ? 'lowered' : 'raised'} ack where it was to ${verb(level)} it; it has ` +
        'probably rebooted.',
    );
  }

  /** Between exchanges a DUT leaves ack alone; one that reboots does not (docs/protocol.md §1). */
  private checkContinuity(edge: Edge): void {
    const unseen = this.lastEdge === undefined ? 0 : edge.sequence - this.lastEdge.sequence - 1;
    this.lastEdge = edge;
    if (unseen === 0) return;
    throw new RigError(
      'PROTOCOL',
      `ack changed ${unseen} times outside of an exchange; the device has probably rebooted by itself ` +
        '(or the wire picks up noise).',
    );
  }
}

const verb = (level: number): string => (level === 1 ? 'raise' : 'lower');

function explained(error: unknown, level: number, step: number, waitUs: DurationUs): unknown {
  if (!isRigError(error, 'TIMEOUT')) return error;
  return new RigError(
    'TIMEOUT',
    `In step ${step} of an exchange the device did not ${verb(level)} ack within ${toMs(waitUs)} ms.`,
    { cause: error },
  );
}
