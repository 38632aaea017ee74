/**
 * The floor of the virtual bench: one exchange, a message each way, with a peer that takes no time at all. What
 * remains is the rig's own share, the latency of the host's edges.
 */
import { RigError } from '../../rig/errors.js';
import {
  type ActionAnswer,
  type BusAction,
  type CommonAction,
  type ControllerAction,
  type ExchangeMachine,
  initiatorExchange,
  isCommon,
  responderExchange,
  type TargetAction,
} from '../../rig/link/exchange.js';
import { Exchanger } from '../../rig/link/exchanger.js';
import type { BenchPorts, BusRole, Level } from '../../rig/ports.js';
import type { DurationUs } from '../../rig/time/units.js';
import { VirtualClock } from '../../rig/time/virtual-clock.js';
import { VirtualI2cController } from './i2c-controller.js';
import { VirtualI2cTarget } from './i2c-target.js';
import { VirtualInputLine, VirtualOutputLine } from './lines.js';
import { Wire } from './wire.js';

const PEER = 'peer';
const MESSAGE = new TextEncoder().encode('floor\n');
const NO_BYTES = new Uint8Array(0);

/** Plays its part of an exchange at the very instant of each edge. */
class IdealPeer<OnBus extends BusAction> {
  private readonly machine: ExchangeMachine<OnBus>;
  private readonly ack: Wire;
  private readonly onBus: (action: OnBus) => ActionAnswer;
  private awaited: Level | undefined = 1;

  constructor({ syn, ack }: Wires, machine: ExchangeMachine<OnBus>, onBus: (action: OnBus) => ActionAnswer) {
    this.machine = machine;
    this.ack = ack;
    this.onBus = onBus;
    ack.drive(PEER, 0);
    syn.onChange((level) => {
      if (level === this.awaited) this.goOn();
    });
  }

  /** Does whatever comes before the next wait; at first, as one that starts the exchange. */
  goOn(): void {
    this.awaited = undefined;
    let answer: ActionAnswer;
    while (this.awaited === undefined) {
      const step = this.machine.next(answer);
      if (step.done === true) return;
      answer = isCommon(step.value) ? this.perform(step.value) : this.onBus(step.value);
    }
  }

  private perform(action: CommonAction): undefined {
    if (action.kind === 'drive') this.ack.drive(PEER, action.level);
    if (action.kind === 'awaitPeer') this.awaited = action.level;
  }
}

interface Wires {
  readonly syn: Wire;
  readonly ack: Wire;
}

/** The host's end of the bus, and what makes its peer start the exchange where that is the peer's part. */
interface IdealBus {
  readonly i2c: BenchPorts['i2c'];
  start(): void;
}

/** The peer clocks the bus in no time. */
function targetWithIdealPeer(wires: Wires): IdealBus {
  let armed = NO_BYTES;
  const i2c = new VirtualI2cTarget({
    answerAt: () => undefined,
    armTransmit: (bytes) => {
      armed = new Uint8Array(bytes);
    },
    armReceive: () => undefined,
  });
  new IdealPeer(
    wires,
    responderExchange({ payload: MESSAGE, holdOff: false }),
    (action: ControllerAction) => {
      if (action.kind === 'read') return armed.subarray(0, action.lengthBytes);
      if (action.kind === 'write') i2c.written(action.bytes);
      return undefined;
    },
  );
  return { i2c, start: () => undefined };
}

/** The bus takes no time: how fast it is clocked is the bench's share, not the rig's. */
function controllerWithIdealPeer(wires: Wires, clock: VirtualClock): IdealBus {
  let armed = NO_BYTES;
  let written = NO_BYTES;
  const i2c = new VirtualI2cController(
    clock,
    {
      answersAt: () => true,
      readTarget: async () => ({ bytes: armed }),
      writeTarget: async (_address, bytes) => {
        written = new Uint8Array(bytes);
        return { acknowledged: bytes.length };
      },
    },
    { hertz: Number.POSITIVE_INFINITY },
  );
  const request = { payload: MESSAGE, holdOff: false, peerCanAccept: true };
  const peer = new IdealPeer(wires, initiatorExchange(request), (action: TargetAction) => {
    if (action.kind === 'armTransmit') armed = new Uint8Array(action.bytes);
    return action.kind === 'fetch' ? written : undefined;
  });
  return { i2c, start: () => peer.goOn() };
}

/** `role`: what the host is on the bus. Rejects with `BENCH` when the exchange fails, which is a defect of the rig. */
export async function measureVirtualFloor(
  edgeLatency: DurationUs,
  role: BusRole = 'target',
): Promise<DurationUs> {
  const clock = new VirtualClock();
  const wires = { syn: new Wire(), ack: new Wire() };
  wires.syn.drive('host', 0);
  const { i2c, start } =
    role === 'target' ? targetWithIdealPeer(wires) : controllerWithIdealPeer(wires, clock);
  const ports = {
    syn: new VirtualOutputLine(wires.syn),
    ack: new VirtualInputLine('ack', wires.ack, clock, edgeLatency),
    i2c,
  };
  return await clock.run(async () => {
    const exchanger = new Exchanger({ clock, ports, settleUs: edgeLatency, pollUs: edgeLatency });
    await exchanger.join();
    const turn = exchanger.nextTurn(true);
    start();
    await turn;
    const outcome = await exchanger.exchange(MESSAGE);
    if (!outcome.ok) {
      throw new RigError('BENCH', `The exchange with an ideal peer failed: ${outcome.error.message}`);
    }
    return outcome.durationUs;
  });
}
