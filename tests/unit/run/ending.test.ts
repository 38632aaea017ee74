/** Who is to blame for how a run ended. */
import test from 'ava';
import { type ErrorCode, errorCodes, RigError } from '../../../rig/errors.js';
import type { MeasurementDeclaration } from '../../../rig/run/declarations.js';
import { bringUpError, endingOfBrokenRun, endingOfCompleteRun } from '../../../rig/run/ending.js';
import type { Outcome } from '../../../rig/run/outcome.js';
import { instant, seconds } from '../../../rig/time/units.js';
import { makeObserver } from './observer-rig.js';

const lost: MeasurementDeclaration = {
  name: 'lost',
  unit: 'messages',
  description: 'lost messages',
  limit: { kind: 'equal', value: 0 },
};

test('a complete run is judged by its measurements, and one that was not measured never passes', (t) => {
  t.deepEqual(endingOfCompleteRun([lost], new Map([['lost', 0]]), undefined), { outcome: 'PASS' });
  const failed = endingOfCompleteRun([lost], new Map([['lost', 2]]), undefined);
  t.is(failed.outcome, 'FAIL');
  t.regex(failed.reason ?? '', /lost is 2 messages/);
  const unset = endingOfCompleteRun([lost], new Map(), undefined);
  t.not(unset.outcome, 'PASS');
  t.regex(unset.reason ?? '', /lost was not measured/);
});

test('a doubt makes a run invalid, whether it passed or failed', (t) => {
  for (const value of [0, 5]) {
    t.deepEqual(endingOfCompleteRun([lost], new Map([['lost', value]]), 'Edges were missed.'), {
      outcome: 'INVALID',
      reason: 'Edges were missed.',
    });
  }
});

test('blame goes by the code of what broke the run, and a doubt spares the device alone', (t) => {
  const blame: Readonly<Record<ErrorCode, readonly [Outcome, Outcome]>> = {
    TIMEOUT: ['FAIL', 'INVALID'],
    PROTOCOL: ['FAIL', 'INVALID'],
    CLOSED: ['FAIL', 'INVALID'],
    INVALID: ['INVALID', 'INVALID'],
    BENCH: ['ERROR', 'ERROR'],
    FULL: ['ERROR', 'ERROR'],
    USAGE: ['ERROR', 'ERROR'],
    CANCELLED: ['ERROR', 'ERROR'],
  };
  for (const code of errorCodes) {
    const { observer } = makeObserver();
    const error = new RigError(code, 'what happened');
    const [trusted, doubted] = blame[code];
    t.is(endingOfBrokenRun(error, observer, undefined).outcome, trusted, code);
    t.is(endingOfBrokenRun(error, observer, 'The rig stalled.').outcome, doubted, code);
  }
  const { observer } = makeObserver();
  t.is(endingOfBrokenRun(new TypeError('a defect'), observer, undefined).outcome, 'ERROR');
});

test("the reason shows the console's last lines, or that there were none", (t) => {
  const { observer } = makeObserver();
  const error = new RigError('TIMEOUT', 'It never came up.');
  t.regex(
    endingOfBrokenRun(error, observer, undefined).reason ?? '',
    /It never came up\. The console stayed silent\./,
  );
  for (let index = 1; index <= 8; index += 1) {
    const bytes = new TextEncoder().encode(`line ${index}\n`);
    observer.console.accept({ bytes, atUs: instant(0), baud: 115_200 });
  }
  const reason = endingOfBrokenRun(error, observer, undefined).reason ?? '';
  t.regex(reason, /last lines:\n {2}\| line 3\n/);
  t.regex(reason, /\| line 8$/);
});

test('a device that does not come up is told by what was reached', (t) => {
  const { observer } = makeObserver();
  t.regex(bringUpError(observer, seconds(120)).message, /120 s: there was no contact at all; 0 ROM messages/);
  observer.sawLink('configured', undefined);
  observer.sawStopped('bad-wifi');
  t.regex(
    bringUpError(observer, seconds(120)).message,
    /the link is configured, the device reported bad-wifi/,
  );
});

test('a chip that does not answer its reset is the bench, not the device', (t) => {
  const { observer } = makeObserver(undefined, true);
  for (let reset = 0; reset < 5; reset += 1) observer.sawLink('rebooting', 'no contact');
  const error = new RigError('TIMEOUT', 'It is late.');
  for (const doubt of [undefined, 'The rig stalled.']) {
    const { outcome, reason } = endingOfBrokenRun(error, observer, doubt);
    t.is(outcome, 'ERROR');
    t.regex(reason ?? '', /^It is late\. No start: .* 5 times/);
  }
});

test('a board that does not start its firmware is named as that', (t) => {
  const { observer } = makeObserver();
  const print = (line: string) =>
    observer.console.accept({ bytes: new TextEncoder().encode(`${line}\n`), atUs: instant(1), baud: 74_880 });
  const reason = () =>
    endingOfBrokenRun(new RigError('TIMEOUT', 'It is late.'), observer, undefined).reason ?? '';
  observer.sawLink('rebooting', 'the link starts');
  print(' ets Jan  8 2013,rst cause:2, boot mode:(3,6)');
  t.regex(reason(), /^It is late\. The console's/);
  print(' ets Jan  8 2013,rst cause:2, boot mode:(1,6)');
  t.regex(
    reason(),
    /^It is late\. Wrong boot mode: .* boot mode 1: .*UART bootloader \(SCL.* reset it again\./,
  );
  for (let start = 0; start < 3; start += 1) print(' ets Jan  8 2013,rst cause:3, boot mode:(3,6)');
  t.regex(reason(), /Boot loop: .* (4|3) times .*rst cause 3, software/);
  observer.sawLink('configured', undefined);
  t.regex(reason(), /Boot loop: /, 'a loop may get as far as that');
  observer.sawDeviceServer(true, instant(2));
  t.regex(reason(), /^It is late\. The console's/);
});
