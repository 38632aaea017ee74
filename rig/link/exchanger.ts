/**
 * Runs the host's part of an exchange (docs/protocol.md §3) over the bench's ports, in either role: every wait is
 * bounded, the duration is measured, and stalls of the host itself are noticed, because to the protocol they look
 * like a crash of the DUT.
 */
import { isRigError, messageOf, RigError } from '../errors.js';
import type { BenchPorts } from '../ports.js';
import type { Clock, Timer } from '../time/clock.js';
import { type DurationUs, elapsed, type InstantUs, later, ms, seconds, us } from '../time/units.js';
import {
  type ActionAnswer,
  type BusAction,
  type CommonAction,
  type ExchangeMachine,
  type ExchangeResult,
  isCommon,
  type PayloadFate,
} from './exchange.js';
import { createLinkEnd, type LinkEnd, type LinkEndOptions } from './link-end.js';
import { Pause } from './pause.js';
import { PeerLine } from './peer-line.js';

/** The I2C address of whichever side is the target (docs/protocol.md §1). */
export const LINK_I2C_ADDRESS = 0x12;
/** Bound of every wait inside an exchange; past it the DUT counts as crashed (docs/protocol.md §3). */
export const EXCHANGE_WAIT: DurationUs = seconds(1);
/** From the end of one exchange to the start of the next. */
export const DEFAULT_POLL: DurationUs = ms(100);
/** From synchronisation to the first exchange, so that the Responder has armed its interrupt (docs/protocol.md §2). */
export const SETTLE: DurationUs = seconds(1);
/**
 * A DUT that starts the exchanges, every `DEFAULT_POLL`, and has started none for this long counts as crashed: half
 * as long again as a DUT that answers them may be silent.
 */
export const EXCHANGE_SILENCE: DurationUs = ms(1_500);
/** A timer of the host that fires later than this means that the host stood still, not the DUT. */
export const HOST_STALL: DurationUs = ms(200);
/** How often a long exchange checks that the host's timers are on time. Far below `EXCHANGE_WAIT`, so that a
 * stall as long as that wait shows at full length. */
const HEARTBEAT: DurationUs = ms(100);

export type ExchangerPorts = Pick<BenchPorts, 'syn' | 'ack' | 'i2c'>;

export interface ExchangerOptions extends Partial<Omit<LinkEndOptions, 'clock' | 'peer'>> {
  readonly clock: Clock;
  readonly ports: ExchangerPorts;
  readonly waitUs?: DurationUs;
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
  private readonly syn: BenchPorts['syn'];
  private readonly peer: PeerLine;
  private readonly end: LinkEnd;
  private readonly stallUs: DurationUs;
  private peerCanAccept = true;
  private payload: PayloadFate = 'kept';
  private heartbeat: Timer | undefined;
  private worstLatenessUs = 0;

  constructor({ clock, ports, waitUs = EXCHANGE_WAIT, stallUs = HOST_STALL, ...options }: ExchangerOptions) {
    this.clock = clock;
    this.syn = ports.syn;
    this.stallUs = stallUs;
    this.peer = new PeerLine(ports.ack, waitUs);
    this.end = createLinkEnd(ports.i2c, {
      clock,
      peer: this.peer,
      stallUs,
      address: LINK_I2C_ADDRESS,
      pause: new Pause(clock),
      pollUs: DEFAULT_POLL,
      settleUs: SETTLE,
      silenceUs: EXCHANGE_SILENCE,
      interrupted: () => false,
      onStall: () => undefined,
      ...options,
    });
  }

  /** To be called after every reset of the peer: it starts anew, and can take a payload. */
  reset(): void {
    this.peerCanAccept = true;
    this.peer.reset();
  }

  /** Takes part in the bus from now on. */
  join(): Promise<void> {
    return this.end.join();
  }

  /** Leaves both bus lines to others. */
  leave(): Promise<void> {
    return this.end.leave();
  }

  /**
   * Waits until the next exchange is to be run; `first` is the first after synchronisation. Ends early when
   * interrupted. Rejects with `TIMEOUT` or `PROTOCOL` when the DUT was to start it and did not.
   */
  nextTurn(first: boolean): Promise<void> {
    return this.end.nextTurn(first);
  }

  /**
   * Exchanges once, one at a time. The payload, 1 to 200 bytes, is held back while the peer cannot take it
   * (`payload` is then `kept`). Never rejects; a failure says by its code whose it is: `TIMEOUT` and
   * `PROTOCOL` the DUT's, `INVALID` the instrument's, `BENCH` and `CLOSED` the bench's.
   */
  async exchange(payload: Uint8Array | undefined, holdOff = false): Promise<ExchangeOutcome> {
    const startUs = this.end.startUs();
    this.payload = 'kept';
    this.worstLatenessUs = 0;
    this.startHeartbeat();
    try {
      const request = { payload, holdOff, peerCanAccept: this.peerCanAccept };
      const result = await this.end.exchange(request, (machine, onBus) => this.run(machine, onBus));
      this.peerCanAccept = result.peerCanAccept;
      return { ok: true, received: result.received, ...this.record(startUs) };
    } catch (error) {
      const cause = isRigError(error) ? error : new RigError('BENCH', messageOf(error), { cause: error });
      return { ok: false, error: cause, ...this.record(startUs) };
    } finally {
      this.heartbeat?.cancel();
    }
  }

  private async run<Action extends BusAction>(
    machine: ExchangeMachine<Action>,
    onBus: (action: Action) => Promise<ActionAnswer>,
  ): Promise<ExchangeResult> {
    let next = machine.next();
    while (next.done !== true) {
      const action = next.value;
      next = machine.next(isCommon(action) ? await this.perform(action) : await onBus(action));
    }
    return next.value;
  }

  private async perform(action: CommonAction): Promise<undefined> {
    switch (action.kind) {
      case 'drive':
        await this.syn.write(action.level);
        return undefined;
      case 'awaitPeer':
        await this.peer.awaitEdge(action);
        return undefined;
      case 'payload':
        this.payload = action.fate;
        return undefined;
    }
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
