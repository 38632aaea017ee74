/** When a fault is over, what is attributed to it, and which steps of it count. */
import test from 'ava';
import { isRigError } from '../../../rig/errors.js';
import { instant, ms } from '../../../rig/time/units.js';
import { brief, makeObserver } from '../run/observer-rig.js';

function setUp() {
  const { around, faults } = makeObserver();
  const at = (atUs: number) => {
    around.now = instant(atUs);
  };
  return { around, faults, at };
}

test('what falls due is attributed to the fault from injection to recovery, by its phase', (t) => {
  const { around, faults, at } = setUp();
  t.deepEqual(faults.attribution(), { phase: 'steady' });
  at(10);
  const fault = faults.inject('wifi-outage', 'off for 8 s');
  t.deepEqual(around.struck, [1]);
  t.deepEqual(faults.attribution(), { phase: 'fault', fault: 1 });
  faults.proved(fault, 'silence');
  t.deepEqual(faults.attribution(), { phase: 'fault', fault: 1 });
  faults.cleared(fault);
  t.deepEqual(faults.attribution(), { phase: 'recovery', fault: 1 });
  faults.seen('server up');
  faults.delivered('uplink');
  faults.delivered('downlink');
  t.deepEqual(faults.attribution(), { phase: 'steady' });
});

test('a fault is over when messages flow both ways and the backlog is drained, not before', (t) => {
  const { around, faults, at } = setUp();
  let recovered = 0;
  const fault = faults.inject('wifi-outage', '');
  fault.onRecovered = () => {
    recovered += 1;
  };
  around.drained = false;
  faults.delivered('uplink');
  t.deepEqual([...fault.steps.keys()], [], 'A delivery during the fault is none of the recovery.');
  at(1_000);
  faults.cleared(fault);
  faults.delivered('uplink');
  t.false(fault.steps.has('first uplink delivered'), 'Nor is one before the server is up.');
  at(2_000);
  faults.seen('server up');
  faults.delivered('uplink');
  faults.delivered('uplink');
  t.is(recovered, 0);
  at(3_000);
  faults.delivered('downlink');
  t.is(recovered, 0, 'The backlog is not drained.');
  around.drained = true;
  at(4_000);
  faults.delivered('downlink');
  t.is(recovered, 1);
  t.is(faults.current, undefined);
  faults.delivered('downlink');
  t.is(recovered, 1);
  t.deepEqual(fault.times(), { detectionUs: undefined, recoveryUs: ms(3) });
  t.deepEqual(brief(around.events).slice(-2), ['step: backlog drained', 'fault.recovered']);
});

test('a direction that has no more messages need not be waited for', (t) => {
  const { around, faults } = setUp();
  const fault = faults.inject('power-cut', '');
  around.finished.add('downlink');
  faults.cleared(fault);
  faults.seen('server up');
  t.not(faults.current, undefined);
  faults.delivered('uplink');
  t.is(faults.current, undefined);
});

test('with all messages sent before, the fault is over as the server is up', (t) => {
  const { around, faults } = setUp();
  around.finished.add('downlink').add('uplink');
  faults.cleared(faults.inject('power-cut', ''));
  faults.seen('server up');
  t.is(faults.current, undefined);
});

test('detection is the first that anybody saw, whoever it was', (t) => {
  const { faults, at } = setUp();
  at(100);
  const fault = faults.inject('wifi-outage', '');
  t.is(fault.times().detectionUs, undefined);
  at(1_100);
  faults.seen('seen by the server');
  at(5_100);
  faults.seen('seen by the client');
  faults.seen('seen by the server');
  t.is(fault.times().detectionUs, ms(1));
});

test('a step that is undone is taken anew, at its later time', (t) => {
  const { around, faults, at } = setUp();
  around.drained = false;
  const fault = faults.inject('wifi-outage', '');
  faults.cleared(fault);
  at(1_000);
  faults.seen('server up');
  faults.undo('server up');
  faults.delivered('uplink');
  t.false(fault.steps.has('first uplink delivered'));
  at(2_000);
  faults.seen('server up');
  t.is(fault.steps.get('server up'), instant(2_000));
  faults.undo('WiFi up');
});

test('without a fault under way nothing is a step', (t) => {
  const { around, faults } = setUp();
  faults.seen('server up');
  faults.undo('server up');
  faults.delivered('uplink');
  t.deepEqual(around.events, []);
  const fault = faults.inject('wifi-outage', '');
  faults.abandon();
  faults.seen('server up');
  t.is(fault.steps.size, 0);
  t.deepEqual(faults.attribution(), { phase: 'steady' });
});

test('faults are numbered in order, and one at a time', (t) => {
  const { faults } = setUp();
  faults.inject('wifi-outage', '');
  const error = t.throws(() => faults.inject('power-cut', ''));
  t.true(isRigError(error, 'BENCH'));
  t.regex(error?.message ?? '', /Fault 1 \(wifi-outage\) is still under way/);
  faults.abandon();
  t.is(faults.inject('power-cut', '').number, 2);
  t.deepEqual(
    [1, 2].map((number) => faults.kindOf(number)),
    ['wifi-outage', 'power-cut'],
  );
  t.is(faults.count, 2);
  t.is(faults.times().length, 2);
});
