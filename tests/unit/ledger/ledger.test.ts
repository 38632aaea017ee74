import test from 'ava';
import { isRigError } from '../../../rig/errors.js';
import { ANOMALY_TEXT_LIMIT, type Attribution, Ledger } from '../../../rig/ledger/ledger.js';
import type { StreamDeclaration } from '../../../rig/run/declarations.js';
import type { RunEventBody } from '../../../rig/run/events.js';
import { instant, ms, seconds } from '../../../rig/time/units.js';
import { encodeMessage } from '../../../rig/traffic/message.js';

const SIZE_BYTES = 40;
const text = (stream: string, sequence: number) => encodeMessage(stream, sequence, SIZE_BYTES);

function streamOf(name: string, changes: Partial<StreamDeclaration> = {}): StreamDeclaration {
  return {
    name,
    direction: 'uplink',
    qos: true,
    wait: true,
    periodUs: ms(100),
    count: 1_000,
    sizeBytes: SIZE_BYTES,
    ...changes,
  };
}

function setUp(streams: StreamDeclaration[] = [streamOf('up')], options: { windowLimit?: number } = {}) {
  const events: RunEventBody[] = [];
  const now: { attribution: Attribution } = { attribution: { phase: 'steady', boot: 1 } };
  const ledger = new Ledger({
    streams,
    emit: (body) => events.push(body),
    attribution: () => now.attribution,
    lostAfter: seconds(10),
    ...options,
  });
  /** Due, offered and accepted, each a millisecond after the other. */
  const send = (sequence: number, atMs: number, stream = 'up') => {
    ledger.due(stream, sequence, instant(atMs * 1_000));
    ledger.offered(stream, sequence, instant(atMs * 1_000 + 1_000));
    ledger.accepted(stream, sequence, instant(atMs * 1_000 + 2_000));
  };
  const arrive = (sequence: number, atMs: number, stream = 'up') =>
    ledger.arrived('uplink', text(stream, sequence), instant(atMs * 1_000));
  return { ledger, events, now, send, arrive };
}

test('a message that arrives once, intact, is delivered, with the time of each point it passed', (t) => {
  const { ledger, events, send, arrive } = setUp();
  send(0, 0);
  ledger.acked('up', 0, instant(2_500));
  arrive(0, 30);
  t.deepEqual(events, [
    {
      type: 'message',
      stream: 'up',
      sequence: 0,
      verdict: 'delivered',
      dueUs: instant(0),
      phase: 'steady',
      boot: 1,
      offeredUs: instant(1_000),
      acceptedUs: instant(2_000),
      ackedUs: instant(2_500),
      deliveredUs: instant(30_000),
    },
  ]);
  t.is(ledger.undecided(), 0);
});

test('a message belongs to the fault and boot of the time when it fell due, whatever came after', (t) => {
  const { events, now, send, arrive } = setUp();
  now.attribution = { phase: 'fault', fault: 3, boot: 7 };
  send(0, 0);
  now.attribution = { phase: 'steady', boot: 8 };
  arrive(0, 900);
  t.like(events[0], { type: 'message', phase: 'fault', fault: 3, boot: 7 });
});

test('a second arrival is a duplicate, of the fault in whose window it came', (t) => {
  const { ledger, events, now, send, arrive } = setUp();
  send(0, 0);
  arrive(0, 30);
  now.attribution = { phase: 'recovery', fault: 2, boot: 1 };
  arrive(0, 40);
  arrive(0, 50);
  t.like(events[1], { type: 'anomaly', kind: 'duplicated', stream: 'up', sequence: 0, fault: 2 });
  t.like(ledger.counts('up'), { delivered: 1, duplicated: 2, unexpected: 0 });
});

test('a message that arrives after a later one of its stream is reordered; other streams do not matter', (t) => {
  const { ledger, events, send, arrive } = setUp([streamOf('up'), streamOf('other')]);
  for (const sequence of [0, 1, 2]) send(sequence, sequence);
  send(0, 5, 'other');
  arrive(2, 30);
  arrive(0, 31, 'other');
  arrive(0, 32);
  arrive(1, 33);
  t.deepEqual(
    events.map(
      (event) => event.type === 'message' && [event.stream, event.sequence, event.reordered ?? false],
    ),
    [
      ['up', 2, false],
      ['other', 0, false],
      ['up', 0, true],
      ['up', 1, true],
    ],
  );
  t.is(ledger.counts('up').reordered, 2);
  t.is(ledger.counts('other').reordered, 0);
});

test('a corrupted message is an anomaly, and the original is lost unless it still comes intact', (t) => {
  const { ledger, events, send, arrive } = setUp();
  send(0, 0);
  send(1, 1);
  ledger.arrived('uplink', `${text('up', 0).slice(0, -1)}#`, instant(30_000));
  ledger.arrived('uplink', `${text('up', 1).slice(0, -1)}#`, instant(31_000));
  arrive(1, 40);
  ledger.finish();
  t.like(events[0], { type: 'anomaly', kind: 'corrupted', stream: 'up', sequence: 0 });
  t.like(events[2], { type: 'message', sequence: 1, verdict: 'delivered' });
  t.like(events[3], { type: 'message', sequence: 0, verdict: 'lost' });
  t.like(ledger.counts('up'), { corrupted: 2, delivered: 1, lost: 1 });
});

test('the sequence of a corrupted message is given only when such a message fell due', (t) => {
  const { ledger, events, send } = setUp();
  send(0, 0);
  ledger.arrived('uplink', text('up', 9).replace('/9/', '/8/'), instant(1));
  t.like(events[0], { kind: 'corrupted', stream: 'up' });
  t.false('sequence' in (events[0] ?? {}));
});

test('a corrupted message that names no stream is of the only one of its direction, or of none', (t) => {
  const damaged = text('up', 0).replace('up', 'vp');
  const alone = setUp([streamOf('up'), streamOf('down', { direction: 'downlink' })]);
  alone.ledger.arrived('uplink', damaged, instant(1));
  t.is(alone.ledger.counts('up').corrupted, 1);
  const two = setUp([streamOf('up'), streamOf('other')]);
  two.ledger.arrived('uplink', damaged, instant(1));
  t.deepEqual(two.events, [{ type: 'anomaly', kind: 'corrupted', text: damaged }]);
});

test('what was never sent, comes from the wrong side, or is no test message is unexpected', (t) => {
  const { ledger, events, send, arrive } = setUp();
  send(0, 0);
  arrive(1, 10);
  arrive(0, 11, 'unknown');
  ledger.arrived('downlink', text('up', 0), instant(12_000));
  ledger.arrived('uplink', 'x'.repeat(500), instant(13_000));
  t.deepEqual(
    events.map((event) => event.type === 'anomaly' && event.kind),
    ['unexpected', 'unexpected', 'unexpected', 'unexpected'],
  );
  const last = events[3];
  t.is(last?.type === 'anomaly' ? last.text.length : 0, ANOMALY_TEXT_LIMIT + 1);
  t.is(ledger.undecided('up'), 1);
});

test('at the end, what was accepted is lost, what was not is unsent, what the link dropped is lost where it was', (t) => {
  const { ledger, events, send } = setUp();
  send(0, 0);
  ledger.due('up', 1, instant(100_000));
  ledger.due('up', 2, instant(200_000));
  ledger.offered('up', 2, instant(200_100));
  ledger.due('up', 3, instant(300_000));
  ledger.offered('up', 3, instant(300_100));
  ledger.dropped('up', 3);
  ledger.finish();
  t.deepEqual(
    events.map((event) => event.type === 'message' && [event.sequence, event.verdict]),
    [
      [0, 'lost'],
      [1, 'unsent'],
      [2, 'unsent'],
      [3, 'lost'],
    ],
  );
  t.false('acceptedUs' in (events[3] ?? {}));
  t.notThrows(() => ledger.check());
});

test('of a run cut short, what was on its way is undecided: nobody waited for it, so nobody can call it lost', (t) => {
  const { ledger, events, send, arrive } = setUp();
  send(0, 0);
  arrive(0, 30);
  send(1, 100);
  ledger.due('up', 2, instant(200_000));
  ledger.offered('up', 2, instant(200_100));
  ledger.due('up', 3, instant(300_000));
  ledger.offered('up', 3, instant(300_100));
  ledger.dropped('up', 3);
  ledger.abandon(instant(0));
  t.deepEqual(
    events.map((event) => event.type === 'message' && [event.sequence, event.verdict]),
    [
      [0, 'delivered'],
      [1, 'undecided'],
      [2, 'unsent'],
      [3, 'undecided'],
    ],
  );
  t.like(ledger.counts('up'), { due: 4, delivered: 1, lost: 0, unsent: 1, undecided: 2 });
  t.notThrows(() => ledger.check());
  ledger.abandon(instant(9_000_000));
  t.is(events.length, 4, 'each is decided once');
});

test('of a run cut short, what was waited for as long as at the end of any run is lost', (t) => {
  const { ledger, send } = setUp();
  send(0, 0);
  send(1, 5_000);
  ledger.due('up', 2, instant(5_000_000));
  ledger.offered('up', 2, instant(5_000_100));
  ledger.dropped('up', 2);
  ledger.abandon(instant(4_000_000));
  t.like(ledger.counts('up'), { due: 3, lost: 1, undecided: 2, unsent: 0 });
});

test('the ledger does not add up before it is finished', (t) => {
  const { ledger, send } = setUp();
  send(0, 0);
  t.true(
    isRigError(
      t.throws(() => ledger.check(), { message: /up" has 1 due/ }),
      'INVALID',
    ),
  );
  ledger.finish();
  t.notThrows(() => ledger.check());
});

test('an accepted message that does not come for long is lost; should it come later, it is unexpected', (t) => {
  const { ledger, events, send, arrive } = setUp();
  send(0, 0);
  send(1, 10_001);
  t.is(ledger.undecided(), 2);
  send(2, 10_003);
  t.like(events[0], { type: 'message', sequence: 0, verdict: 'lost' });
  arrive(0, 10_004);
  t.like(events[1], { type: 'anomaly', kind: 'unexpected', sequence: 0 });
  t.like(ledger.counts('up'), { due: 3, lost: 1, delivered: 0, unexpected: 1 });
});

test('a dropped message does not hold the window open for ever', (t) => {
  const { ledger, send, arrive } = setUp(undefined, { windowLimit: 256 });
  ledger.due('up', 0, instant(0));
  ledger.dropped('up', 0);
  for (let sequence = 1; sequence < 2_000; sequence += 1) {
    send(sequence, sequence * 100);
    arrive(sequence, sequence * 100 + 50);
  }
  t.like(ledger.counts('up'), { lost: 1, delivered: 1_999 });
});

test('a backlog that outgrows the window is an error of the bench that names the stream', (t) => {
  const { ledger } = setUp(undefined, { windowLimit: 256 });
  for (let sequence = 0; sequence < 256; sequence += 1) ledger.due('up', sequence, instant(sequence));
  const error = t.throws(() => ledger.due('up', 256, instant(256)), {
    message: /"up": 256 of the latest 256/,
  });
  t.true(isRigError(error, 'BENCH'));
});

test('the window keeps what it knows of each message as it grows', (t) => {
  const { ledger, events, now } = setUp();
  for (let sequence = 0; sequence < 3_000; sequence += 1) {
    now.attribution = { phase: 'fault', fault: sequence, boot: sequence * 2 };
    ledger.due('up', sequence, instant(sequence));
    ledger.accepted('up', sequence, instant(sequence + 5));
  }
  for (let sequence = 0; sequence < 3_000; sequence += 1) {
    ledger.arrived('uplink', text('up', sequence), instant(10_000));
  }
  const kept = events.every(
    (event, sequence) =>
      event.type === 'message' &&
      event.dueUs === sequence &&
      event.acceptedUs === sequence + 5 &&
      event.fault === sequence &&
      event.boot === sequence * 2,
  );
  t.is(events.length, 3_000);
  t.true(kept);
});

test('the backlog is drained once nothing that fell due before is on its way', (t) => {
  const { ledger, send, arrive } = setUp();
  t.true(ledger.backlogDrained(instant(0)));
  send(0, 0);
  send(1, 100);
  send(2, 200);
  arrive(1, 210);
  t.false(ledger.backlogDrained(instant(100_000)));
  t.true(ledger.backlogDrained(instant(0)));
  arrive(0, 220);
  t.true(ledger.backlogDrained(instant(200_000)));
  t.false(ledger.backlogDrained(instant(200_001)));
});

test('the backlog of one direction can be drained while that of the other is not', (t) => {
  const { ledger, send } = setUp([streamOf('up'), streamOf('down', { direction: 'downlink' })]);
  const end = instant(Number.POSITIVE_INFINITY);
  send(0, 0);
  t.true(ledger.backlogDrained(end, 'downlink'));
  t.false(ledger.backlogDrained(end, 'uplink'));
  t.false(ledger.backlogDrained(end));
});

test('what a device held when it rebooted does not hold up the backlog, and is delivered should it come', (t) => {
  const down = streamOf('down', { direction: 'downlink' });
  const { ledger, send, arrive } = setUp([streamOf('up'), down]);
  const end = instant(1_000_000);
  send(0, 0);
  send(0, 0, 'down');
  send(1, 1, 'down');
  ledger.acked('down', 0, instant(3_000));
  ledger.deviceRebooted();
  t.false(ledger.backlogDrained(end), 'the server sends again what the device has not acked');
  ledger.arrived('downlink', text('down', 1), instant(50_000));
  t.true(ledger.backlogDrained(end));
  arrive(0, 60);
  ledger.finish();
  t.like(ledger.counts('up'), { delivered: 1, lost: 0 });
  t.like(ledger.counts('down'), { delivered: 1, lost: 1 });
});

test('with qos=false an overtaken message does not hold up the backlog, and with qos=true it does', (t) => {
  for (const qos of [false, true]) {
    const { ledger, send, arrive } = setUp([streamOf('up', { qos })]);
    send(0, 0);
    send(1, 100);
    arrive(1, 110);
    t.is(ledger.backlogDrained(instant(1_000_000)), !qos);
  }
});

test('with qos=false the last message does not hold up the backlog once the device has connected anew', (t) => {
  for (const qos of [false, true]) {
    const { ledger, send, arrive } = setUp([streamOf('up', { qos })]);
    const end = instant(1_000_000);
    send(0, 0);
    t.false(ledger.backlogDrained(end));
    ledger.connectedAnew();
    t.is(ledger.backlogDrained(end), !qos);
    arrive(0, 60);
    t.like(ledger.counts('up'), { delivered: 1 });
  }
});

test('where damage is to be expected, an overtaken message does not hold up the backlog if order was promised', (t) => {
  for (const wait of [false, true]) {
    const { ledger, send, arrive } = setUp([streamOf('up', { qos: true, wait })]);
    send(0, 0);
    send(1, 100);
    ledger.expectDamage();
    t.false(ledger.backlogDrained(instant(1_000_000)));
    arrive(1, 110);
    t.is(ledger.backlogDrained(instant(1_000_000)), wait);
    arrive(0, 120);
    t.is(ledger.counts('up').delivered, 2, 'should it arrive all the same, it is delivered');
  }
});

test('a point of a message that never fell due, or one out of turn, is a defect of the caller', (t) => {
  const { ledger, send } = setUp();
  send(0, 0);
  for (const run of [
    () => ledger.due('up', 2, instant(0)),
    () => ledger.accepted('up', 1, instant(0)),
    () => ledger.dropped('up', 1),
    () => ledger.due('nobody', 0, instant(0)),
    () => setUp([streamOf('up')], { windowLimit: 1_000 }),
  ]) {
    t.true(isRigError(t.throws(run), 'BENCH'));
  }
  ledger.finish();
  t.true(
    isRigError(
      t.throws(() => ledger.due('up', 1, instant(0))),
      'BENCH',
    ),
  );
  t.true(
    isRigError(
      t.throws(() => setUp([streamOf('a'), streamOf('a')])),
      'USAGE',
    ),
  );
});

test('a duplicate is told from an unexpected message for as long as the window reaches back', (t) => {
  const { ledger, send, arrive } = setUp(undefined, { windowLimit: 256 });
  for (let sequence = 0; sequence < 300; sequence += 1) {
    send(sequence, sequence);
    arrive(sequence, sequence);
  }
  arrive(44, 400);
  t.like(ledger.counts('up'), { duplicated: 1, unexpected: 0 });
  arrive(43, 401);
  t.like(ledger.counts('up'), { duplicated: 1, unexpected: 1 });
});

test('a lost message is no duplicate because an earlier one at its place in the memory was delivered', (t) => {
  const { ledger, send, arrive } = setUp(undefined, { windowLimit: 256 });
  for (let sequence = 0; sequence < 300; sequence += 1) {
    send(sequence, sequence * 100);
    if (sequence !== 256) arrive(sequence, sequence * 100);
  }
  send(300, 60_000);
  t.is(ledger.counts('up').lost, 1);
  arrive(256, 60_001);
  t.like(ledger.counts('up'), { duplicated: 0, unexpected: 1 });
});

test('the first time that a message passes a point counts, since a retry is part of the wait', (t) => {
  const { ledger, events, send, arrive } = setUp();
  send(0, 0);
  ledger.offered('up', 0, instant(500_000));
  ledger.accepted('up', 0, instant(600_000));
  arrive(0, 700);
  ledger.acked('up', 0, instant(800_000));
  t.like(events[0], { offeredUs: instant(1_000), acceptedUs: instant(2_000) });
  t.is(events.length, 1);
});
