/**
 * Payloads through the BSC's FIFOs, in virtual time: where the host comes back soon enough for the bus frequency they
 * arrive whole; where it may not have, the rig says INVALID; wrong bytes are never handed over as good.
 */
import test from 'ava';
import fc from 'fast-check';
import { BscLink } from '../../../drivers/pi/i2c/bsc-link.js';
import { BscPort } from '../../../drivers/pi/i2c/bsc-port.js';
import { highestBusHz } from '../../../drivers/pi/i2c/refill-window.js';
import { isRigError } from '../../../rig/errors.js';
import { us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import type { BscTraits } from '../../fixtures/pigpiod/bsc-peripheral.js';
import { VirtualDaemon } from '../../fixtures/pigpiod/virtual-calls.js';

const ADDRESS = 0x12;
/** One pass of `bscXfer` in the stand-in; it makes a call longer than the two ways to the daemon. */
const PASS_US = 100;

interface Case {
  readonly payload: number[];
  readonly busHz: number;
  /** Ways to the daemon, each used in turn. */
  readonly waysUs: number[];
  readonly traits: BscTraits;
  /** From arming to the first clock. */
  readonly waitUs: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  payload: fc
    .integer({ min: 1, max: 200 })
    .chain((length) => fc.array(fc.integer({ min: 0, max: 255 }), { minLength: length, maxLength: length })),
  busHz: fc.integer({ min: 5_000, max: 400_000 }),
  waysUs: fc.array(fc.integer({ min: 10, max: 1_500 }), { minLength: 1, maxLength: 8 }),
  traits: fc.record({
    prefetch: fc.boolean(),
    breakEmpties: fc.constant('all' as const),
    busyFlags: fc.constantFrom('transfer' as const, 'never' as const),
  }),
  waitUs: fc.integer({ min: 0, max: 5_000 }),
});

const longestGapUs = ({ waysUs }: Case): number => 4 * Math.max(...waysUs) + 2 * PASS_US;

async function withPort(
  { waysUs, traits }: Case,
  body: (port: BscPort, daemon: VirtualDaemon, clock: VirtualClock) => Promise<void>,
): Promise<void> {
  const clock = new VirtualClock();
  let next = 0;
  const daemon = new VirtualDaemon(clock, traits, () => us(waysUs[next++ % waysUs.length] ?? 0));
  await clock.run(async () => {
    const port = new BscPort(await BscLink.open(daemon.connect), clock, { sda: 18, scl: 19 });
    await port.enable(ADDRESS);
    await body(port, daemon, clock);
    await port.close();
  });
}

test('what the controller reads is what was armed, or the next call is INVALID', async (t) => {
  let late = 0;
  await fc.assert(
    fc.asyncProperty(cases, async (example) => {
      const { payload, busHz, waitUs } = example;
      await withPort(example, async (port, daemon, clock) => {
        await port.armTransmit(Uint8Array.from(payload));
        await clock.sleep('device', us(waitUs));
        const read = await daemon.controller.read(ADDRESS, payload.length, { busHz });
        await clock.sleep('device', us(50));
        const error = await port.armReceive(2).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error === undefined) t.deepEqual(read, payload);
        else t.true(isRigError(error, 'INVALID'), String(error));
        if (payload.length <= 16 || busHz < highestBusHz(us(longestGapUs(example)))) t.is(error, undefined);
        late += error === undefined ? 0 : 1;
      });
    }),
    { numRuns: 150 },
  );
  t.true(late > 10, 'the window was missed often enough to say something');
});

test('what is handed over is what the controller wrote, or the call is INVALID', async (t) => {
  let late = 0;
  await fc.assert(
    fc.asyncProperty(cases, async (example) => {
      const { payload, busHz, waitUs } = example;
      await withPort(example, async (port, daemon, clock) => {
        await port.armReceive(payload.length);
        await clock.sleep('device', us(waitUs));
        t.is(await daemon.controller.write(ADDRESS, payload, { busHz }), payload.length);
        const received = await port.received().catch((reason: unknown) => reason);
        if (received instanceof Uint8Array) t.deepEqual([...received], payload);
        else t.true(isRigError(received, 'INVALID'), String(received));
        if (payload.length <= 16 || busHz < highestBusHz(us(longestGapUs(example)))) {
          t.true(received instanceof Uint8Array);
        }
        late += received instanceof Uint8Array ? 0 : 1;
      });
    }),
    { numRuns: 150 },
  );
  t.true(late > 10, 'the window was missed often enough to say something');
});

test('a whole exchange after a late one is not touched by what was left', async (t) => {
  const example: Case = {
    payload: Array.from({ length: 200 }, (_, index) => index),
    busHz: 400_000,
    waysUs: [900],
    traits: { prefetch: true, breakEmpties: 'all', busyFlags: 'never' },
    waitUs: 0,
  };
  await withPort(example, async (port, daemon) => {
    await port.armTransmit(Uint8Array.from(example.payload));
    await daemon.controller.read(ADDRESS, 200, { busHz: 400_000 });
    const error = await t.throwsAsync(port.armReceive(2));
    t.true(isRigError(error, 'INVALID'));
    t.regex(error.message, /transmit FIFO may have run dry.*after \d+\.\d ms at worst.*for \d+ kHz/);
    t.true(daemon.peripheral.underruns > 0);
    await port.armTransmit(Uint8Array.of(1, 2));
    t.deepEqual(await daemon.controller.read(ADDRESS, 2, { busHz: 400_000 }), [1, 2]);
    await port.armReceive(200);
    await daemon.controller.write(ADDRESS, example.payload, { busHz: 20_000 });
    t.deepEqual([...(await port.received())], example.payload);
  });
});

test('a controller that stops early leaves no doubt while the FIFO cannot have run dry', async (t) => {
  const example: Case = {
    payload: [],
    busHz: 100_000,
    waysUs: [50],
    traits: { prefetch: true, breakEmpties: 'all', busyFlags: 'transfer' },
    waitUs: 0,
  };
  await withPort(example, async (port, daemon) => {
    for (const read of [0, 1, 15]) {
      await port.armTransmit(new Uint8Array(100).fill(7));
      if (read > 0) await daemon.controller.read(ADDRESS, read, example);
      await t.notThrowsAsync(port.armReceive(2));
    }
    await port.armTransmit(new Uint8Array(100).fill(7));
    await daemon.controller.read(ADDRESS, 40, example);
    t.true(isRigError(await t.throwsAsync(port.armReceive(2)), 'INVALID'));
    await port.armReceive(100);
    await daemon.controller.write(ADDRESS, [1, 2, 3], example);
    t.deepEqual([...(await port.received())], [1, 2, 3]);
    await daemon.controller.write(ADDRESS, Array(20).fill(4), example);
    t.true(isRigError(await t.throwsAsync(port.received()), 'INVALID'));
  });
});

test('the window is that of 16 bytes of nine bits', (t) => {
  t.is(highestBusHz(us(360)), 400_000);
  t.is(highestBusHz(us(1_440)), 100_000);
  t.is(highestBusHz(us(10_000)), 14_400);
});
