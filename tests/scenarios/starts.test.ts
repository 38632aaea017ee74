/**
 * The scenarios in which the device does not start: they pass with the rig's firmware, each names what was done, and each
 * fails on firmware that cannot live with it, which a calm run does not show.
 */
import test, { type ExecutionContext } from 'ava';
import { ms, seconds } from '../../rig/time/units.js';
import { bootLoop } from '../../scenarios/boot-loop.js';
import { bootStrap } from '../../scenarios/boot-strap.js';
import { brownOut } from '../../scenarios/brown-out.js';
import { powerCut } from '../../scenarios/power-cut.js';
import { steady } from '../../scenarios/steady.js';
import { eventsOf, type Rehearsed, rehearse, spoiled } from './rehearsal.js';

const sagging = {
  scenario: brownOut,
  parameters: { messages: 250, period: ms(200), sags: 2 },
};
const strapped = { scenario: bootStrap, parameters: { messages: 60, times: 2, hold: seconds(2) } };
const looping = { scenario: bootLoop, parameters: { messages: 60, times: 2, duration: seconds(4) } };

function isRecovered(t: ExecutionContext, { result }: Rehearsed): void {
  t.is(result.outcome, 'PASS', result.reason);
  t.is(result.faults.length, 2);
  for (const { evidence, recoveredAtMs } of result.faults) {
    t.truthy(evidence);
    t.not(recoveredAtMs, null);
  }
  t.true(result.boots.every(({ expected }) => expected));
}

const notes = ({ events }: Rehearsed): string[] => eventsOf(events, 'note').map(({ text }) => text);

test.serial('brown-out passes: twenty starts are one incident, and what is lost is lost to it', async (t) => {
  const run = await rehearse({ ...sagging, seed: 3 });
  isRecovered(t, run);
  const { faults, boots, losses } = run.result;
  let explained = 1;
  for (const fault of faults) {
    const own = boots.filter(({ atMs }) => atMs >= fault.injectedAtMs && atMs <= (fault.recoveredAtMs ?? 0));
    explained += own.length;
    t.true(own.filter(({ cause }) => cause === 1).length >= 3);
    t.regex(fault.evidence ?? '', /the ROM printed 3 starts by itself .* on a rail of 2\.70 V/);
    // What counts for the recovery is what came of the supply that was whole again.
    const steps = new Map(fault.waterfall.map(({ step, atMs }) => [step, atMs]));
    t.true((steps.get('synchronised') ?? 0) > (fault.clearedAtMs ?? 0));
  }
  t.is(boots.length, explained, 'all but the first');
  t.true(losses.length > 0, 'a device that loses power loses what it holds');
  for (const { fault, dueMs } of losses) {
    const of = faults.find(({ number }) => number === fault);
    // On its way when the supply gave way, or due before the link was back.
    t.true(of !== undefined && dueMs > of.injectedAtMs - 2_000 && dueMs < (of.recoveredAtMs ?? 0));
  }
  t.is(notes(run).filter((text) => /^Boot loop: .*rst cause 1/.test(text)).length, 2);
});

test.serial(
  'boot-strap passes: SCL low is the bootloader, SDA low is nowhere, and a reset is the cure',
  async (t) => {
    const run = await rehearse({ ...strapped, seed: 3 });
    isRecovered(t, run);
    t.deepEqual(
      run.result.boots.map(({ cause, mode }) => [cause, mode]),
      [3, 1, 3, 2, 3].map((mode) => [2, mode]),
    );
    const [scl, sda] = notes(run).filter((text) => text.startsWith('Wrong boot mode'));
    t.regex(scl ?? '', /UART bootloader \(SCL/);
    t.regex(sda ?? '', /does not start at all \(SDA/);
  },
);

test.serial(
  'boot-loop passes: loop and lock-up are named by file and cause, and Ctrl-C is the cure',
  async (t) => {
    const run = await rehearse({ ...looping, seed: 3 });
    isRecovered(t, run);
    const [loop, lockUp] = notes(run).filter((text) => / boot\.py, line \d/.test(text));
    t.regex(loop ?? '', /^Boot loop: .*rst cause 3.* in boot\.py, line 2/);
    t.regex(lockUp ?? '', /^Lock-up: .* in boot\.py, line [23]/);
  },
);

/** Counts its starts in a file, and takes its time over it. */
const counting = spoiled(`import os, time
n = int(open('starts').read()) if 'starts' in os.listdir() else 0
with open('starts', 'w') as file:
    time.sleep_ms(100)
    file.write(str(n + 1))
`);
/** Does not want to run twice at a time. */
const locking = spoiled(`import os
if 'lock' in os.listdir():
    raise RuntimeError('running already')
open('lock', 'w').close()
`);
/** Wants every character for itself. */
const deaf = spoiled('import micropython\nmicropython.kbd_intr(-1)\n');

for (const [what, flash, run, reason] of [
  ['leaves a file torn when power goes', counting, sagging, /ValueError: invalid syntax for integer/],
  ['leaves a lock behind', locking, strapped, /RuntimeError: running already/],
  ['does not heed Ctrl-C', deaf, looping, /^No MicroPython prompt after 5 attempts/],
] as const) {
  test.serial(`firmware that ${what} passes steady and fails ${run.scenario.name}`, async (t) => {
    const calm = await rehearse({ scenario: steady, seed: 5, flash, parameters: { messages: 20 } });
    t.is(calm.result.outcome, 'PASS', calm.result.reason);
    const { result } =
      run === sagging
        ? await rehearse({ ...sagging, seed: 5, flash })
        : run === strapped
          ? await rehearse({ ...strapped, seed: 5, flash })
          : await rehearse({ ...looping, seed: 5, flash });
    t.is(result.outcome, 'FAIL', result.reason);
    t.regex(result.reason ?? '', reason);
  });
}

test.serial('a supply that does not sag proves nothing', async (t) => {
  const { result } = await rehearse({
    ...sagging,
    seed: 3,
    aroundBench: (bench) => {
      const { power } = bench.ports;
      return {
        ...bench,
        ports: {
          ...bench.ports,
          ...(power !== undefined && {
            power: {
              off: () => power.off(),
              on: () => power.on(),
              rail: () => power.rail(),
              sag: async () => undefined,
            },
          }),
        },
      };
    },
  });
  t.is(result.outcome, 'INVALID');
  t.regex(result.reason ?? '', /not proved: the device did not start again and again, on a rail of 3\.30 V/);
});

test.serial('a bus line that does not go low when it is pulled proves nothing', async (t) => {
  const { result } = await rehearse({
    ...strapped,
    seed: 3,
    aroundBench: (bench) => {
      const { scl, sda } = bench.bus;
      const cut = { pull: async () => undefined, release: () => scl.release(), read: () => scl.read() };
      return { ...bench, ports: { ...bench.ports, bus: { scl: cut, sda } } };
    },
  });
  t.is(result.outcome, 'INVALID');
  t.regex(
    result.reason ?? '',
    /\(boot-strap\) was not proved: SCL is pulled low and reads high; check the wire/,
  );
});

test.serial(
  'a board that is fed through a line while its supply is off makes power-cut INVALID',
  async (t) => {
    const { result } = await rehearse({
      scenario: powerCut,
      parameters: { messages: 40, cuts: 1 },
      seed: 3,
      aroundBench: (bench) => {
        const { power } = bench.ports;
        const feed = (level: 1 | undefined) => bench.wires.scl.drive('logic analyser', level);
        return {
          ...bench,
          ports: {
            ...bench.ports,
            ...(power !== undefined && {
              power: {
                off: () => power.off().finally(() => feed(1)),
                on: () => power.on().finally(() => feed(undefined)),
                rail: () => power.rail(),
              },
            }),
          },
        };
      },
    });
    t.is(result.outcome, 'INVALID');
    t.regex(result.reason ?? '', /the rail stayed at 1\.80 V; look for back-feeding through signal lines/);
  },
);
