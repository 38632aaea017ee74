/**
 * The scenarios of a program that dies or never ends, and of a clock that overflows: the rig's firmware passes them, and a
 * firmware or a bench that breaks what each is about passes `steady` and fails it.
 */
import test from 'ava';
import type { Bench } from '../../rig/run/bench.js';
import { seconds } from '../../rig/time/units.js';
import { appCrash } from '../../scenarios/app-crash.js';
import { appHang } from '../../scenarios/app-hang.js';
import { handlerHang } from '../../scenarios/handler-hang.js';
import { rtcOverflow } from '../../scenarios/rtc-overflow.js';
import { steady } from '../../scenarios/steady.js';
import { type Flash, type Rehearsed, rehearse, spoiled } from './rehearsal.js';

const messages = 50;
const crashes = { scenario: appCrash, parameters: { messages, crashes: 2 } };
const hangs = { scenario: appHang, parameters: { messages: 100, hangs: 4 } };
const handlerHangs = { scenario: handlerHang, parameters: { messages, hangs: 2 } };
const overflow = { scenario: rtcOverflow, parameters: { messages, before: seconds(20) } };

const measured = ({ result }: Rehearsed, name: string) =>
  result.measurements.find((measurement) => measurement.name === name)?.value ?? undefined;
const causesOf = ({ result }: Rehearsed) => result.boots.map(({ cause }) => cause);

test.serial('app-crash passes: the client misses the keepalives within 4 s and an exchange', async (t) => {
  const run = await rehearse({ ...crashes, seed: 7 });
  t.is(run.result.outcome, 'PASS', run.result.reason);
  for (const { evidence } of run.result.faults) {
    t.regex(evidence ?? '', /^the prompt is there, the server heard nothing for 7\d\d ms, and \d+ exchanges/);
  }
  const noticedMs = measured(run, 'noticed max') ?? 0;
  t.true(noticedMs > 2_000 && noticedMs < 4_200, `${noticedMs} ms`);
  t.deepEqual(causesOf(run).slice(-2), [2, 2]);
});

test.serial('app-hang passes: whoever is due first ends the hang, and the ROM says who', async (t) => {
  const run = await rehearse({ ...hangs, seed: 7 });
  t.is(run.result.outcome, 'PASS', run.result.reason);
  const byWatchdog = measured(run, 'ended by the watchdog') ?? 0;
  t.true(byWatchdog >= 1, 'the watchdog was faster at least once');
  t.is((measured(run, 'ended by the client') ?? 0) + byWatchdog, 4);
  t.is(causesOf(run).filter((cause) => cause === 4).length, byWatchdog);
  t.regex(run.result.faults[0]?.evidence ?? '', /^the prompt is gone, the server heard nothing/);
  const unguarded = await rehearse({
    scenario: appHang,
    parameters: { messages, hangs: 1, watchdog: false },
    seed: 7,
  });
  t.is(measured(unguarded, 'ended by the client'), 1);
});

test.serial(
  'handler-hang passes: an exchange is not answered, and the client does not wait for more',
  async (t) => {
    const run = await rehearse({ ...handlerHangs, seed: 7 });
    t.is(run.result.outcome, 'PASS', run.result.reason);
    t.true((measured(run, 'noticed max') ?? 0) < 1_500);
    t.is(measured(run, 'ended by the client'), 2);
  },
);

test.serial('rtc-overflow passes: the clock overflows, and neither time nor messages are lost', async (t) => {
  const run = await rehearse({ ...overflow, seed: 7 });
  t.is(run.result.outcome, 'PASS', run.result.reason);
  t.is(measured(run, 'overflows crossed'), 1);
  const drift = measured(run, 'clock drift') ?? 0;
  t.true(drift > 0.3 && drift < 4, `${drift} s/min`);
});

test.serial('the same seed gives the same run', async (t) => {
  const run = () => rehearse({ scenario: appHang, parameters: { messages: 20, hangs: 1 }, seed: 3 });
  const [first, again] = [await run(), await run()];
  t.deepEqual(again.events.slice(0, -1), first.events.slice(0, -1));
});

/** Its keepalives come from the interrupt handler: they outlive the application. */
const immortal = spoiled(`
from link import responder
exchange = responder.Responder._exchange
exchanges = 0
def keeping_alive(self):
    global exchanges
    exchange(self)
    exchanges += 1
    if exchanges % 10 == 0 and not self._tx_length:
        self.write(b"k\\n")
responder.Responder._exchange = keeping_alive
`);

/** Does not care what time it is. */
const timeless = spoiled('from link import app\nclass Time:\n    time = lambda: 0\napp.time = Time\n');

/** A bench whose reset wire does not reach the board. */
const wireless = (bench: Bench): Bench => ({
  ...bench,
  ports: { ...bench.ports, reset: { press: async () => undefined, release: async () => undefined } },
});

const calm = (flash: Flash) => rehearse({ scenario: steady, seed: 5, flash, parameters: { messages: 40 } });

test.serial(
  'firmware whose handler sends the keepalives passes steady, and fails app-crash and app-hang',
  async (t) => {
    const { result: steadily } = await calm(immortal);
    t.is(steadily.outcome, 'PASS', steadily.reason);
    for (const { result } of [
      await rehearse({ ...crashes, seed: 5, flash: immortal }),
      await rehearse({ ...hangs, seed: 5, flash: immortal }),
    ]) {
      t.is(result.outcome, 'FAIL', result.reason);
      t.regex(
        result.reason ?? '',
        /^The program on the device is dead .* nothing has started the device anew/,
      );
    }
  },
);

test.serial('without a reset wire handler-hang fails, unless the watchdog is armed', async (t) => {
  const { result } = await rehearse({ ...handlerHangs, seed: 5, aroundBench: wireless });
  t.is(result.outcome, 'FAIL', result.reason);
  t.regex(result.reason ?? '', /nothing has started the device anew within 20 s/);
  const guarded = await rehearse({
    scenario: handlerHang,
    parameters: { messages, hangs: 1, watchdog: true },
    seed: 5,
    aroundBench: wireless,
  });
  t.is(causesOf(guarded).at(1), 4, guarded.result.reason);
});

test.serial('firmware that never asks for the time passes steady, and fails rtc-overflow', async (t) => {
  t.is((await calm(timeless)).result.outcome, 'PASS');
  const { result } = await rehearse({ ...overflow, seed: 5, flash: timeless });
  t.is(result.outcome, 'FAIL');
  t.regex(result.reason ?? '', /^overflows missed is 1 overflows\.$/);
});
