/** What the supervised client is given, what it tells, and every bound that it keeps (docs/protocol.md §2, §4). */
import type { RigError } from '../errors.js';
import type { BenchPorts } from '../ports.js';
import type { RunEventOf } from '../run/events.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, type InstantUs, ms, seconds } from '../time/units.js';
import type { LinkConfig } from './config.js';
import { EXCHANGE_SILENCE, EXCHANGE_WAIT, HOST_STALL, SETTLE } from './exchanger.js';
import { MAX_LINE_BYTES } from './line-reader.js';
import type { DeviceReport, StopReason } from './messages.js';

/** As the journal names them: `down` before the start, after `close`, and once the client has given up. */
export type LinkState = RunEventOf<'link'>['state'];

/** The client's bounds; each can be set, none can be left out. */
export const LINK_LIMITS = {
  /** Every wait of an exchange. */
  exchangeWaitUs: EXCHANGE_WAIT,
  /** Lateness of an own timer beyond which the host counts as having stood still. */
  hostStallUs: HOST_STALL,
  /** How often ack is looked at while synchronising. */
  synchronisePollUs: ms(100),
  /** One attempt to synchronise: ten times what a board needs from reset to its main program. */
  synchroniseUs: seconds(30),
  /** From synchronisation to the first exchange. */
  settleUs: SETTLE,
  /** Silence between two exchanges, where the DUT starts them. */
  silenceUs: EXCHANGE_SILENCE,
  /** From the first exchange until the DUT has taken its configuration, which it may hold off. */
  configureUs: seconds(10),
  /** Silence after a keepalive; the DUT sends one every 2 s. */
  keepaliveUs: seconds(4),
  /**
   * Silence from configuration to the first keepalive, which the DUT sends only once it is connected: it may
   * take 20 s over each of two sets of credentials before it says that there is no WiFi.
   */
  firstKeepaliveUs: seconds(60),
  /** Reboots in a row after which the DUT has not sent one line: then the client gives up. */
  failedReboots: 5,
  /** Reboots in a row that end with the DUT stopping for want of WiFi or server. */
  stoppedReboots: 100,
  /** Lines that wait for the DUT. */
  queueLines: 10_000,
  /** Longest line from the DUT. */
  lineBytes: MAX_LINE_BYTES,
} as const satisfies Record<string, number>;

export type LinkLimits = {
  readonly [Name in keyof typeof LINK_LIMITS]: (typeof LINK_LIMITS)[Name] extends DurationUs
    ? DurationUs
    : number;
};

/** One exchange, for the statistics and for blame. */
export interface ExchangeNote {
  readonly durationUs: DurationUs;
  readonly ok: boolean;
  /** Why it failed. */
  readonly error?: RigError;
  /** The host stood still meanwhile: a failure must not be blamed on the DUT. */
  readonly hostStallUs?: DurationUs;
}

/** What the client tells. Listeners run within the client's own loop; one that throws ends the link with `BENCH`. */
export interface LinkEvents {
  /** The server's application sent a line. `atUs` is when the exchange that completed it ended. */
  onMessage(text: string, atUs: InstantUs): void;
  /** The DUT's link to the server came up or went down. */
  onServer(up: boolean): void;
  onReport(report: DeviceReport): void;
  /** The DUT stops at start-up. */
  onStopped(reason: StopReason): void;
  onState(state: LinkState, reason?: string): void;
  /** An exchange begins. */
  onExchangeStart(): void;
  onExchange(note: ExchangeNote): void;
  /** A line from the DUT that makes no sense, or the beginning of one that is too long. */
  onUnknown(line: string): void;
  /** The host stood still outside of an exchange; keepalives may have been late because of it. */
  onHostStall(stallUs: DurationUs): void;
  /** The client has given up. Nothing happens after this. */
  onFailed(error: RigError): void;
}

export interface LinkClientOptions {
  readonly clock: Clock;
  /** Without `reset`, a link that fails stays failed. */
  readonly ports: Pick<BenchPorts, 'syn' | 'ack' | 'i2c' | 'reset'>;
  readonly config: LinkConfig;
  readonly events?: Partial<LinkEvents>;
  /** Of whichever side is the I2C target. */
  readonly i2cAddress?: number;
  /** From the end of one exchange to the start of the next, where the client starts them. */
  readonly pollUs?: DurationUs;
  readonly resetPulseUs?: DurationUs;
  readonly limits?: Partial<LinkLimits>;
  /** Reboot a DUT that has stopped for want of WiFi or server, once its keepalives are missed. Default true. */
  readonly onStoppedReboot?: boolean;
}

/** Recommended by the link's documentation. */
export const DEFAULT_RESET_PULSE: DurationUs = ms(200);
