import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { RigFolder } from './spawn-rig.js';

/** Interrupts the command once it has begun to run, as many times as said. */
async function interrupted(behaviour: string, times: number, signal: 'SIGINT' | 'SIGTERM' = 'SIGINT') {
  const folder = new RigFolder();
  const { child, ended } = folder.start(['run', 'all', '--seed', '1'], { RIG_STAND_IN: behaviour });
  let sent = 0;
  const send = () => {
    if (sent >= times) return;
    sent += 1;
    child.kill(signal);
    // The operating system merges signals that are pending at the same time.
    setTimeout(send, 100);
  };
  child.stdout.once('data', () => setTimeout(send, 50));
  const result = await ended;
  const runs = readdirSync(join(folder.path, 'runs')).filter((name) => name !== 'history.db').length;
  folder.remove();
  return { ...result, runs };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends the run as ABORTED with 130, and what follows is not run`, async (t) => {
    const { status, output, errors, runs } = await interrupted('hang', 1, signal);
    t.is(status, 130);
    t.regex(errors, /stopping after teardown; press Ctrl-C again to skip waiting/);
    t.regex(output, /^ABORTED wifi-outage seed 42 · .* somebody stopped it$/m);
    t.regex(output, /^ABORTED 2 runs · 1 ABORTED · 1 not run$/m);
    t.is(runs, 1);
  });
}

test('a second Ctrl-C tells the run to hurry', async (t) => {
  const { status, output } = await interrupted('hang twice', 2);
  t.is(status, 130);
  t.regex(output, /^ABORTED wifi-outage/m);
});

test('a third Ctrl-C ends a run that does not listen', async (t) => {
  t.is((await interrupted('hang for ever', 3)).status, 130);
});

test('after a second Ctrl-C, a run that does not listen is ended in bounded time', async (t) => {
  t.is((await interrupted('hang for ever', 2)).status, 130);
});
