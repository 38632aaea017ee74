/** The reset pin with its interlock: what it does about a bus that is not free, and when it refuses. */
import test, { type ExecutionContext } from 'ava';
import { strapLines } from '../../../drivers/pi/bus-straps.js';
import { isRigError, RigError } from '../../../rig/errors.js';
import { ms, us } from '../../../rig/time/units.js';
import { countStops, holdSda } from './fake-bus.js';
import { FakeResetBench, plainReset, strappedReset } from './fake-reset.js';

const PULSE = ms(200);

async function refused(t: ExecutionContext, press: Promise<void>, message: RegExp): Promise<void> {
  const error = await t.throwsAsync(press);
  t.true(isRigError(error, 'BENCH'));
  t.regex(error?.message ?? '', message);
}

test('a bus line is held from its pull to its release, and reset can be let go of meanwhile', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(strappedReset);
    if (strappedReset.straps === undefined) return t.fail();
    const bus = strapLines(strappedReset.straps, bench.openLine);
    t.deepEqual([await bus.scl.read(), await bus.sda.read()], [1, 1]);
    t.is(bench.kernel.openDescriptors, 1, 'open only while it is read');
    await bus.scl.pull();
    t.deepEqual([await bus.scl.read(), bench.bus.scl.level, bench.bus.sda.level], [0, 0, 1]);
    const press = reset.press(PULSE);
    await bench.clock.sleep('pulse', ms(50));
    await reset.release();
    t.is(bench.pin.level, 1, 'with SCL low');
    await press;
    await bus.scl.release();
    t.is(bench.bus.scl.level, 1);
    await reset.press(PULSE);
    await bus.sda.pull();
    await bus.close();
    t.is(bench.bus.sda.level, 1);
    await reset.close();
    t.is(bench.kernel.openDescriptors, 0);
  });
});

test('with both bus lines high a press releases reset, and leaves the bus alone', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(strappedReset);
    let changes = 0;
    for (const wire of [bench.bus.scl, bench.bus.sda]) {
      wire.onChange(() => {
        changes += 1;
      });
    }
    await reset.press(PULSE);
    t.is(bench.pin.level, 1);
    t.is(changes, 0);
    t.is(bench.kernel.openDescriptors, 1, 'the straps are not held');
    await reset.close();
    t.is(bench.kernel.openDescriptors, 0);
  });
});

for (const clocks of [1, 9, 12]) {
  test(`a device that lets go of SDA after ${clocks} clocks is freed, and a stop condition ends the clocking`, async (t) => {
    const bench = new FakeResetBench();
    await bench.clock.run(async () => {
      const reset = await bench.open(strappedReset);
      const seen = holdSda(bench.bus, clocks);
      const stops = countStops(bench.bus);
      let resetRose = 0;
      bench.pin.onChange((level) => {
        if (level === 1) resetRose = seen();
      });
      await reset.press(PULSE);
      t.true(resetRose >= clocks, 'reset is released afterwards');
      t.deepEqual([bench.bus.scl.level, bench.bus.sda.level, bench.pin.level], [1, 1, 1]);
      t.true(stops() >= 1);
      await reset.close();
    });
  });
}

test('with SDA stuck reset stays held, and the board would not start', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(strappedReset);
    const seen = holdSda(bench.bus, Number.POSITIVE_INFINITY);
    await refused(t, reset.press(PULSE), /SDA of the bus.*boot mode 2.*does not start at all.*pull-ups/s);
    t.is(bench.pin.level, 0);
    t.is(seen(), 27, 'three times nine clocks');
    t.is(bench.kernel.openDescriptors, 1);
    await reset.close();
    t.is(bench.pin.level, 1);
  });
});

test('with SCL low nothing is clocked; reset stays held, and the board would wait in its bootloader', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(strappedReset);
    bench.bus.scl.driveFromFar(0);
    await refused(t, reset.press(PULSE), /SCL of the bus.*boot mode 1.*bootloader.*cannot be clocked/s);
    t.is(bench.pin.level, 0);
    await reset.release();
    t.is(bench.pin.level, 1, 'release lets go whatever held it');
    bench.bus.scl.driveFromFar(undefined);
    await reset.press(PULSE);
    t.is(bench.pin.level, 1, 'the next press looks again');
    await reset.close();
  });
});

test('both lines low are told as both', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(strappedReset);
    bench.bus.scl.driveFromFar(0);
    bench.bus.sda.driveFromFar(0);
    await refused(t, reset.press(PULSE), /SCL and SDA of the bus.*boot mode 0/s);
    await reset.close();
  });
});

test('a line that is low only for a moment after the pulse does not refuse a press', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(strappedReset);
    bench.bus.scl.driveFromFar(0);
    const press = reset.press(us(100));
    await bench.clock.sleep('slow rise', us(1_500));
    bench.bus.scl.driveFromFar(undefined);
    await press;
    t.is(bench.pin.level, 1);
    await reset.close();
  });
});

test('without straps in the bench file the bus does not matter', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    bench.bus.sda.driveFromFar(0);
    const reset = await bench.open(plainReset);
    await reset.press(PULSE);
    t.is(bench.pin.level, 1);
    await reset.close();
  });
});

test('presses that overlap hold the pin until the last has ended', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(strappedReset);
    const first = reset.press(ms(30));
    await bench.clock.sleep('later', ms(20));
    const second = reset.press(ms(30));
    await first;
    t.is(bench.pin.level, 0);
    await second;
    t.is(bench.pin.level, 1);
    await reset.close();
  });
});

test('closing ends a press with CLOSED and lets go; a press afterwards is CLOSED as well', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(strappedReset);
    const press = t.throwsAsync(reset.press(PULSE));
    await bench.clock.sleep('inside', ms(10));
    await reset.close();
    t.is(bench.pin.level, 1);
    t.true(isRigError(await press, 'CLOSED'));
    t.true(isRigError(await t.throwsAsync(reset.press(PULSE)), 'CLOSED'));
    t.true(isRigError(await t.throwsAsync(reset.release()), 'CLOSED'));
    await reset.close();
    t.deepEqual(bench.clock.pending(), []);
  });
});

test('a strap or a pin that cannot be had is refused when the reset is opened, and nothing stays open', async (t) => {
  for (const offset of [10, 11, 13]) {
    const bench = new FakeResetBench();
    const taken = bench.chip.lines[offset];
    if (taken !== undefined) taken.consumer = 'spi0';
    const error = await t.throwsAsync(bench.open(strappedReset));
    t.true(isRigError(error, 'BENCH'));
    t.regex(error?.message ?? '', /used by "spi0"/);
    t.is(bench.kernel.openDescriptors, 0);
  }
});

test('a pin whose device went away rejects a press with BENCH', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(strappedReset);
    bench.kernel.unplug(bench.chip);
    t.true(isRigError(await t.throwsAsync(reset.press(PULSE)), 'BENCH'));
    await t.notThrowsAsync(reset.close());
  });
});

test('while the supply comes back, reset is held; it is let go of once the rail is steady', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(strappedReset);
    reset.goDown();
    t.is(bench.pin.level, 1, 'a cut is a cut, not a reset');
    bench.bus.scl.driveFromFar(0);
    bench.bus.sda.driveFromFar(0);
    await reset.comeUp(async () => {
      t.is(bench.pin.level, 0);
      await bench.clock.sleep('ramp', ms(50));
      t.is(bench.pin.level, 0);
      // The pull-ups are on the device's own rail.
      bench.bus.scl.driveFromFar(undefined);
      bench.bus.sda.driveFromFar(undefined);
    });
    t.is(bench.pin.level, 1);
    await reset.close();
  });
});

test('a press without power is not refused for a bus without pull-ups, and does not start the device', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(strappedReset);
    reset.goDown();
    bench.bus.scl.driveFromFar(0);
    bench.bus.sda.driveFromFar(0);
    await reset.press(PULSE);
    t.is(bench.pin.level, 0, 'held until the supply is back');
    bench.bus.scl.driveFromFar(undefined);
    bench.bus.sda.driveFromFar(undefined);
    await reset.comeUp(() => bench.clock.sleep('ramp', ms(50)));
    t.is(bench.pin.level, 1);
    await reset.press(PULSE);
    t.is(bench.pin.level, 1, 'with power a press is one again');
    await reset.close();
  });
});

test('a supply that is cut while a press looks at the bus is no stuck bus', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(strappedReset);
    holdSda(bench.bus, Number.POSITIVE_INFINITY);
    const press = reset.press(PULSE);
    await bench.clock.sleep('clocking', ms(210));
    reset.goDown();
    await press;
    t.is(bench.pin.level, 0);
    await reset.close();
  });
});

test('a bus that is stuck when the supply is back keeps the device in reset', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(strappedReset);
    reset.goDown();
    bench.bus.scl.driveFromFar(0);
    await refused(
      t,
      reset.comeUp(async () => undefined),
      /SCL of the bus/,
    );
    t.is(bench.pin.level, 0);
    await reset.close();
    t.is(bench.pin.level, 1);
  });
});

test('a supply that does not come back is told, and a release lets go', async (t) => {
  const bench = new FakeResetBench();
  await bench.clock.run(async () => {
    const reset = await bench.open(plainReset);
    reset.goDown();
    const failing = reset.comeUp(async () => {
      throw new RigError('BENCH', 'the relay is gone');
    });
    await refused(t, failing, /relay is gone/);
    t.is(bench.pin.level, 0);
    await reset.release();
    t.is(bench.pin.level, 1);
    await reset.close();
  });
});
