/** Whole exchanges of the link over the BSC driver, with a device at the other end that clocks a simulated bus. */
import test from 'ava';
import { BscLink } from '../../../drivers/pi/i2c/bsc-link.js';
import { BscPort } from '../../../drivers/pi/i2c/bsc-port.js';
import { isRigError } from '../../../rig/errors.js';
import {
  type ActionAnswer,
  type CommonAction,
  type ControllerAction,
  type ExchangeResult,
  responderExchange,
} from '../../../rig/link/exchange.js';
import { Exchanger, LINK_I2C_ADDRESS } from '../../../rig/link/exchanger.js';
import type { Level } from '../../../rig/ports.js';
import { ms, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { FakeInputLine, FakeOutputLine } from '../../fixtures/link/wires.js';
import { usualTraits } from '../../fixtures/pigpiod/bsc-peripheral.js';
import { VirtualDaemon } from '../../fixtures/pigpiod/virtual-calls.js';

/** The device: the Responder's machine, its pins, and the bus that it clocks. */
class Device {
  readonly syn = new FakeOutputLine((level) => this.onSyn(level));
  readonly ack: FakeInputLine;
  private readonly clock: VirtualClock;
  private readonly daemon: VirtualDaemon;
  private readonly busHz: number;
  private waiting: { readonly level: Level; resolve(): void } | undefined;

  constructor(clock: VirtualClock, daemon: VirtualDaemon, busHz: number) {
    this.clock = clock;
    this.daemon = daemon;
    this.busHz = busHz;
    this.ack = new FakeInputLine(clock);
    this.ack.set(0);
  }

  /** Answers one exchange with `payload`. */
  async respond(payload: Uint8Array): Promise<ExchangeResult> {
    const machine = responderExchange({ payload, holdOff: false, readsAtOnce: true });
    await this.until(1);
    let next = machine.next();
    while (next.done !== true) next = machine.next(await this.perform(next.value));
    return next.value;
  }

  private async perform(action: CommonAction | ControllerAction): Promise<ActionAnswer> {
    const { clock, daemon, busHz } = this;
    switch (action.kind) {
      case 'drive':
        this.ack.set(action.level);
        return undefined;
      case 'awaitPeer':
        await this.until(action.level);
        return undefined;
      case 'delay':
        await clock.sleep('device', action.duration);
        return undefined;
      case 'read': {
        const read = await daemon.controller.read(LINK_I2C_ADDRESS, action.lengthBytes, { busHz });
        return Uint8Array.from(read ?? []);
      }
      case 'write':
        await daemon.controller.write(LINK_I2C_ADDRESS, [...action.bytes], { busHz });
        return undefined;
      default:
        return undefined;
    }
  }

  private until(level: Level): Promise<void> {
    if (this.syn.level === level) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting = { level, resolve };
    });
  }

  private onSyn(level: Level): void {
    if (this.waiting?.level === level) this.waiting.resolve();
  }
}

const up = Uint8Array.from({ length: 200 }, (_, index) => index);
const down = Uint8Array.from({ length: 200 }, (_, index) => 255 - index);

/** One link at that bus frequency; a message to the daemon takes `oneWayUs`. */
async function withLink(
  busHz: number,
  oneWayUs: number,
  body: (exchanger: Exchanger, device: Device, clock: VirtualClock) => Promise<void>,
): Promise<void> {
  const clock = new VirtualClock();
  const daemon = new VirtualDaemon(clock, { ...usualTraits, prefetch: true }, () => us(oneWayUs));
  await clock.run(async () => {
    const i2c = new BscPort(await BscLink.open(daemon.connect), clock, { sda: 18, scl: 19 });
    const device = new Device(clock, daemon, busHz);
    await device.syn.write(0);
    const exchanger = new Exchanger({ clock, ports: { syn: device.syn, ack: device.ack, i2c } });
    await exchanger.join();
    await body(exchanger, device, clock);
    await exchanger.leave();
    await i2c.close();
  });
}

test('payloads of 200 bytes go both ways, exchange after exchange, on a bus that is slow enough', (t) =>
  withLink(20_000, 300, async (exchanger, device, clock) => {
    for (let round = 0; round < 5; round += 1) {
      const [outcome, result] = await Promise.all([exchanger.exchange(up), device.respond(down)]);
      t.true(outcome.ok);
      t.deepEqual(outcome.ok && outcome.received, down);
      t.is(outcome.payload, 'taken');
      t.deepEqual(result.received, up);
      await clock.sleep('poll', ms(100));
    }
  }));

test('on a bus that is too fast the exchange is INVALID, with what to do about it', (t) =>
  withLink(400_000, 2_000, async (exchanger, device) => {
    device.respond(down).catch(() => undefined);
    const outcome = await exchanger.exchange(up);
    t.false(outcome.ok);
    if (outcome.ok) return;
    t.true(isRigError(outcome.error, 'INVALID'), String(outcome.error));
    t.regex(outcome.error.message, /Lower the bus frequency \(link\.i2c\.hz/);
  }));
