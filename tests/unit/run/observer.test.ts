/** How what is seen of device and link becomes events, and steps of the fault under way. */
import test from 'ava';
import { instant, ms, ORIGIN, us } from '../../../rig/time/units.js';
import { brief, makeObserver } from './observer-rig.js';

const ROM = 'ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n';

function print(observer: ReturnType<typeof makeObserver>['observer'], text: string, atUs = 0): void {
  observer.console.accept({ bytes: new TextEncoder().encode(text), atUs: instant(atUs), baud: 115_200 });
}

test('boots are expected until the link first works and during faults, and unexpected otherwise', (t) => {
  const { observer, faults, around } = makeObserver();
  print(observer, ROM);
  observer.bringUpDone();
  t.deepEqual(observer.boots, { total: 1, unexpected: 0 });
  const fault = faults.inject('reset-press', 'test');
  print(observer, ROM);
  t.deepEqual(observer.boots, { total: 2, unexpected: 0 });
  faults.cleared(fault);
  faults.abandon();
  print(observer, ROM, 77);
  t.deepEqual(observer.boots, { total: 3, unexpected: 1 });
  t.is(around.boots, 3);
  t.deepEqual(observer.lastRom, { atUs: instant(77), cause: 2, mode: 3 });
  t.deepEqual(
    around.events.flatMap((event) => (event.type === 'boot' ? [[event.number, event.expected]] : [])),
    [
      [1, true],
      [2, true],
      [3, false],
    ],
  );
});

test('a boot ends what the device said of itself before', (t) => {
  const { observer } = makeObserver();
  observer.sawDeviceServer(true, ORIGIN);
  observer.sawStopped('bad-wifi');
  print(observer, ROM);
  t.false(observer.deviceSaysUp);
  t.is(observer.stopped, undefined);
});

test('every line of the console becomes an event', (t) => {
  const { observer, around } = makeObserver();
  print(observer, 'one\r\ntwo\r\n');
  t.deepEqual(around.events, [
    { type: 'console', line: 'one' },
    { type: 'console', line: 'two' },
  ]);
});

test('a gap of the console is noted, and ends the line before it', (t) => {
  const { observer, around } = makeObserver();
  print(observer, 'ets Jan  8 2013,rst cau');
  observer.sawConsoleNotice({ kind: 'lost', atUs: instant(5), detail: 'the port went away' });
  print(observer, 'se:2, boot mode:(3,6)\r\n');
  t.deepEqual(around.events, [
    { type: 'console', line: 'ets Jan  8 2013,rst cau' },
    { type: 'note', text: 'Console: the port went away' },
    { type: 'console', line: 'se:2, boot mode:(3,6)' },
  ]);
});

test('an outage is seen by client and server, once each; what was reached before the end is reached again', (t) => {
  const { observer, faults, around } = makeObserver();
  observer.bringUpDone();
  const fault = faults.inject('wifi-outage', 'test');
  around.drained = false;
  observer.sawDeviceServer(false, around.now);
  observer.sawServer('dut', 'outage', 'silent');
  observer.sawServer('dut', 'outage', 'silent again');
  t.deepEqual([...fault.steps.keys()], ['seen by the client', 'seen by the server']);
  // A connection before the fault is cleared is none of its recovery.
  observer.sawServer('dut', 'reconnected', '');
  t.false(fault.steps.has('server up'));
  observer.sawConnection(around.now);
  t.false(fault.steps.has('WiFi up'));
  faults.cleared(fault);
  observer.sawConnection(around.now);
  observer.sawServer('dut', 'reconnected', '');
  t.true(fault.steps.has('WiFi up') && fault.steps.has('server up'));
  observer.sawServer('dut', 'outage', 'broke again');
  t.false(fault.steps.has('WiFi up') || fault.steps.has('server up'));
  observer.sawServer('dut', 'reconnected', '');
  t.true(fault.steps.has('server up'));
  t.is(brief(around.events).filter((event) => event === 'step: seen by the server').length, 1);
});

test('whether the server is up follows the last that it said, and a refusal says nothing', (t) => {
  const { observer } = makeObserver();
  t.false(observer.serverUp);
  observer.sawServer('dut', 'connected', '');
  t.true(observer.serverUp);
  observer.sawServer('stranger', 'refused', 'unknown');
  t.true(observer.serverUp);
  observer.sawServer('dut', 'outage', '');
  t.false(observer.serverUp);
});

test('the states of the link are steps of a fault', (t) => {
  const { observer, faults, around } = makeObserver();
  const fault = faults.inject('power-cut', 'test');
  observer.sawLink('rebooting', 'no answer');
  observer.sawLink('synchronised', undefined);
  observer.sawLink('configured', undefined);
  t.deepEqual([...fault.steps.keys()], ['seen by the client', 'synchronised', 'configured']);
  observer.sawLink('rebooting', 'again');
  t.deepEqual([...fault.steps.keys()], ['seen by the client']);
  t.is(observer.linkState, 'rebooting');
  t.deepEqual(around.events.at(-1), { type: 'link', state: 'rebooting', reason: 'again' });
});

test('exchanges are counted, their longest and total kept, and failed ones apart', (t) => {
  const { observer } = makeObserver();
  observer.sawExchange(us(300), true);
  observer.sawExchange(us(900), true);
  observer.sawExchange(ms(1_000), false);
  observer.sawExchange(us(100), true);
  t.deepEqual(observer.exchange, { count: 3, totalUs: us(1_300), maxUs: us(900), failed: 1 });
});
