/** One contract for bus, supply, reset and console of every bench: virtual ones, and drivers of the Pi on stand-ins. */
import { VirtualConsole } from '../../drivers/virtual/console.js';
import { I2cController } from '../../drivers/virtual/esp8266/chip/i2c.js';
import { deviceRecord, hostRecord } from '../../drivers/virtual/esp8266/lockstep/records.js';
import { type BusMirror, VirtualI2cTarget } from '../../drivers/virtual/i2c-target.js';
import { VirtualPower } from '../../drivers/virtual/power.js';
import { VirtualReset } from '../../drivers/virtual/reset.js';
import { createRandom } from '../../rig/random.js';
import { VirtualClock } from '../../rig/time/virtual-clock.js';
import { FakeMemory, makeCpu } from '../unit/esp8266/fake-memory.js';
import { FakeResetBench, plainReset, strappedReset } from '../unit/gpio/fake-reset.js';
import { testI2cTarget, testPowerSwitch, testResetButton } from './bench-port-suites.js';
import { testUartConsole } from './console-suite.js';

/** The board's own controller at the other end of the bus, and nothing between them. */
testI2cTarget('VirtualI2cTarget', async (body) => {
  const memory = new FakeMemory();
  const cpu = makeCpu(memory);
  const controller = new I2cController(cpu);
  const give = (kind: number, a = 0, bytes = new Uint8Array(0)) =>
    controller.accept({ kind, atUs: 0, a, b: 0, bytes: Uint8Array.from(bytes) });
  const bus: BusMirror = {
    answerAt: (address) => give(hostRecord.i2cAddress, address ?? -1),
    armTransmit: (bytes) => give(hostRecord.i2cArmTransmit, 0, Uint8Array.from(bytes)),
    armReceive: (lengthBytes) => give(hostRecord.i2cArmReceive, lengthBytes),
  };
  const target = new VirtualI2cTarget(bus);
  memory.onRecord = (record) => {
    if (record.kind === deviceRecord.i2cWritten) target.written(record.bytes);
  };
  await body({
    target,
    controllerReads: async (address, lengthBytes) => {
      const buffer = new Uint8Array(lengthBytes);
      const result = controller.read(address, () => buffer);
      return result < 0 ? undefined : [...buffer];
    },
    controllerWrites: async (address, bytes) => {
      const result = controller.write(address, Uint8Array.from(bytes));
      memory.deliver();
      return result < 0 ? undefined : result;
    },
    close: () => target.close(),
  });
});

testPowerSwitch('VirtualPower', async (body) => {
  const clock = new VirtualClock();
  let runs = false;
  const board = {
    powerOn: () => {
      runs = true;
    },
    powerOff: () => {
      runs = false;
    },
  };
  const power = new VirtualPower({ clock, board, random: createRandom(1) });
  await clock.run(() => body({ clock, power, boardRuns: () => runs }));
});

testResetButton('VirtualReset', async (body) => {
  const clock = new VirtualClock();
  let held = false;
  const reset = new VirtualReset(clock, {
    holdReset: () => {
      held = true;
    },
    releaseReset: () => {
      held = false;
    },
  });
  await clock.run(() => body({ clock, reset, held: () => held }));
});

for (const [name, section] of [
  ['reset by GPIO', plainReset],
  ['reset by GPIO with straps', strappedReset],
] as const) {
  testResetButton(name, async (body) => {
    const bench = new FakeResetBench();
    await bench.clock.run(async () => {
      const reset = await bench.open(section);
      await body({ clock: bench.clock, reset, held: () => bench.pin.level === 0 });
      await reset.close();
    });
  });
}

testUartConsole('VirtualConsole', async (body) => {
  const clock = new VirtualClock();
  const received: number[] = [];
  const console = new VirtualConsole(clock, (bytes) => received.push(...bytes));
  await clock.run(() =>
    body({
      clock,
      console,
      devicePrints: async (text) =>
        console.printed({ bytes: new TextEncoder().encode(text), atUs: clock.now(), baud: 115_200 }),
      deviceReceived: () => [...received],
    }),
  );
});
