/** What the contract of lines leaves to the queue of edges: a gap while somebody waits, and how it ends. */
import test from 'ava';
import { EdgeQueue } from '../../../rig/edge-queue.js';
import { isRigError, RigError } from '../../../rig/errors.js';
import { instant, ms } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';

const edge = (sequence: number) => ({ level: 0 as const, atUs: instant(sequence), sequence });

test('whoever waits while edges are missed is told at once, and the edge after the gap stays for the next', async (t) => {
  const clock = new VirtualClock();
  const queue = new EdgeQueue('ack', clock);
  await clock.run(async () => {
    const waiting = t.throwsAsync(queue.next(ms(10)));
    queue.noteMissed(3);
    queue.add(edge(4));
    const error = await waiting;
    t.true(isRigError(error, 'INVALID'));
    t.regex(error?.message ?? '', /ack: 3 edges were missed/);
    t.is((await queue.next(ms(10))).sequence, 4);
    t.is(queue.missedEdges, 3);
  });
});

test('nothing missed is nothing to tell', async (t) => {
  const clock = new VirtualClock();
  const queue = new EdgeQueue('ack', clock);
  await clock.run(async () => {
    queue.noteMissed(0);
    queue.add(edge(1));
    t.is((await queue.next(ms(10))).sequence, 1);
  });
});

test('an ended queue has no edges left, takes none, and gives the latest reason', async (t) => {
  const clock = new VirtualClock();
  const queue = new EdgeQueue('ack', clock);
  await clock.run(async () => {
    queue.add(edge(1));
    queue.end(new RigError('BENCH', 'unplugged'));
    queue.add(edge(2));
    queue.noteMissed(5);
    t.true(isRigError(await t.throwsAsync(queue.next(ms(1))), 'BENCH'));
    queue.end(new RigError('CLOSED', 'closed'));
    t.true(isRigError(await t.throwsAsync(queue.next(ms(1))), 'CLOSED'));
    t.is(queue.missedEdges, 0);
    t.deepEqual(clock.pending(), []);
  });
});
