/**
 * Noise on the wires: the rig's firmware comes back after all of it, what a wrong bit damages is counted apart, and firmware
 * that takes half of what it was sent, or stays away, passes `steady` and fails.
 */
import test from 'ava';
import type { ParameterValues } from '../../rig/run/scenario.js';
import { ms } from '../../rig/time/units.js';
import { linkNoise } from '../../scenarios/link-noise.js';
import { steady } from '../../scenarios/steady.js';
import { type Flash, linkFirmware, type Rehearsed, rehearse, spoiled } from './rehearsal.js';

type Values = Partial<ParameterValues<typeof linkNoise.parameters>>;

const noise = (parameters: Values, flash: Flash = linkFirmware) =>
  rehearse({ scenario: linkNoise, parameters: { messages: 260, ...parameters }, seed: 7, flash });

const valueNamed = ({ result }: Rehearsed, name: string) =>
  result.measurements.find((measurement) => measurement.name === name)?.value;

const kindsOf = ({ result }: Rehearsed) => result.faults.map(({ kind }) => kind).sort();

test.serial('noise on the bus: a wrong bit damages messages, and nothing else does', async (t) => {
  const run = await noise({ lines: false });
  t.is(run.result.outcome, 'PASS', run.result.reason);
  t.deepEqual(kindsOf(run), [
    'glitch-scl',
    'glitch-sda',
    'header-flip',
    'nack',
    'payload-flip',
    'payload-flip',
    'slow-bus',
    'stuck-scl',
    'stuck-sda',
  ]);
  for (const { evidence, recoveredAtMs } of run.result.faults) {
    t.truthy(evidence);
    t.not(recoveredAtMs, null);
  }
  t.true((valueNamed(run, 'corrupted by wrong bits') ?? 0) > 0, 'the link has no checksum');
  t.is(valueNamed(run, 'corrupted otherwise'), 0);
  t.regex(
    run.result.faults.find(({ kind }) => kind === 'slow-bus')?.evidence ?? '',
    /^\d+ exchanges took \d\d\.\d to \d\d/,
  );
});

test.serial(
  'noise on syn, ack and reset: the link comes back after each, and no message is damaged',
  async (t) => {
    const run = await noise({ bits: false, bus: false });
    t.is(run.result.outcome, 'PASS', run.result.reason);
    t.is(run.result.faults.length, 9);
    t.deepEqual(
      ['lost without a reboot', 'corrupted otherwise', 'unexpected otherwise'].map((name) =>
        valueNamed(run, name),
      ),
      [0, 0, 0],
    );
    t.true((valueNamed(run, 'noticed') ?? 0) >= 5, 'every wire that was stuck');
  },
);

/** Does not wait for a slow bus, and takes what has come by then. */
const hasty = spoiled(`
from link import compat
from time import ticks_diff, ticks_ms
class Hasty(compat.SoftI2C):
    def readfrom_into(self, addr, buf, stop=True):
        start = ticks_ms()
        super().readfrom_into(addr, buf)
        if ticks_diff(ticks_ms(), start) > 15 and len(buf) > 2:
            buf[len(buf) - 3] = 63
compat.SoftI2C = Hasty`);

/** After a broken exchange it does not start any more. */
const offended = spoiled(`
import os
if 'dead' in os.listdir():
    raise RuntimeError('dead')
from link import responder
def desynchronise(self):
    open('dead', 'w').close()
responder.Responder.desynchronise = desynchronise`);

for (const [what, flash, parameters, reason] of [
  ['takes half of what it was sent', hasty, { period: ms(250) }, /corrupted otherwise is \d+ messages/],
  ['stays away after a broken exchange', offended, {}, /reboots in a row|did not recover/],
] as const) {
  test.serial(`firmware that ${what} passes steady and fails link-noise`, async (t) => {
    const calm = await rehearse({ scenario: steady, seed: 5, flash, parameters: { messages: 40 } });
    t.is(calm.result.outcome, 'PASS', calm.result.reason);
    const { result } = await noise({ bits: false, lines: false, messages: 200, ...parameters }, flash);
    t.is(result.outcome, 'FAIL', result.reason);
    t.regex(result.reason ?? '', reason);
  });
}

test('link-noise without any noise is wrong usage', (t) => {
  const values = { messages: 1, period: ms(500), size: 48, rounds: 1, hold: ms(2_000), stretch: ms(20) };
  t.throws(() => linkNoise.measurements({ ...values, bits: false, bus: false, lines: false }), {
    code: 'USAGE',
    message: /set bits, bus or lines/,
  });
});
