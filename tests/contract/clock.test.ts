/** One contract for the simulated clock, the system's, and one seen through a scope. */
import { ScopedClock } from '../../rig/time/scoped-clock.js';
import { SystemClock } from '../../rig/time/system-clock.js';
import { VirtualClock } from '../../rig/time/virtual-clock.js';
import { testClock } from './clock-suite.js';

testClock('VirtualClock', (body) => {
  const clock = new VirtualClock();
  return clock.run(() => body(clock));
});

testClock('SystemClock', (body) => body(new SystemClock()));

testClock('ScopedClock on a VirtualClock', (body) => {
  const clock = new VirtualClock();
  return clock.run(() => body(new ScopedClock(clock)));
});

testClock('ScopedClock on a SystemClock', (body) => body(new ScopedClock(new SystemClock())));
