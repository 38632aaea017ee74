/**
 * The client of the link, supervised (docs/protocol.md §2, §4): brings the DUT up, exchanges for as long as the
 * link is up, watches the DUT's keepalives, and reboots it when it dies.
 *
 * What becomes of a line whose exchange fails depends on how far it came, because the DUT must never be given
 * it twice. Not yet offered: it stays at the head of the queue and goes out after the next config line. Taken
 * (the DUT raised ack after reading it): it counts as accepted, and shares the fate of all that a rebooting DUT
 * holds: it may be lost. Offered, but unconfirmed: the DUT may or may not have read it, so it is not sent again,
 * and its `send` rejects. Lost is allowed after a reboot, twice is not.
 */
import { isRigError, messageOf, RigError } from '../errors.js';
import { toMs } from '../time/units.js';
import { type BringUpOptions, letGo, resetDevice, synchronise } from './bring-up.js';
import {
  DEFAULT_POLL,
  DEFAULT_RESET_PULSE,
  LINK_LIMITS,
  type LinkClientOptions,
  type LinkEvents,
  type LinkLimits,
  type LinkState,
} from './client-options.js';
import { encodeConfigLine } from './config.js';
import { type ExchangeOutcome, Exchanger } from './exchanger.js';
import { LineReader } from './line-reader.js';
import { Liveness } from './liveness.js';
import { type Delivery, decodeDutLine, encodeClientLine } from './messages.js';
import { Pause } from './pause.js';
import { SendQueue } from './send-queue.js';

/** Somebody who waits for the link to be configured. */
interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: RigError) => void;
}

export class LinkClient {
  private readonly options: LinkClientOptions;
  private readonly limits: LinkLimits;
  private readonly events: Partial<LinkEvents>;
  private readonly configLine: Uint8Array;
  private readonly queue: SendQueue;
  private readonly exchanger: Exchanger;
  private readonly lines: LineReader;
  private readonly liveness: Liveness;
  private readonly pause: Pause;
  private readonly bringUp: BringUpOptions;
  private waiters: Waiter[] = [];
  private currentState: LinkState = 'down';
  /** The supervisor's loop, once started. */
  private running: Promise<void> | undefined;
  private closed: Promise<void> | undefined;
  /** Why the session is to end at its next opportunity, though nothing has failed. */
  private interruption: RigError | undefined;
  private failure: RigError | undefined;
  /** What the DUT has shown of itself since its last boot. */
  private boot = { spoke: false, stopped: false };
  private silentBoots = 0;
  private stoppedBoots = 0;

  /** Throws `USAGE` when the configuration is wrong. */
  constructor(options: LinkClientOptions) {
    const { clock, ports } = options;
    const limits = { ...LINK_LIMITS, ...options.limits };
    this.options = options;
    this.limits = limits;
    this.events = options.events ?? {};
    this.configLine = encodeConfigLine(options.config);
    this.queue = new SendQueue(limits.queueLines);
    this.exchanger = new Exchanger({
      clock,
      ports,
      waitUs: limits.exchangeWaitUs,
      stallUs: limits.hostStallUs,
    });
    this.lines = new LineReader(
      { onLine: (text) => this.onLine(text), onOverlong: (start) => this.events.onUnknown?.(start) },
      limits.lineBytes,
    );
    this.pause = new Pause(clock);
    this.liveness = new Liveness(clock, limits, () => this.pause.cut());
    this.bringUp = {
      clock,
      ports,
      limits,
      resetPulseUs: options.resetPulseUs ?? DEFAULT_RESET_PULSE,
      pause: this.pause,
      interrupted: () => this.interruption !== undefined,
    };
  }

  get state(): LinkState {
    return this.currentState;
  }

  /** Whether the DUT has its configuration, so that lines go out as they come. */
  get isReady(): boolean {
    return this.currentState === 'configured';
  }

  /** Lines that wait to be given to the DUT. */
  get queuedLines(): number {
    return this.queue.length;
  }

  /**
   * Brings the link up and keeps it up. Resolves when the DUT has been configured for the first time; rejects
   * as `whenConfigured` does, and with `USAGE` when called twice.
   */
  async start(): Promise<void> {
    if (this.running !== undefined) throw new RigError('USAGE', 'The link client has been started already.');
    if (this.closed === undefined) this.running = this.supervise();
    return this.whenConfigured();
  }

  /**
   * Resolves when the DUT has its configuration, at once if it has it now. Rejects with `CLOSED`, or with what
   * made the client give up; both within the client's bounds.
   */
  whenConfigured(): Promise<void> {
    const error = this.ended();
    if (error !== undefined) return Promise.reject(error);
    if (this.isReady) return Promise.resolve();
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject }));
  }

  /**
   * Queues a message, in order, whatever the state of the link. Resolves when the DUT has taken it. Rejects with
   * `USAGE` (a newline inside, too long), `FULL` (too many wait), `CLOSED`, or the failure that made the client
   * give up; and with the failure of an exchange after which nobody can tell whether the DUT has read it.
   */
  async send(text: string, delivery: Delivery = { qos: true, wait: true }): Promise<void> {
    const error = this.ended();
    if (error !== undefined) throw error;
    return this.queue.add(encodeClientLine(text, delivery));
  }

  /** Reboots the DUT and synchronises anew; the queue is kept. Throws `USAGE` on a bench without reset wire. */
  reboot(reason: string): void {
    const error = this.ended();
    if (error !== undefined) throw error;
    if (this.options.ports.reset === undefined) {
      throw new RigError('USAGE', 'The device cannot be rebooted: this bench has no reset wire.');
    }
    this.interrupt(new RigError('CANCELLED', reason));
  }

  /**
   * Ends the link: an exchange under way is finished (or fails within its bound), the own line goes HIGH, the
   * bus lines are released, and whoever waits is rejected with `CLOSED`. Rejects when a port fails meanwhile.
   */
  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private async shutDown(): Promise<void> {
    this.interrupt(closedError());
    try {
      await this.running;
      if (this.running !== undefined && this.failure === undefined) await letGo(this.options.ports);
    } catch (error) {
      if (!isRigError(error, 'CLOSED')) throw error;
    } finally {
      this.rejectAll(closedError());
      if (this.running !== undefined && this.failure === undefined) this.setState('down', 'closed');
    }
  }

  /** One session for each boot of the DUT, until closed or given up. Never rejects but for a listener's throw. */
  private async supervise(): Promise<void> {
    let reason = 'the link starts';
    while (this.closed === undefined) {
      const end = await this.session(reason);
      if (this.closed !== undefined) return;
      const fatal = this.verdict(end);
      if (fatal !== undefined) {
        await this.giveUp(fatal);
        return;
      }
      reason = end.message;
    }
  }

  /** From reset to whatever ends it. */
  private async session(reason: string): Promise<RigError> {
    this.interruption = this.closed === undefined ? undefined : closedError();
    this.boot = { spoke: false, stopped: false };
    try {
      this.setState('rebooting', reason);
      await resetDevice(this.bringUp);
      this.lines.reset();
      this.exchanger.reset();
      await synchronise(this.bringUp);
      if (this.interruption !== undefined) return this.interruption;
      this.setState('synchronised');
      await this.pause.wait('link settle', this.limits.settleUs);
      return await this.exchangeUntilEnd();
    } catch (error) {
      return isRigError(error) ? error : new RigError('BENCH', messageOf(error), { cause: error });
    } finally {
      this.liveness.stop();
    }
  }

  private async exchangeUntilEnd(): Promise<RigError> {
    if (this.interruption !== undefined) return this.interruption;
    const configured = await this.exchange(this.configLine);
    if (!configured.ok) return failureOf(configured);
    this.liveness.start();
    this.setState('configured');
    for (const waiter of this.waiters.splice(0)) waiter.resolve();
    this.receive(configured);
    for (;;) {
      if (this.interruption === undefined) await this.poll();
      const end = this.interruption ?? this.liveness.death;
      if (end !== undefined) return end;
      const outcome = await this.exchange(this.queue.peek()?.payload);
      this.settleLine(outcome);
      if (!outcome.ok) return failureOf(outcome);
      this.receive(outcome);
    }
  }

  private async poll(): Promise<void> {
    const lateness = await this.pause.wait('link poll', this.options.pollUs ?? DEFAULT_POLL);
    if (lateness <= this.limits.hostStallUs) return;
    this.liveness.excuse();
    this.events.onHostStall?.(lateness);
  }

  private async exchange(payload: Uint8Array | undefined): Promise<ExchangeOutcome> {
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

  private receive({ received }: Extract<ExchangeOutcome, { ok: true }>): void {
    if (received !== undefined) this.lines.push(received);
  }

  private onLine(text: string): void {
    const line = decodeDutLine(text);
    if (line.kind === 'unknown') {
      this.events.onUnknown?.(line.line);
      return;
    }
    this.boot.spoke = true;
    if (line.kind !== 'keepalive') this.liveness.progress();
    switch (line.kind) {
      case 'keepalive':
        this.liveness.keepalive();
        break;
      case 'message':
        this.events.onMessage?.(line.text, this.options.clock.now());
        break;
      case 'server':
        this.events.onServer?.(line.up);
        break;
      case 'report':
        this.events.onReport?.(line.report);
        break;
      case 'stopped':
        this.boot.stopped = true;
        // Keepalives end here: their normal bound leads to the reboot, or nothing does.
        if (this.options.onStoppedReboot ?? true) this.liveness.keepalive();
        else this.liveness.stop();
        this.events.onStopped?.(line.reason);
        break;
    }
  }

  /** Whether what ended a session ends the link: undefined when another reboot may help. */
  private verdict(end: RigError): RigError | undefined {
    if (end.code === 'BENCH' || end.code === 'CLOSED' || end.code === 'USAGE') return end;
    if (end.code === 'CANCELLED') return undefined;
    if (this.options.ports.reset === undefined) {
      return wrapped(end, 'The link failed, and this bench has no reset wire to recover it.');
    }
    this.silentBoots = this.boot.spoke ? 0 : this.silentBoots + 1;
    this.stoppedBoots = this.boot.stopped ? this.stoppedBoots + 1 : 0;
    const { failedReboots, stoppedReboots } = this.limits;
    if (this.silentBoots >= failedReboots) {
      return wrapped(end, `The device has not sent a line after ${failedReboots} reboots in a row.`);
    }
    if (this.stoppedBoots >= stoppedReboots) {
      return wrapped(end, `The device has stopped at start-up ${stoppedReboots} times in a row.`);
    }
    return undefined;
  }

  private async giveUp(error: RigError): Promise<void> {
    this.failure = error;
    try {
      await letGo(this.options.ports);
    } catch {
      // The ports may be what has failed; the error to report is the first one.
    }
    this.rejectAll(error);
    this.setState('down', error.message);
    this.events.onFailed?.(error);
  }

  private interrupt(error: RigError): void {
    this.interruption = error;
    this.pause.cut();
  }

  private ended(): RigError | undefined {
    return this.closed === undefined ? this.failure : closedError();
  }

  private rejectAll(error: RigError): void {
    this.queue.rejectAll(error);
    for (const waiter of this.waiters.splice(0)) waiter.reject(error);
  }

  private setState(state: LinkState, reason?: string): void {
    this.currentState = state;
    this.events.onState?.(state, reason);
  }
}

const closedError = (): RigError => new RigError('CLOSED', 'The link client is closed.');

const wrapped = (error: RigError, what: string): RigError =>
  new RigError(error.code, `${what} ${error.message}`, { cause: error });

const uncertain = (error: RigError): RigError =>
  wrapped(error, 'The device may or may not have read this line; it is not sent again.');

function failureOf({ error, hostStallUs }: Extract<ExchangeOutcome, { ok: false }>): RigError {
  if (hostStallUs === undefined) return error;
  return wrapped(error, `The host itself stood still for ${toMs(hostStallUs)} ms during the exchange.`);
}
