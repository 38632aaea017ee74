/**
 * The host's end of the link, in one of its two roles (docs/protocol.md §1). Which one follows from what the host is on
 * the I2C bus, and nothing but this file and the two ends knows it.
 */
import type { BenchPorts } from '../ports.js';
import type { Clock } from '../time/clock.js';
import type { DurationUs, InstantUs } from '../time/units.js';
import type {
  ActionAnswer,
  BusAction,
  ExchangeMachine,
  ExchangeResult,
  InitiatorRequest,
} from './exchange.js';
import { InitiatorEnd } from './initiator-end.js';
import type { Pause } from './pause.js';
import type { PeerLine } from './peer-line.js';
import { ResponderEnd } from './responder-end.js';

export interface LinkEnd {
  /** Takes part in the bus from now on. */
  join(): Promise<void>;
  /** Leaves both bus lines to others. */
  leave(): Promise<void>;
  /** Waits for the next exchange to begin, or until interrupted. `first`: the first after synchronisation. */
  nextTurn(first: boolean): Promise<void>;
  /** When the exchange that is run now began. */
  startUs(): InstantUs;
  exchange(request: InitiatorRequest, run: RunExchange): Promise<ExchangeResult>;
}

/** Runs one side's machine to its end: what both roles do by itself, what is done on the bus with `onBus`. */
export type RunExchange = <Action extends BusAction>(
  machine: ExchangeMachine<Action>,
  onBus: (action: Action) => Promise<ActionAnswer>,
) => Promise<ExchangeResult>;

export interface LinkEndOptions {
  readonly clock: Clock;
  readonly peer: PeerLine;
  /** The I2C address of whichever side is the target. */
  readonly address: number;
  /** The wait of whoever starts exchanges; cut short to interrupt it. */
  readonly pause: Pause;
  /** From the end of one exchange to the start of the next, where the host starts them. */
  readonly pollUs: DurationUs;
  /** From synchronisation to the first exchange, so that the Responder is ready for it. */
  readonly settleUs: DurationUs;
  /** Where the device starts exchanges: without one for this long it counts as crashed. */
  readonly silenceUs: DurationUs;
  /** Lateness beyond which the host counts as having stood still. */
  readonly stallUs: DurationUs;
  /** True when no further exchange is wanted. */
  interrupted(): boolean;
  /** The host stood still between two exchanges. */
  onStall(stallUs: DurationUs): void;
}

export function createLinkEnd(i2c: BenchPorts['i2c'], options: LinkEndOptions): LinkEnd {
  return i2c.role === 'target' ? new InitiatorEnd(i2c, options) : new ResponderEnd(i2c, options);
}
