/** What the contract of lines leaves to the virtual ones: the host's edge latency. */
import test from 'ava';
import { VirtualInputLine } from '../../../drivers/virtual/lines.js';
import { Wire } from '../../../drivers/virtual/wire.js';
import { instant, ms, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';

test('an edge carries the time at which it happened, and is delivered by the latency later', async (t) => {
  const clock = new VirtualClock();
  const wire = new Wire();
  const line = new VirtualInputLine('ack', wire, clock, us(80));
  await clock.run(async () => {
    clock.at('edge', instant(1_000), () => wire.drive('device', 0));
    const edge = await line.nextEdge(ms(10));
    t.is(edge.atUs, instant(1_000));
    t.is(clock.now(), instant(1_080));
  });
});

test('an edge that happens within the wait but is delivered after it is there for the next wait', async (t) => {
  const clock = new VirtualClock();
  const wire = new Wire();
  const line = new VirtualInputLine('ack', wire, clock, us(80));
  await clock.run(async () => {
    clock.at('edge', instant(950), () => wire.drive('device', 0));
    await t.throwsAsync(line.nextEdge(ms(1)), { message: /ack: no edge within 1 ms/ });
    t.is((await line.nextEdge(ms(1))).atUs, instant(950));
  });
});

test('the level can be read before the edge is delivered', async (t) => {
  const clock = new VirtualClock();
  const wire = new Wire();
  const line = new VirtualInputLine('ack', wire, clock, us(80));
  await clock.run(async () => {
    wire.drive('device', 0);
    t.is(await line.read(), 0);
    t.is((await line.nextEdge(ms(1))).level, 0);
  });
});

test('a closed line leaves nothing on the clock', async (t) => {
  const clock = new VirtualClock();
  const wire = new Wire();
  const line = new VirtualInputLine('ack', wire, clock, us(80));
  line.close();
  wire.drive('device', 0);
  t.deepEqual(clock.pending(), []);
});
