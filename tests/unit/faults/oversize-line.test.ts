/** A line that is too long, which never gets onto the wire. */
import test from 'ava';
import { isRigError } from '../../../rig/errors.js';
import { OversizeLines } from '../../../rig/faults/oversize-line.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { makeObserver } from '../run/observer-rig.js';
import { fakeLines } from './fake-lines.js';

test('a line that waits behind others for too long proves nothing of the device', async (t) => {
  const clock = new VirtualClock();
  const { faults } = makeObserver(clock);
  const signal = new AbortController().signal;
  const lines = new OversizeLines({ clock, log: faults, lines: fakeLines(), signal });
  const error = await clock.run(() => t.throwsAsync(lines.send(1_000)));
  t.true(isRigError(error, 'INVALID'));
  t.regex(error?.message ?? '', /did not get to send the line within 5 s, .* set a longer period/);
  t.deepEqual(clock.pending(), []);
});
