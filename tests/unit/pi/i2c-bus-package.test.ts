/** The real package `i2c-bus`: loaded no sooner than a bus is opened, and asked for a bus that no host has. */
import { createRequire } from 'node:module';
import test from 'ava';
import { openBscTarget } from '../../../drivers/pi/i2c/bsc-target.js';
import { openI2cController } from '../../../drivers/pi/i2c/dev-controller.js';
import { openRailSense } from '../../../drivers/pi/power/rail-sense.js';
import { isRigError } from '../../../rig/errors.js';

const loaded = () =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('/node_modules/i2c-bus/'));

test('it is loaded when a bus is opened; one that does not exist, or a missing package, says what to do', async (t) => {
  for (const open of [openBscTarget, openRailSense]) t.is(typeof open, 'function');
  t.false(loaded());
  const error = await t.throwsAsync(openI2cController({ bus: 4_711 }));
  t.true(isRigError(error, 'BENCH'));
  t.regex(error.message, /\/dev\/i2c-4711.*no such file.*i2c_arm=on|npm install i2c-bus/s);
  t.is(loaded(), !error.message.includes('npm install'));
});
