/**
 * The floor of the virtual bench: one exchange, a message each way, with a peer that takes no time at all. What
 * remains is the rig's own share, the latency of the host's edges.
 */
import { RigError } from '../../rig/errors.js';
import { type ActionAnswer, type ResponderAction, responderExchange } from '../../rig/link/exchange.js';
import { Exchanger } from '../../rig/link/exchanger.js';
import type { Level } from '../../rig/ports.js';
import type { DurationUs } from '../../rig/time/units.js';
import { VirtualClock } from '../../rig/time/virtual-clock.js';
import { type BusMirror, VirtualI2cTarget } from './i2c-target.js';
import { VirtualInputLine, VirtualOutputLine } from './lines.js';
import { Wire } from './wire.js';

const PEER = 'peer';
const ADDRESS = 0x12;
const MESSAGE = new TextEncoder().encode('floor\n');

/** Answers an exchange at the very instant of each edge. */
class IdealPeer implements BusMirror {
  private readonly actions = responderExchange({ payload: MESSAGE, holdOff: false });
  private readonly ack: Wire;
  private armed = new Uint8Array(0);
  private wrote: (bytes: Uint8Array) => void = () => undefined;
  private awaited: Level | undefined = 1;

  constructor(syn: Wire, ack: Wire) {
    this.ack = ack;
    ack.drive(PEER, 0);
    syn.onChange((level) => {
      if (level !== this.awaited) return;
      this.awaited = undefined;
      this.advance();
    });
  }

  attach(wrote: (bytes: Uint8Array) => void): void {
    this.wrote = wrote;
  }

  answerAt(): void {
    this.armed = new Uint8Array(0);
  }

  armTransmit(bytes: Uint8Array): void {
    this.armed = new Uint8Array(bytes);
  }

  armReceive(): void {
    this.armed = new Uint8Array(0);
  }

  private advance(): void {
    let answer: ActionAnswer;
    while (this.awaited === undefined) {
      const step = this.actions.next(answer);
      if (step.done === true) return;
      answer = this.perform(step.value);
    }
  }

  private perform(action: ResponderAction): ActionAnswer {
    switch (action.kind) {
      case 'drive':
        this.ack.drive(PEER, action.level);
        return undefined;
      case 'awaitPeer':
        this.awaited = action.level;
        return undefined;
      case 'read':
        return this.armed.subarray(0, action.lengthBytes);
      case 'write':
        this.wrote(action.bytes);
        return undefined;
      case 'delay':
        return undefined;
    }
  }
}

/** Rejects with `BENCH` when the exchange fails, which is a defect of the rig. */
export async function measureVirtualFloor(edgeLatency: DurationUs): Promise<DurationUs> {
  const clock = new VirtualClock();
  const syn = new Wire();
  const ack = new Wire();
  syn.drive('host', 0);
  const peer = new IdealPeer(syn, ack);
  const target = new VirtualI2cTarget(peer);
  peer.attach((bytes) => target.written(bytes));
  const ports = {
    syn: new VirtualOutputLine(syn),
    ack: new VirtualInputLine('ack', ack, clock, edgeLatency),
    i2c: target,
  };
  return await clock.run(async () => {
    await target.enable(ADDRESS);
    const outcome = await new Exchanger({ clock, ports }).exchange(MESSAGE);
    if (!outcome.ok) {
      throw new RigError('BENCH', `The exchange with an ideal peer failed: ${outcome.error.message}`);
    }
    return outcome.durationUs;
  });
}
