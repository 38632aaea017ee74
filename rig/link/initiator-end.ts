/** The host as Initiator: it starts each exchange, and is I2C target in it. */
import type { I2cTarget } from '../ports.js';
import type { InstantUs } from '../time/units.js';
import {
  type ActionAnswer,
  type ExchangeResult,
  type InitiatorRequest,
  initiatorExchange,
  type TargetAction,
} from './exchange.js';
import type { LinkEnd, LinkEndOptions, RunExchange } from './link-end.js';

export class InitiatorEnd implements LinkEnd {
  private readonly i2c: I2cTarget;
  private readonly options: LinkEndOptions;

  constructor(i2c: I2cTarget, options: LinkEndOptions) {
    this.i2c = i2c;
    this.options = options;
  }

  join(): Promise<void> {
    return this.i2c.enable(this.options.address);
  }

  leave(): Promise<void> {
    return this.i2c.disable();
  }

  async nextTurn(first: boolean): Promise<void> {
    const { pause, settleUs, pollUs, stallUs, onStall } = this.options;
    const lateUs = first ? await pause.wait('link settle', settleUs) : await pause.wait('link poll', pollUs);
    if (lateUs > stallUs) onStall(lateUs);
  }

  startUs(): InstantUs {
    return this.options.clock.now();
  }

  exchange(request: InitiatorRequest, run: RunExchange): Promise<ExchangeResult> {
    this.options.peer.discard();
    return run(initiatorExchange(request), (action) => this.onBus(action));
  }

  private async onBus(action: TargetAction): Promise<ActionAnswer> {
    switch (action.kind) {
      case 'armTransmit':
        await this.i2c.armTransmit(action.bytes);
        return undefined;
      case 'armReceive':
        await this.i2c.armReceive(action.lengthBytes);
        return undefined;
      case 'fetch':
        return this.i2c.received();
    }
  }
}
