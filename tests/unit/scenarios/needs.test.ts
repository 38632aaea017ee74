/** What scenarios need of a bench, where that is more than a port. */
import test from 'ava';
import { virtualCapabilities } from '../../../rig/bench-file/capabilities.js';
import { scenarios } from '../../../scenarios/index.js';

test('what a dead application leaves alive is asked of a device that answers exchanges by itself only', (t) => {
  const lacking = (role: 'target' | 'controller') =>
    scenarios
      .filter(({ needs }) => needs.some((need) => !virtualCapabilities(role).has(need)))
      .map(({ name }) => name);
  t.deepEqual(lacking('target'), []);
  t.deepEqual(lacking('controller'), ['app-crash', 'app-hang', 'handler-hang', 'rtc-overflow']);
});
