/**
 * One whole scenario: `rig run` with its real drivers, against a board at the far ends of the kernel's wires. And every
 * way to end one: whatever happens, the bench is left safe.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { RunResult } from '../../../rig/run/result.js';
import { LabBench } from '../inside/lab-bench.js';

/** From the start of the rig to the outage: bring-up and the first messages, in a slow machine. */
const OUTAGE_LIMIT_MS = 300_000;

const MESSAGES = 40;

const wifiOutage = (out: string): readonly string[] => [
  ...['run', 'wifi-outage', '--seed', '42', '--out', out],
  ...['--set', 'outages=1', '--set', `messages=${MESSAGES}`, '--no-history'],
];

async function withBench(body: (bench: LabBench) => Promise<void>): Promise<void> {
  const bench = await LabBench.create();
  try {
    await body(bench);
  } finally {
    await bench.remove();
  }
}

/** Access point on, no packet rule, the rail on, no line held, nothing left to undo. */
async function assertSafe(t: ExecutionContext, bench: LabBench): Promise<void> {
  t.is(await bench.accessPointState(), 'ENABLED');
  t.is(await bench.packetRules(), '');
  t.is(bench.chip.level('RELAY'), 1);
  t.is(bench.chip.level('RESET'), 1);
  t.deepEqual(await bench.linesInUse(), []);
  t.deepEqual(await bench.undoFiles(), []);
}

test('wifi-outage, by hostapd, from end to end: no FAIL, and the bench is left as it was', async (t) => {
  await withBench(async (bench) => {
    const out = join(bench.folder, 'run');
    const { output } = await bench.rig(...wifiOutage(out)).ended;
    t.log(output);
    t.log(bench.boardLog);
    const result: RunResult = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
    // The machine is slow: the rig may stand still for so long that the device gives up on it, and messages are lost. Then
    // the rig says INVALID and blames nobody. What must hold all the same: messages flow again after a proved outage.
    const stalled = result.outcome === 'INVALID' && /stalled/.test(result.reason ?? '');
    t.true(
      result.outcome === 'PASS' || stalled,
      `${result.outcome}: ${result.reason}\nThe board:\n${bench.boardLog}`,
    );
    const least = stalled ? MESSAGES / 2 : MESSAGES;
    for (const { name, due, delivered } of result.streams) {
      t.is(due, MESSAGES);
      t.true(delivered >= least, `${name}: ${delivered} of ${due}`);
    }
    const [fault] = result.faults;
    t.truthy(fault?.provedAtMs);
    t.truthy(fault?.recoveredAtMs);
    await assertSafe(t, bench);
  });
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} in the middle of an outage: the run is ABORTED, and the bench is safe`, async (t) => {
    await withBench(async (bench) => {
      const rig = bench.rig(...wifiOutage(join(bench.folder, 'run')));
      await bench.accessPointGoes('DISABLED', rig, OUTAGE_LIMIT_MS);
      const { status, output } = await rig.end(signal);
      t.log(output);
      t.is(status, 130);
      t.regex(output, /^ABORTED wifi-outage/m);
      await assertSafe(t, bench);
    });
  });
}

/** Breaks in the middle of an outage, late enough for the test to see that there is one. */
const BREAKS = `import { defineScenario } from 'wifi-hil-rig';

export default defineScenario({
  name: 'breaks',
  summary: 'an outage in which the scenario itself breaks',
  description: 'Breaks.',
  promise: 'None.',
  parameters: {},
  needs: ['accessPoint'],
  faults: ['access point off'],
  measurements: () => [],
  streams: () => [{ name: 'up', direction: 'uplink', qos: true, wait: true, periodUs: 1_000_000, count: 60, sizeBytes: 64 }],
  run: async (context) => {
    context.faults.wifiOutage(120_000_000).catch(() => undefined);
    await context.sleep(10_000_000);
    throw new Error('broken on purpose');
  },
  conclude: () => undefined,
});
`;

test('an exception in the middle of an outage: the run is an ERROR with its reason, and the bench is safe', async (t) => {
  await withBench(async (bench) => {
    const file = join(bench.folder, 'breaks.ts');
    await writeFile(file, BREAKS);
    const rig = bench.rig('run', file, '--out', join(bench.folder, 'run'), '--no-history');
    await bench.accessPointGoes('DISABLED', rig, OUTAGE_LIMIT_MS);
    const { status, output } = await rig.ended;
    t.log(output);
    t.is(status, 4);
    t.regex(output, /broken on purpose/);
    await assertSafe(t, bench);
  });
});

test('kill -9 in the middle of an outage: the next command puts the bench right, and says so', async (t) => {
  await withBench(async (bench) => {
    const rig = bench.rig(...wifiOutage(join(bench.folder, 'run')));
    await bench.accessPointGoes('DISABLED', rig, OUTAGE_LIMIT_MS);
    await rig.end('SIGKILL');
    t.is(await bench.accessPointState(), 'DISABLED');
    t.not((await bench.undoFiles()).length, 0);
    const next = await bench.rig('reset').ended;
    t.log(next.output);
    t.is(next.status, 0);
    t.regex(next.output, /left/i);
    await assertSafe(t, bench);
  });
});
