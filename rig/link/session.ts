/**
 * The link from one boot of the DUT to whatever ends it: reset, synchronise, configure, exchange
 * (docs/protocol.md §2-§4). The client runs one session after the other.
 *
 * What becomes of a line whose exchange fails depends on how far it came, because the DUT must never be given
 * it twice. Not yet offered: it stays at the head of the queue and goes out after the next config line. Taken
 * (the DUT moved ack after it had the line): it counts as accepted, and shares the fate of all that a rebooting DUT
 * holds: it may be lost. (A reset at that very moment raises ack too, and cannot be told apart.) Offered, but
 * unconfirmed: the DUT may or may not have it, so it is not sent again, and its `send` rejects. Lost is allowed after
 * a reboot, twice is not.
 */
import { isRigError, messageOf, RigError } from '../errors.js';
import { later, toMs, toSeconds } from '../time/units.js';
import { letGo, resetDevice, synchronise } from './bring-up.js';
import {
  DEFAULT_RESET_PULSE,
  type LinkClientOptions,
  type LinkEvents,
  type LinkLimits,
  type LinkState,
} from './client-options.js';
import { encodeConfigLine, type LinkConfig } from './config.js';
import { type ExchangeOutcome, Exchanger } from './exchanger.js';
import { LineReader } from './line-reader.js';
import { Liveness } from './liveness.js';
import { decodeDutLine } from './messages.js';
import { Pause } from './pause.js';
import type { SendQueue } from './send-queue.js';

export interface SessionOptions {
  readonly client: LinkClientOptions;
  readonly limits: LinkLimits;
  readonly queue: SendQueue;
  readonly onState: (state: LinkState, reason?: string) => void;
}

/** How a session ended, and what the DUT showed of itself in it. */
export interface SessionEnd {
  readonly error: RigError;
  /** It sent at least one line that makes sense. */
  readonly spoke: boolean;
  /** It said that it stops. */
  readonly stopped: boolean;
}

export class Session {
  private readonly client: LinkClientOptions;
  private readonly limits: LinkLimits;
  private readonly queue: SendQueue;
  private readonly onState: SessionOptions['onState'];
  private readonly events: Partial<LinkEvents>;
  private configLine: Uint8Array;
  private readonly exchanger: Exchanger;
  private readonly lines: LineReader;
  private readonly liveness: Liveness;
  private readonly pause: Pause;
  private interruption: RigError | undefined;
  private spoke = false;
  private stopped = false;

  /** Throws `USAGE` when the configuration is wrong. */
  constructor({ client, limits, queue, onState }: SessionOptions) {
    const { clock, ports, config, i2cAddress, pollUs } = client;
    this.client = client;
    this.limits = limits;
    this.queue = queue;
    this.onState = onState;
    this.events = client.events ?? {};
    this.configLine = encodeConfigLine(config);
    this.lines = new LineReader(
      { onLine: (text) => this.onLine(text), onOverlong: (start) => this.events.onUnknown?.(start) },
      limits.lineBytes,
    );
    this.pause = new Pause(clock);
    this.liveness = new Liveness(clock, limits, () => this.pause.cut());
    this.exchanger = new Exchanger({
      clock,
      ports,
      pause: this.pause,
      waitUs: limits.exchangeWaitUs,
      stallUs: limits.hostStallUs,
      settleUs: limits.settleUs,
      silenceUs: limits.silenceUs,
      ...(i2cAddress !== undefined && { address: i2cAddress }),
      ...(pollUs !== undefined && { pollUs }),
      interrupted: () => this.end() !== undefined,
      onStall: (stallUs) => {
        this.liveness.excuse();
        this.events.onHostStall?.(stallUs);
      },
    });
  }

  /** The configuration of the next runs. Throws `USAGE` when it is wrong. */
  useConfig(config: LinkConfig): void {
    this.configLine = encodeConfigLine(config);
  }

  /** Runs until something fails or `interrupt` is called; one run at a time. Never rejects. */
  async run(reason: string): Promise<SessionEnd> {
    this.spoke = false;
    this.stopped = false;
    const error = await this.bringUpAndExchange(reason);
    this.interruption = undefined;
    this.liveness.stop();
    return { error, spoke: this.spoke, stopped: this.stopped };
  }

  /** Ends the run under way at its next opportunity, or the next run at once; an exchange is finished first. */
  interrupt(error: RigError): void {
    this.interruption = error;
    this.pause.cut();
  }

  /** The state in which the DUT may be left alone. */
  letGo(): Promise<void> {
    return letGo(this.client.ports, this.exchanger);
  }

  /** Lets go of the bus alone: a line that rises is the beginning of an exchange to a DUT that runs. */
  standAside(): Promise<void> {
    return this.exchanger.leave();
  }

  private async bringUpAndExchange(reason: string): Promise<RigError> {
    const { clock, ports, resetPulseUs = DEFAULT_RESET_PULSE } = this.client;
    const { exchanger, limits, pause } = this;
    try {
      this.onState('rebooting', reason);
      await resetDevice(ports, exchanger, resetPulseUs);
      this.lines.reset();
      exchanger.reset();
      await synchronise({
        clock,
        ports,
        exchanger,
        limits,
        pause,
        interrupted: () => this.interruption !== undefined,
      });
      if (this.interruption !== undefined) return this.interruption;
      this.onState('synchronised');
      return (await this.configure()) ?? (await this.exchangeUntilEnd());
    } catch (error) {
      return isRigError(error) ? error : new RigError('BENCH', messageOf(error), { cause: error });
    }
  }

  /** Gives the DUT its configuration, which it holds off only where it is the one that starts exchanges. */
  private async configure(): Promise<RigError | undefined> {
    const { clock } = this.client;
    await this.exchanger.nextTurn(true);
    const deadline = later(clock.now(), this.limits.configureUs);
    for (;;) {
      if (this.end() !== undefined) return this.end();
      const outcome = await this.exchange(this.configLine);
      if (!outcome.ok) return failureOf(outcome);
      const isTaken = outcome.payload === 'taken';
      if (isTaken) {
        this.liveness.start();
        this.onState('configured');
      }
      this.receive(outcome.received);
      if (isTaken) return undefined;
      if (clock.now() >= deadline) return neverConfigured(this.limits);
      await this.exchanger.nextTurn(false);
    }
  }

  private async exchangeUntilEnd(): Promise<RigError> {
    for (;;) {
      if (this.interruption === undefined) await this.exchanger.nextTurn(false);
      const end = this.end();
      if (end !== undefined) return end;
      const outcome = await this.exchange(this.queue.peek()?.payload);
      this.settleLine(outcome);
      if (!outcome.ok) return failureOf(outcome);
      this.receive(outcome.received);
    }
  }

  /** Why no further exchange is wanted; undefined while one is. */
  private end(): RigError | undefined {
    return this.interruption ?? this.liveness.death;
  }

  private async exchange(payload: Uint8Array | undefined): Promise<ExchangeOutcome> {
    this.events.onExchangeStart?.();
    const outcome = await this.exchanger.exchange(payload);
    if (outcome.hostStallUs !== undefined) this.liveness.excuse();
    this.events.onExchange?.(outcome);
    return outcome;
  }

  /** Decides about the line at the head of the queue; see the top of this file. */
  private settleLine(outcome: ExchangeOutcome): void {
    if (outcome.payload === 'taken') this.queue.take()?.resolve();
    if (outcome.payload === 'offered' && !outcome.ok) this.queue.take()?.reject(uncertain(outcome.error));
  }

  private receive(payload: Uint8Array | undefined): void {
    if (payload !== undefined) this.lines.push(payload);
  }

  private onLine(text: string): void {
    const line = decodeDutLine(text);
    if (line.kind === 'unknown') {
      this.events.onUnknown?.(line.line);
      return;
    }
    this.spoke = true;
    this.liveness.progress();
    switch (line.kind) {
      case 'keepalive':
        this.liveness.keepalive();
        break;
      case 'message':
        this.events.onMessage?.(line.text, this.client.clock.now());
        break;
      case 'server':
        this.events.onServer?.(line.up);
        break;
      case 'report':
        this.events.onReport?.(line.report);
        break;
      case 'stopped':
        this.stopped = true;
        // Keepalives end here: their normal bound leads to the reboot, or nothing does.
        if (this.client.onStoppedReboot ?? true) this.liveness.keepalive();
        else this.liveness.stop();
        this.events.onStopped?.(line.reason);
        break;
    }
  }
}

/** The same error with more about its circumstances in front. */
export const wrapped = (error: RigError, what: string): RigError =>
  new RigError(error.code, `${what} ${error.message}`, { cause: error });

const uncertain = (error: RigError): RigError =>
  wrapped(error, 'The device may or may not have read this line; it is not sent again.');

const neverConfigured = ({ configureUs }: LinkLimits): RigError =>
  new RigError(
    'TIMEOUT',
    `The device holds off: it has not taken its configuration for ${toSeconds(configureUs)} s.`,
  );

function failureOf({ error, hostStallUs }: Extract<ExchangeOutcome, { ok: false }>): RigError {
  if (hostStallUs === undefined) return error;
  return wrapped(error, `The host itself stood still for ${toMs(hostStallUs)} ms during the exchange.`);
}
