/** The BSC driver and its daemon: what is switched off when, what happens when either side dies, and who is refused. */
import { createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { Opened } from '../../../drivers/pi/device.js';
import type { BscTarget } from '../../../drivers/pi/i2c/bsc-port.js';
import { openBscTarget } from '../../../drivers/pi/i2c/bsc-target.js';
import type { PiModel } from '../../../drivers/pi/pi-model.js';
import { isRigError } from '../../../rig/errors.js';
import type { Clock, Timer } from '../../../rig/time/clock.js';
import { sleepOn } from '../../../rig/time/sleep.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { type DurationUs, type InstantUs, later, ms, seconds } from '../../../rig/time/units.js';
import { ALT3, INPUT } from '../../fixtures/pigpiod/bsc-xfer.js';
import { FakePigpiod, type FakePigpiodOptions, PI_3B, PI_4B } from '../../fixtures/pigpiod/fake-pigpiod.js';

const ADDRESS = 0x12;
const busHz = 400_000;

/** The system's clock, with a way to let a wait of seconds be over. */
class SkippingClock implements Clock {
  private readonly system = new SystemClock();
  private readonly timers = new Set<{ readonly dueUs: InstantUs; readonly timer: Timer; run(): void }>();

  now() {
    return this.system.now();
  }

  at(name: string, dueUs: InstantUs, callback: () => void): Timer {
    const run = () => {
      entry.timer.cancel();
      this.timers.delete(entry);
      callback();
    };
    const entry = { dueUs, timer: this.system.at(name, dueUs, run), run };
    this.timers.add(entry);
    const cancel = () => {
      entry.timer.cancel();
      this.timers.delete(entry);
    };
    return { name, dueUs, cancel };
  }

  /** What is due within `duration` happens now. */
  skip(duration: DurationUs): void {
    const untilUs = later(this.now(), duration);
    for (const { dueUs, run } of [...this.timers]) if (dueUs <= untilUs) run();
  }

  sleep(...args: Parameters<Clock['sleep']>) {
    return sleepOn(this, ...args);
  }

  pending() {
    return this.system.pending();
  }
}

interface Bench {
  readonly daemon: FakePigpiod;
  readonly clock: Clock;
  open(model?: PiModel): Promise<Opened<BscTarget>>;
}

async function withDaemon(
  options: FakePigpiodOptions,
  body: (bench: Bench) => Promise<void>,
  clock: Clock = new SystemClock(),
): Promise<void> {
  const daemon = await FakePigpiod.start(new SystemClock(), options);
  const opened: Opened<BscTarget>[] = [];
  try {
    await body({
      daemon,
      clock,
      open: async (model) => {
        const target = await openBscTarget({ host: '127.0.0.1', port: daemon.port }, clock, model);
        opened.push(target);
        return target;
      },
    });
  } finally {
    for (const target of opened) await target.close().catch(() => undefined);
    await daemon.close();
  }
}

async function rejects(
  t: ExecutionContext,
  promise: Promise<unknown>,
  code: 'BENCH' | 'CLOSED',
  says: RegExp,
) {
  const error = await t.throwsAsync(promise);
  t.true(isRigError(error, code), String(error));
  t.regex(String(error), says);
}

test('the lines are the peripheral’s from enable to disable, and to close', (t) =>
  withDaemon({}, async ({ daemon, open }) => {
    const lines = () => [18, 19].map((pin) => daemon.pinMode(pin));
    const target = await open();
    t.deepEqual(target.pins, { sda: 18, scl: 19 });
    t.deepEqual(lines(), [INPUT, INPUT]);
    await target.enable(ADDRESS);
    t.deepEqual(lines(), [ALT3, ALT3]);
    await target.disable();
    t.deepEqual(lines(), [INPUT, INPUT]);
    await target.enable(ADDRESS);
    await target.close();
    await target.close();
    t.deepEqual(lines(), [INPUT, INPUT]);
  }));

test('a peripheral that an earlier run left on is switched off when it is opened', (t) =>
  withDaemon({}, async ({ daemon, open }) => {
    await (await open()).enable(ADDRESS);
    t.is((await daemon.controller.read(ADDRESS, 1, { busHz }))?.length, 1);
    const target = await open();
    t.is(await daemon.controller.read(ADDRESS, 1, { busHz }), undefined);
    await target.enable(ADDRESS);
    await target.armTransmit(Uint8Array.of(1, 2, 3));
    t.deepEqual(await daemon.controller.read(ADDRESS, 3, { busHz }), [1, 2, 3]);
  }));

test('disabled while it is being enabled, it is off', (t) =>
  withDaemon({}, async ({ daemon, clock, open }) => {
    const target = await open();
    const enabling = target.enable(ADDRESS);
    await clock.sleep('host', ms(2));
    await target.disable();
    // It may have been disturbed, and say so.
    await enabling.catch(() => undefined);
    t.is(daemon.pinMode(18), INPUT);
    await rejects(t, target.armReceive(1), 'BENCH', /not enabled/);
    t.is(daemon.pinMode(18), INPUT);
  }));

test('a controller that dies in the middle of a read does not keep the bus', (t) =>
  withDaemon({ traits: { prefetch: true } }, async ({ daemon, clock, open }) => {
    const target = await open();
    for (let round = 0; round < 2; round += 1) {
      await target.enable(ADDRESS);
      await target.armTransmit(new Uint8Array(200).fill(9));
      void daemon.controller.read(ADDRESS, 200, { busHz, diesAfterBytes: 40 });
      await clock.sleep('device', ms(20));
      await target.disable();
      t.is(daemon.pinMode(18), INPUT);
    }
    await target.enable(ADDRESS);
    await target.armTransmit(Uint8Array.of(1, 2, 3));
    t.deepEqual(await daemon.controller.read(ADDRESS, 3, { busHz }), [1, 2, 3]);
  }));

test('a controller that dies in the middle of a write holds nobody up who closes', (t) =>
  withDaemon({}, async ({ daemon, clock, open }) => {
    const target = await open();
    await target.enable(ADDRESS);
    await target.armReceive(10);
    void daemon.controller.write(ADDRESS, new Array(10).fill(1), { busHz, diesAfterBytes: 5 });
    await clock.sleep('device', ms(5));
    const waiting = [target.received(), target.armTransmit(Uint8Array.of(1)), target.armReceive(1)];
    const closed = waiting.map((wait) => rejects(t, wait, 'CLOSED', /closed/));
    await clock.sleep('host', ms(5));
    await target.close();
    await Promise.all(closed);
    t.is(daemon.pinMode(18), INPUT);
  }));

test('a daemon that dies is BENCH, and enabling finds it again', (t) =>
  withDaemon({}, async ({ daemon, open }) => {
    const target = await open();
    await target.enable(ADDRESS);
    await target.armTransmit(new Uint8Array(100));
    await daemon.stop();
    await rejects(t, target.armReceive(2), 'BENCH', /pigpiod at 127\.0\.0\.1:\d+/);
    await rejects(t, target.received(), 'BENCH', /pigpiod at/);
    await rejects(t, target.disable(), 'BENCH', /does not run: .*systemctl enable --now pigpiod/);
    await daemon.restart();
    await target.enable(ADDRESS);
    await target.armTransmit(Uint8Array.of(4, 5));
    t.deepEqual(await daemon.controller.read(ADDRESS, 2, { busHz }), [4, 5]);
  }));

test('a target that cannot be switched off does not close quietly', (t) =>
  withDaemon({}, async ({ daemon, open }) => {
    const target = await open();
    await target.enable(ADDRESS);
    await daemon.stop();
    await rejects(t, target.close(), 'BENCH', /pigpiod at/);
    await rejects(t, target.close(), 'BENCH', /pigpiod at/);
  }));

test('a daemon that does not answer is BENCH', async (t) => {
  const clock = new SkippingClock();
  await withDaemon(
    {},
    async ({ daemon, open }) => {
      const target = await open();
      await target.enable(ADDRESS);
      daemon.isMute = true;
      const waiting = rejects(t, target.armReceive(2), 'BENCH', /did not answer within 3 s/);
      await clock.sleep('host', ms(5));
      clock.skip(seconds(2.9));
      t.is(clock.pending().length, 1);
      clock.skip(seconds(3));
      await waiting;
      t.deepEqual(clock.pending(), []);
    },
    clock,
  );
});

for (const [what, traits, says] of [
  ['FIFOs', { breakEmpties: 'nothing' }, /1 bytes stay in the transmit FIFO.*pigpio#295/],
  ['shift register', { breakEmpties: 'fifos', prefetch: true }, /stays in the shift register.*pigpio#295/],
] as const) {
  test(`a BSC whose ${what} cannot be emptied is refused, because stale bytes would shift every reply`, (t) =>
    withDaemon({ traits }, async ({ open }) => {
      const target = await open();
      await rejects(t, target.enable(ADDRESS), 'BENCH', says);
      await rejects(t, target.armReceive(1), 'BENCH', /not enabled/);
    }));
}

test('a Pi 4 has other pins, and needs a pigpio that knows them', async (t) => {
  await withDaemon({ revision: PI_4B }, async ({ daemon, open }) => {
    const target = await open();
    t.deepEqual(target.pins, { sda: 10, scl: 11 });
    await target.enable(ADDRESS);
    t.is(daemon.pinMode(10), ALT3);
  });
  await withDaemon({ revision: PI_4B, version: 71 }, ({ open }) =>
    rejects(t, open(), 'BENCH', /pigpiod 71 .*Raspberry Pi 4: upgrade pigpio to 75/),
  );
  await withDaemon({ revision: PI_3B, version: 71 }, async ({ open }) => {
    await t.notThrowsAsync(open());
  });
  // Revision codes of before the Pi 2 have no processor in them.
  await withDaemon({ revision: 0x0010 }, async ({ open }) => {
    t.deepEqual((await open()).pins, { sda: 18, scl: 19 });
  });
});

test('a Pi 5 is refused with the reason, by its model or by its revision', async (t) => {
  const pi5 = { name: 'Raspberry Pi 5 Model B Rev 1.0', soc: 'bcm2712' } as const;
  const opening = openBscTarget({ host: 'localhost', port: 1 }, new SystemClock(), pi5);
  await rejects(t, opening, 'BENCH', /Raspberry Pi 5 Model B Rev 1.0 has no BSC slave.*pigpio#589/);
  await withDaemon({ revision: 0xd04170 }, ({ open }) =>
    rejects(t, open(), 'BENCH', /A Raspberry Pi 5.*pigpio#589/),
  );
  await withDaemon({}, async ({ open }) => {
    await t.notThrowsAsync(open({ name: 'Raspberry Pi 4 Model B Rev 1.5', soc: 'bcm2711' }));
  });
});

test('a pin that something else has is BENCH, and says what to turn off', (t) =>
  withDaemon({ revision: PI_4B }, async ({ daemon, open }) => {
    daemon.pinModes.set(11, 4);
    await rejects(t, open(), 'BENCH', /GPIO11.*is ALT0.*dtparam=spi=off/);
  }));

test('a daemon that is not there is BENCH, with the line that starts it', async (t) => {
  const clock = new SystemClock();
  const daemon = await FakePigpiod.start(clock);
  await daemon.close();
  const opening = openBscTarget({ host: '127.0.0.1', port: daemon.port }, clock);
  await rejects(t, opening, 'BENCH', /pigpiod at .*systemctl enable --now pigpiod/);
  t.deepEqual(clock.pending(), []);
});

test('something else on that port is BENCH', async (t) => {
  const server = createServer((socket) => void socket.end('220 mail.example ESMTP ready, and waiting\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const opening = openBscTarget({ host: '127.0.0.1', port }, new SystemClock());
  await rejects(t, opening, 'BENCH', /does not speak as pigpiod does/);
  server.close();
});

test('what does not fit a call is USAGE', (t) =>
  withDaemon({}, async ({ open }) => {
    const target = await open();
    await target.enable(ADDRESS);
    t.true(isRigError(await t.throwsAsync(target.armTransmit(new Uint8Array(513))), 'USAGE'));
    t.true(isRigError(await t.throwsAsync(target.armReceive(-1)), 'USAGE'));
  }));

test('200 bytes each way over the socket, in real time, arrive whole or are INVALID', (t) =>
  withDaemon({ traits: { busyFlags: 'never' } }, async ({ daemon, open }) => {
    const payload = Array.from({ length: 200 }, (_, index) => (index * 7) & 0xff);
    const target = await open();
    await target.enable(ADDRESS);
    await target.armTransmit(Uint8Array.from(payload));
    const read = await daemon.controller.read(ADDRESS, 200, { busHz: 20_000 });
    const armed = await target.armReceive(200).catch((error: unknown) => error);
    if (armed === undefined) {
      t.deepEqual(read, payload);
      await daemon.controller.write(ADDRESS, payload, { busHz: 20_000 });
      const received = await target.received().catch((error: unknown) => error);
      if (received instanceof Uint8Array) t.deepEqual([...received], payload);
      else t.true(isRigError(received, 'INVALID'), String(received));
    } else t.true(isRigError(armed, 'INVALID'), String(armed));
  }));
