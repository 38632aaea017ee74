/** One whole scenario: `rig run` with its real drivers, against a board at the far ends of the kernel's wires. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { LabBench } from '../inside/lab-bench.js';

test('wifi-outage passes, with an outage of hostapd, and the bench is left as it was', async (t) => {
  const bench = await LabBench.create();
  try {
    const out = join(bench.folder, 'run');
    const words = ['--seed', '42', '--set', 'outages=1', '--set', 'messages=40', '--out', out];
    const { status, output } = await bench.rig('run', 'wifi-outage', ...words).ended;
    t.log(output);
    t.log(bench.boardLog);
    t.is(status, 0);
    const result = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
    t.is(result.outcome, 'PASS');
    t.is(await bench.accessPointState(), 'ENABLED');
    t.is(await bench.packetRules(), '');
    t.deepEqual(await bench.linesInUse(), []);
    t.deepEqual(await bench.undoFiles(), []);
  } finally {
    await bench.remove();
  }
});
