/**
 * The client of the link, supervised (docs/protocol.md §2, §4): keeps one session with the DUT after the other,
 * reboots it when it dies, and gives up when that does not help. What happens to a line when the link fails is
 * told in `session.ts`.
 */
import { isRigError, messageOf, RigError } from '../errors.js';
import { LINK_LIMITS, type LinkClientOptions, type LinkLimits, type LinkState } from './client-options.js';
import type { LinkConfig } from './config.js';
import { Hold } from './hold.js';
import { type Delivery, encodeClientLine } from './messages.js';
import { SendQueue } from './send-queue.js';
import { Session, type SessionEnd, wrapped } from './session.js';

/** Somebody who waits for the link to be configured. */
interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: RigError) => void;
}

export class LinkClient {
  private readonly options: LinkClientOptions;
  private readonly limits: LinkLimits;
  private readonly queue: SendQueue;
  private readonly session: Session;
  private waiters: Waiter[] = [];
  private currentState: LinkState = 'down';
  /** The supervisor's loop, once started. */
  private running: Promise<void> | undefined;
  private closed: Promise<void> | undefined;
  private failure: RigError | undefined;
  /** Somebody else who wants the device, or has it. */
  private holder: Hold | undefined;
  private silentBoots = 0;
  private stoppedBoots = 0;

  /** Throws `USAGE` when the configuration is wrong. */
  constructor(options: LinkClientOptions) {
    this.options = options;
    this.limits = { ...LINK_LIMITS, ...options.limits };
    this.queue = new SendQueue(this.limits.queueLines);
    this.session = new Session({
      client: options,
      limits: this.limits,
      queue: this.queue,
      onState: (state, reason) => this.setState(state, reason),
    });
  }

  get state(): LinkState {
    return this.currentState;
  }

  /** Whether the DUT has its configuration, so that lines go out as they come. */
  get isReady(): boolean {
    return this.currentState === 'configured';
  }

  /**
   * Brings the link up and keeps it up. Resolves when the DUT has been configured for the first time; rejects
   * as `whenConfigured` does, and with `USAGE` when called twice.
   */
  async start(): Promise<void> {
    if (this.running !== undefined) throw new RigError('USAGE', 'The link client has been started already.');
    if (this.closed === undefined) {
      this.running = this.supervise();
      // It rejects only with what a listener throws while the client gives up; that comes out of `close`.
      this.running.catch(() => undefined);
    }
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
   * `USAGE` (empty, a newline inside, too long), `FULL` (too many wait), `CLOSED`, or the failure that made the client
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
    this.session.interrupt(new RigError('CANCELLED', reason));
  }

  /** What the DUT is told from its next start on. Throws `USAGE` when it is wrong. */
  useConfig(config: LinkConfig): void {
    this.session.useConfig(config);
  }

  /**
   * Leaves the device to somebody else, who talks with it over its console, say: the session under way is ended, and no
   * other begins until the function that this resolves with is called. Then the device is rebooted. What is sent meanwhile
   * waits. Rejects as `whenConfigured` does, and with `USAGE` while somebody else has the device.
   */
  async hold(reason: string): Promise<() => void> {
    const error = this.ended();
    if (error !== undefined) throw error;
    if (this.running === undefined || this.holder !== undefined) {
      throw new RigError('USAGE', 'The link client has not been started, or the device is held already.');
    }
    const holder = new Hold();
    this.holder = holder;
    this.session.interrupt(new RigError('CANCELLED', reason));
    await holder.begun;
    return () => holder.end();
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
    this.session.interrupt(closedError());
    this.holder?.refuse(closedError());
    try {
      await this.running;
      if (this.running !== undefined && this.failure === undefined) await this.session.letGo();
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
      const end = await this.session.run(reason);
      if (this.closed !== undefined) return;
      const fatal = this.verdict(end) ?? (await this.standAside());
      if (fatal !== undefined) {
        await this.giveUp(fatal);
        return;
      }
      reason = end.error.message;
    }
  }

  /** Lets go of the device for as long as somebody else wants it; resolves with why the link ends because of that. */
  private async standAside(): Promise<RigError | undefined> {
    const { holder } = this;
    if (holder === undefined) return undefined;
    try {
      await this.session.standAside();
    } catch (error) {
      return isRigError(error) ? error : new RigError('BENCH', messageOf(error), { cause: error });
    }
    holder.begin();
    await holder.over;
    this.holder = undefined;
    return undefined;
  }

  /** Whether what ended a session ends the link: undefined when another reboot may help. */
  private verdict({ error, spoke, stopped }: SessionEnd): RigError | undefined {
    const { code } = error;
    if (code === 'BENCH' || code === 'CLOSED' || code === 'USAGE') return error;
    if (code === 'CANCELLED') return undefined;
    if (this.options.ports.reset === undefined) {
      return wrapped(error, 'The link failed, and this bench has no reset wire to recover it.');
    }
    this.silentBoots = spoke ? 0 : this.silentBoots + 1;
    this.stoppedBoots = stopped ? this.stoppedBoots + 1 : 0;
    const { failedReboots, stoppedReboots } = this.limits;
    if (this.silentBoots >= failedReboots) {
      return wrapped(error, `The device has not sent a line after ${failedReboots} reboots in a row.`);
    }
    if (this.stoppedBoots >= stoppedReboots) {
      return wrapped(error, `The device has stopped at start-up ${stoppedReboots} times in a row.`);
    }
    return undefined;
  }

  private async giveUp(error: RigError): Promise<void> {
    this.failure = error;
    this.holder?.refuse(error);
    try {
      await this.session.letGo();
    } catch {
      // The ports may be what has failed; the error to report is the first one.
    }
    this.rejectAll(error);
    this.setState('down', error.message);
    this.options.events?.onFailed?.(error);
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
    this.options.events?.onState?.(state, reason);
    if (state !== 'configured') return;
    for (const waiter of this.waiters.splice(0)) waiter.resolve();
  }
}

const closedError = (): RigError => new RigError('CLOSED', 'The link client is closed.');
