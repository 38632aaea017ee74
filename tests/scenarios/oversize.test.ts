/**
 * Lines that are too long: the rig's firmware lives on, one that dies of them recovers, and one that passes a part of them
 * on, or does not come back, fails.
 */
import test from 'ava';
import type { Scenario } from '../../rig/run/scenario.js';
import { oversize } from '../../scenarios/oversize.js';
import { steady } from '../../scenarios/steady.js';
import { type Flash, linkFirmware, type Rehearsed, rehearse, spoiled } from './rehearsal.js';

const parameters = { messages: 80, times: 1 };
const lines = (flash: Flash = linkFirmware, farAbove = 1_000) =>
  rehearse({ scenario: oversize, parameters: { ...parameters, farAbove }, seed: 7, flash });
/** The rig's firmware takes a line of up to 512 bytes from the server. */
const TAKEN = 500;

/** A line to the client is one payload, and nothing else is foreseen. */
const strict = (otherwise: string, before = '') =>
  spoiled(
    `${before}from link import outbox\ntake = outbox.Outbox._take\n` +
      'def strict_take(self):\n    line = take(self)\n' +
      `    if line and len(line) > 200:\n        ${otherwise}\n    return line\n` +
      'outbox.Outbox._take = strict_take\n',
  );

const DEAD = "import os\nif 'dead' in os.listdir(): raise RuntimeError('dead')\n";

const mortal = strict("raise ValueError('a payload has 200 bytes')");
const cutting = strict("line = line[:199] + b'\\n'");
const gone = strict("open('dead', 'w').close()\n        raise ValueError('a payload has 200 bytes')", DEAD);

const valueNamed = ({ result }: Rehearsed, name: string) =>
  result.measurements.find((measurement) => measurement.name === name)?.value;

test.serial(
  'oversize passes: the host refuses, the device cuts a line up or drops it, and lives on',
  async (t) => {
    const run = await lines();
    t.is(run.result.outcome, 'PASS', run.result.reason);
    t.deepEqual(
      ['refused', 'died', 'delivered', 'dropped'].map((name) => valueNamed(run, name)),
      [7, 0, 1, 1],
    );
    t.deepEqual(
      run.result.faults.map(({ evidence }) => evidence),
      ['the line arrived at the client, whole', 'a message sent after it arrived, the line did not'],
    );
    t.is(run.result.boots.length, 1);
    for (const stream of run.result.streams) t.is(stream.delivered, 80);
  },
);

test.serial('a device that dies of a long line is seen to die, and to recover', async (t) => {
  const run = await lines(mortal, TAKEN);
  t.is(run.result.outcome, 'PASS', run.result.reason);
  t.is(valueNamed(run, 'died'), 2);
  t.is(run.result.boots.length, 3);
  for (const { evidence, recoveredAtMs } of run.result.faults) {
    t.regex(evidence ?? '', /^the device died of it: In step/);
    t.not(recoveredAtMs, null);
  }
});

async function isCalm(flash: Flash): Promise<boolean> {
  const { result } = await rehearse({ scenario: steady, seed: 5, flash, parameters: { messages: 40 } });
  return result.outcome === 'PASS';
}

test.serial('firmware that passes on a part of a long line passes steady and fails oversize', async (t) => {
  t.true(await isCalm(cutting));
  const { result } = await lines(cutting, TAKEN);
  t.is(result.outcome, 'FAIL');
  t.regex(result.reason ?? '', /corrupted is 2 messages/);
});

test.serial(
  'firmware that does not come back after a long line passes steady and fails oversize',
  async (t) => {
    t.true(await isCalm(gone));
    const { result } = await lines(gone, TAKEN);
    t.is(result.outcome, 'FAIL');
    t.regex(result.reason ?? '', /reboots in a row|did not recover/);
  },
);

test.serial('a host that takes what is too long fails oversize', async (t) => {
  const open: Scenario<typeof oversize.parameters> = {
    ...oversize,
    run: (context) => oversize.run({ ...context, offerLine: async () => undefined }),
  };
  const { result } = await rehearse({ scenario: open, parameters, seed: 7 });
  t.is(result.outcome, 'FAIL');
  t.is(result.reason, 'refused is 0 lines.');
});
