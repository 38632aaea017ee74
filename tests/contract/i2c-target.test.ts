/** The contract of `I2cTarget` on the BSC driver, over the socket of a stand-in for `pigpiod`, in real time. */
import { openBscTarget } from '../../drivers/pi/i2c/bsc-target.js';
import { SystemClock } from '../../rig/time/system-clock.js';
import type { BscTraits } from '../fixtures/pigpiod/bsc-peripheral.js';
import { FakePigpiod } from '../fixtures/pigpiod/fake-pigpiod.js';
import { testI2cTarget } from './bench-port-suites.js';

const busHz = 400_000;

function testBsc(name: string, traits: Partial<BscTraits>): void {
  testI2cTarget(
    name,
    async (body) => {
      const clock = new SystemClock();
      const daemon = await FakePigpiod.start(clock, { traits });
      const target = await openBscTarget({ host: '127.0.0.1', port: daemon.port }, clock);
      await body({
        target,
        controllerReads: (address, lengthBytes) => daemon.controller.read(address, lengthBytes, { busHz }),
        controllerWrites: (address, bytes) => daemon.controller.write(address, bytes, { busHz }),
        close: () => void target.close(),
      });
      await target.close();
      await daemon.close();
    },
    'noticed',
  );
}

testBsc('BSC', {});
testBsc('BSC with a shift register that is filled ahead', { prefetch: true });
testBsc('BSC without busy flags', { busyFlags: 'never', prefetch: true });
