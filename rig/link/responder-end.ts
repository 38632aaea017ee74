/**
 * The host as Responder: the device starts each exchange, and the host is I2C controller in it. The device's waits are
 * bounded by a second, so a host that stands still for longer makes it give up: what is reported then is the stall.
 */
import { RigError } from '../errors.js';
import type { I2cController } from '../ports.js';
import { type DurationUs, elapsed, type InstantUs, later, ms, ORIGIN, toMs, us } from '../time/units.js';
import {
  type ActionAnswer,
  type ControllerAction,
  type ExchangeResult,
  type InitiatorRequest,
  responderExchange,
} from './exchange.js';
import type { LinkEnd, LinkEndOptions, RunExchange } from './link-end.js';

/** A wait for the device is made of pieces of this, so that it can be interrupted and the host's stalls show. */
const WAIT_PIECE: DurationUs = ms(100);

export class ResponderEnd implements LinkEnd {
  private readonly i2c: I2cController;
  private readonly options: LinkEndOptions;

  constructor(i2c: I2cController, options: LinkEndOptions) {
    this.i2c = i2c;
    this.options = options;
  }

  /** A controller touches the bus lines in transfers only. */
  async join(): Promise<void> {}

  async leave(): Promise<void> {}

  /** Rejects with `TIMEOUT` when the device starts no exchange for too long. */
  async nextTurn(first: boolean): Promise<void> {
    const { peer, settleUs, silenceUs, interrupted } = this.options;
    // What the device did to synchronise starts no exchange.
    if (first) peer.discard();
    const boundUs = first ? us(settleUs + silenceUs) : silenceUs;
    let silentUs = 0;
    while (!interrupted()) {
      const piece = await this.waitPiece();
      if (piece === 'started') return;
      // After a stall, what the device did meanwhile may be still on its way here.
      silentUs = piece === 'stalled' ? 0 : silentUs + WAIT_PIECE;
      if (silentUs >= boundUs) throw neverStarted(boundUs);
    }
  }

  startUs(): InstantUs {
    return this.options.peer.lastEdgeUs ?? ORIGIN;
  }

  exchange(request: InitiatorRequest, run: RunExchange): Promise<ExchangeResult> {
    // The host reads every payload as it comes.
    const machine = responderExchange({ ...request, readsAtOnce: true });
    return run(machine, (action) => this.onBus(action));
  }

  private async waitPiece(): Promise<'started' | 'silent' | 'stalled'> {
    const { clock, peer, stallUs, onStall } = this.options;
    const dueUs = later(clock.now(), WAIT_PIECE);
    const startUs = await peer.exchangeStart(WAIT_PIECE);
    // Late since the device moved its line, and late against the own timer: not every driver knows the former.
    const lateUs = us(Math.max(elapsed(startUs ?? dueUs, clock.now()), elapsed(dueUs, clock.now())));
    if (lateUs > stallUs) onStall(lateUs);
    if (startUs !== undefined) return 'started';
    return lateUs > stallUs ? 'stalled' : 'silent';
  }

  private async onBus(action: ControllerAction): Promise<ActionAnswer> {
    const { address } = this.options;
    switch (action.kind) {
      case 'delay':
        await this.delay(action.duration);
        return undefined;
      case 'read':
        return this.i2c.read(address, action.lengthBytes);
      case 'write':
        await this.i2c.write(address, action.bytes);
        return undefined;
    }
  }

  /** From the device's edge, which is some time past when this program hears of it. */
  private async delay(duration: DurationUs): Promise<void> {
    const { clock } = this.options;
    const leftUs = elapsed(clock.now(), later(this.startUs(), duration));
    if (leftUs > 0) await clock.sleep('link responder delay', leftUs);
  }
}

const neverStarted = (boundUs: DurationUs): RigError =>
  new RigError('TIMEOUT', `The device has not started an exchange for ${toMs(boundUs)} ms.`);
