/**
 * The contract of `I2cController` on the virtual controller, and on the driver for `/dev/i2c-N`, over a stand-in for the
 * package `i2c-bus`.
 */
import { openI2cController } from '../../drivers/pi/i2c/dev-controller.js';
import { I2cBuses } from '../../drivers/pi/i2c/shared-bus.js';
import { VirtualI2cController } from '../../drivers/virtual/i2c-controller.js';
import { VirtualClock } from '../../rig/time/virtual-clock.js';
import { FakeAdapter, FakeMemoryTarget } from '../fixtures/i2c/fake-i2c-bus.js';
import { type I2cTrouble, testI2cController, testI2cControllerDevice } from './i2c-controller-suite.js';

const ADDRESS = 0x12;

testI2cController('VirtualI2cController', async (body) => {
  const clock = new VirtualClock();
  const got: number[][] = [];
  let held: readonly number[] = [];
  const controller = new VirtualI2cController(clock, {
    answersAt: (address) => address === ADDRESS,
    readTarget: async (_address, lengthBytes) => ({ bytes: Uint8Array.from(held.slice(0, lengthBytes)) }),
    writeTarget: async (_address, bytes) => {
      got.push([...bytes]);
      return { acknowledged: bytes.length };
    },
  });
  await clock.run(() =>
    body({
      controller,
      address: ADDRESS,
      emptyAddress: ADDRESS + 1,
      targetHolds: async (bytes) => {
        held = bytes;
      },
      targetGot: async () => got,
    }),
  );
});

function fakeBus() {
  const adapter = new FakeAdapter();
  const target = new FakeMemoryTarget();
  adapter.targets.set(ADDRESS, target);
  const buses = new I2cBuses(adapter.open);
  return { adapter, target, open: () => openI2cController({ bus: 7 }, buses) };
}

testI2cController('i2c-dev', async (body) => {
  const { target, open } = fakeBus();
  const controller = await open();
  await body({
    controller,
    address: ADDRESS,
    emptyAddress: ADDRESS + 1,
    targetHolds: async (bytes) => {
      target.holds = bytes;
    },
    targetGot: async () => target.got,
  });
  await controller.close();
});

testI2cControllerDevice('i2c-dev', async (body) => {
  const { adapter, open } = fakeBus();
  let goOn = () => undefined;
  const set = (trouble: I2cTrouble, on: boolean) => {
    if (trouble === 'absent' || trouble === 'unplugged') adapter.present = !on;
    if (trouble === 'denied') adapter.denied = on;
    if (trouble === 'busy') adapter.busyAddress = on ? ADDRESS : undefined;
    if (trouble !== 'slow') return;
    if (!on) goOn();
    else
      adapter.held = new Promise((resolve) => {
        goOn = () => void resolve();
      });
  };
  await body({
    address: ADDRESS,
    open,
    begin: async (trouble) => set(trouble, true),
    end: async (trouble) => set(trouble, false),
  });
});
