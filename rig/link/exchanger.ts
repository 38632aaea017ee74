/**
 * Runs the Initiator's exchange (docs/protocol.md §3) over the bench's ports: every wait is bounded, the
 * duration is measured, and stalls of the host itself are noticed, because to the protocol they look like a
 * crash of the DUT.
 */
import { isRigError, messageOf, RigError } from '../errors.js';
import type { BenchPorts, Edge } from '../ports.js';
import type { Clock, Timer } from '../time/clock.js';
import { type DurationUs, elapsed, type InstantUs, later, ms, seconds, toMs, us } from '../time/units.js';
import {
  type AwaitPeerEdge,
  type ExchangeResult,
  type InitiatorAction,
  initiatorExchange,
  type PayloadFate,
} from './exchange.js';

/** Bound of every wait of the Initiator; past it the DUT counts as crashed (docs/protocol.md §3). */
export const EXCHANGE_WAIT: DurationUs = seconds(1);
/** A timer of the host that fires later than this means that the host stood still, not the DUT. */
export const HOST_STALL: DurationUs = ms(200);
/** How often a long exchange checks that the host's timers are on time. Far below `EXCHANGE_WAIT`, so that a
 * stall as long as that wait shows at full length. */
const HEARTBEAT: DurationUs = ms(100);

export type ExchangerPorts = Pick<BenchPorts, 'syn' | 'ack' | 'i2c'>;

export interface ExchangerOptions {
  readonly clock: Clock;
  readonly ports: ExchangerPorts;
  readonly waitUs?: DurationUs;
  readonly stallUs?: DurationUs;
}

interface ExchangeRecord {
  /** How long the exchange took, waits included. */
  readonly durationUs: DurationUs;
  /** How far the own payload came; `kept` when there was none or the peer could not accept it. */
  readonly payload: PayloadFate;
  /** The host stood still for this long meanwhile: what failed may not be the DUT's fault. */
  readonly hostStallUs?: DurationUs;
}

export type ExchangeOutcome = ExchangeRecord &
  (
    | { readonly ok: true; readonly received: Uint8Array | undefined }
    | { readonly ok: false; readonly error: RigError }
  );

export class Exchanger {
  private readonly clock: Clock;
  private readonly ports: ExchangerPorts;
  private readonly waitUs: DurationUs;
  private readonly stallUs: DurationUs;
  private peerCanAccept = true;
  private lastEdge: Edge | undefined;
  private payload: PayloadFate = 'kept';
  private heartbeat: Timer | undefined;
  private worstLatenessUs = 0;

  constructor(options: ExchangerOptions) {
    this.clock = options.clock;
    this.ports = options.ports;
    this.waitUs = options.waitUs ?? EXCHANGE_WAIT;
    this.stallUs = options.stallUs ?? HOST_STALL;
  }

  /** To be called after every synchronisation: the peer has started anew, and can take a payload. */
  reset(): void {
    this.peerCanAccept = true;
    this.lastEdge = undefined;
  }

  /**
   * Exchanges once, one at a time. The payload, 1 to 200 bytes, is held back while the peer cannot take it
   * (`payload` is then `kept`). Never rejects; a failure says by its code whose it is: `TIMEOUT` and
   * `PROTOCOL` the DUT's, `INVALID` the instrument's, `BENCH` and `CLOSED` the bench's.
   */
  async exchange(payload: Uint8Array | undefined, holdOff = false): Promise<ExchangeOutcome> {
    const startUs = this.clock.now();
    this.payload = 'kept';
    this.worstLatenessUs = 0;
    this.startHeartbeat();
    this.ports.ack.discardEdges();
    try {
      const result = await this.run(
        initiatorExchange({ payload, holdOff, peerCanAccept: this.peerCanAccept }),
      );
      this.peerCanAccept = result.peerCanAccept;
      return { ok: true, received: result.received, ...this.record(startUs) };
    } catch (error) {
      const cause = isRigError(error) ? error : new RigError('BENCH', messageOf(error), { cause: error });
      return { ok: false, error: cause, ...this.record(startUs) };
    } finally {
      this.heartbeat?.cancel();
    }
  }

  private async run(machine: ReturnType<typeof initiatorExchange>): Promise<ExchangeResult> {
    const { syn, i2c } = this.ports;
    let next = machine.next();
    while (next.done !== true) {
      const action: InitiatorAction = next.value;
      let answer: Uint8Array | undefined;
      switch (action.kind) {
        case 'drive':
          await syn.write(action.level);
          break;
        case 'awaitPeer':
          await this.awaitEdge(action);
          break;
        case 'armTransmit':
          await i2c.armTransmit(action.bytes);
          break;
        case 'armReceive':
          await i2c.armReceive(action.lengthBytes);
          break;
        case 'fetch':
          answer = await i2c.received();
          break;
        case 'payload':
          this.payload = action.fate;
          break;
      }
      next = machine.next(answer);
    }
    return next.value;
  }

  private async awaitEdge({ level, step }: AwaitPeerEdge): Promise<void> {
    let edge: Edge;
    try {
      edge = await this.ports.ack.nextEdge(this.waitUs);
    } catch (error) {
      throw explained(error, level, step, this.waitUs);
    }
    this.checkContinuity(edge);
    if (edge.level === level) return;
    throw new RigError(
      'PROTOCOL',
      `In step ${step} of an exchange the device ${level === 1 ? 'lowered' : 'raised'} ack where it was to ` +
        `${verb(level)} it; it has probably rebooted.`,
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

  private startHeartbeat(): void {
    const dueUs = later(this.clock.now(), HEARTBEAT);
    this.heartbeat = this.clock.at('link exchange heartbeat', dueUs, () => {
      this.noteLateness(dueUs);
      this.startHeartbeat();
    });
  }

  private noteLateness(dueUs: InstantUs): void {
    this.worstLatenessUs = Math.max(this.worstLatenessUs, this.clock.now() - dueUs);
  }

  private record(startUs: InstantUs): ExchangeRecord {
    // A heartbeat that is overdue but has not run yet counts too: an edge may be served before a timer.
    if (this.heartbeat !== undefined) this.noteLateness(this.heartbeat.dueUs);
    const durationUs = elapsed(startUs, this.clock.now());
    const { payload } = this;
    if (this.worstLatenessUs <= this.stallUs) return { durationUs, payload };
    return { durationUs, payload, hostStallUs: us(this.worstLatenessUs) };
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
