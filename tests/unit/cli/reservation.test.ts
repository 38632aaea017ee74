/** Several runs on a physical bench: it is theirs from the first to the last, whatever becomes of them. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Composition, RunRequest } from '../../../cli/composition.js';
import { takeBench } from '../../../drivers/pi/safety/bench-lock.js';
import { FakeBench } from '../../fixtures/pi/fake-drivers.js';
import { spoiled } from '../bench-file/sample.js';
import { madeUpResult } from '../reports/made-up-run.js';
import { runInProcess } from './in-process.js';
import { standIn } from './stand-in.js';

/** A folder with a physical bench, and what tries to take that bench while a run is under way. */
function setUp(t: ExecutionContext, play: Composition['runScenario']) {
  const path = mkdtempSync(join(tmpdir(), 'rig-reserved-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  for (const name of ['firmware', 'locks']) mkdirSync(join(path, name));
  writeFileSync(join(path, 'firmware', 'main.py'), 'print(1)\n');
  writeFileSync(join(path, 'bench.yaml'), spoiled('firmware/link', 'firmware'));
  const locks = join(path, 'locks');
  const composition: Composition = {
    ...standIn('pass', join(path, 'firmware')),
    hardware: async () => ({ drivers: new FakeBench().drivers, folders: { state: path, locks } }),
    runScenario: play,
  };
  const rig = (...words: readonly string[]) =>
    runInProcess(words, {
      composition,
      workingDirectory: path,
      environment: { RIG_WIFI_PASSPHRASE: 'correct horse battery' },
    });
  const take = () => takeBench({ bench: 'lab-3', folder: locks, command: 'rig reset', since: 'now' });
  const place = { bench: 'lab-3', folder: locks, command: 'a run', since: 'now' };
  return { rig, take, place, held: () => readdirSync(locks) };
}

test('between two runs nobody else gets the bench, and after the last one it is free', async (t) => {
  const locks: (readonly string[])[] = [];
  const { rig, take, place, held } = setUp(t, async ({ reservation }: RunRequest) => {
    const lock = await reservation?.nextUse(place);
    await lock?.release();
    locks.push(held());
    await t.throwsAsync(take, {
      code: 'BENCH',
      message: /in use by process \d+ \("rig run wifi-outage steady", since/,
    });
    return madeUpResult();
  });
  const { status, errors } = await rig('run', 'wifi-outage', 'steady', '--no-history');
  t.is(status, 0, errors);
  t.is(locks.length, 2);
  t.deepEqual(locks[0], locks[1]);
  t.deepEqual(held(), []);
});

test('runs that break leave the bench free', async (t) => {
  const { rig, place, held } = setUp(t, async ({ reservation }) => {
    await reservation?.nextUse(place);
    throw new Error('the bench fell off the table');
  });
  const { status } = await rig('run', 'steady', '--repeat', '2', '--no-history');
  t.is(status, 4);
  t.deepEqual(held(), []);
});

test('while somebody else has the bench each run says so; the first that gets it keeps it', async (t) => {
  const outcomes: string[] = [];
  const { rig, take, place } = setUp(t, async ({ reservation }) => {
    try {
      await reservation?.nextUse(place);
      outcomes.push('had it');
    } catch (error) {
      outcomes.push('refused');
      await other.release();
      throw error;
    }
    return madeUpResult();
  });
  const other = await take();
  const { status, output, errors } = await rig('run', 'steady', '--repeat', '3', '--no-history');
  t.deepEqual(outcomes, ['refused', 'had it', 'had it']);
  t.is(status, 4);
  t.regex(
    errors,
    /^rig: The bench "lab-3" is in use by process \d+ \("rig reset", since now\)\. Wait [^\n]*\n$/,
  );
  t.regex(output, /\nERROR 3 runs · [^\n]*\n$/, 'it ends with an outcome line all the same');
});
