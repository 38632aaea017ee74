/** Faults of the link's own ends on a bench of fakes: what proves each, what does not, and that all is put right again. */
import test from 'ava';
import { isRigError } from '../../../rig/errors.js';
import { LinkFaults, REPORT_LIMIT } from '../../../rig/faults/link-faults.js';
import type { LinkHandle } from '../../../rig/faults/link-handle.js';
import { TransitWatch } from '../../../rig/faults/transit-watch.js';
import type { LinkState } from '../../../rig/link/client-options.js';
import type { StopReason } from '../../../rig/link/messages.js';
import { ScopedClock } from '../../../rig/time/scoped-clock.js';
import { type DurationUs, type InstantUs, later, ms, seconds } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { makeObserver } from '../run/observer-rig.js';
import { fakeLink } from './fake-link.js';

interface Device {
  /** What it says after its start, and after how long. */
  readonly says?: StopReason;
  readonly afterUs?: DurationUs;
  /** It gets through to the server after its start all the same. */
  readonly getsThrough?: boolean;
}

function setUp({ says, afterUs = seconds(21), getsThrough = false }: Device = {}) {
  const bench = new VirtualClock();
  const clock = new ScopedClock(bench);
  const { around, faults } = makeObserver(clock);
  const done: string[] = [];
  const note = (what: string) => void done.push(what);
  const seen: {
    heardUs: InstantUs | undefined;
    downUs: InstantUs | undefined;
    messageUs: InstantUs | undefined;
    waits: boolean;
    state: LinkState;
    stopped: StopReason | undefined;
  } = {
    heardUs: undefined,
    downUs: undefined,
    messageUs: undefined,
    waits: false,
    state: 'configured',
    stopped: undefined,
  };
  const at = (time: DurationUs, act: () => void) => void bench.at('test', later(bench.now(), time), act);
  const restart = () => {
    note('restart');
    seen.state = 'rebooting';
    seen.stopped = undefined;
    at(seconds(2), () => {
      seen.state = 'configured';
    });
    at(seconds(4), () => {
      if (getsThrough) seen.heardUs = bench.now();
    });
    at(seconds(2 + afterUs / 1_000_000), () => {
      seen.stopped = says;
    });
  };
  const link: LinkHandle = fakeLink({
    server: { break: async (how) => note(`server ${how}`), mend: async () => note('server whole') },
    tellCredentials: (credentials) => note(`credentials ${credentials}`),
    restart,
    hasWaitedSince: () => seen.waits,
    saysUp: false,
  });
  Object.defineProperties(link, {
    state: { get: () => seen.state },
    stopped: { get: () => seen.stopped },
    lastMessageUs: { get: () => seen.messageUs },
  });
  const stop = new AbortController();
  const faultsOfLink = new LinkFaults({
    clock,
    ports: {
      accessPoint: {
        ssid: 'rig',
        passphrase: 'secret',
        off: async () => note('air off'),
        on: async () => note('air on'),
      },
    },
    log: faults,
    signal: stop.signal,
    link,
    sightings: {
      lastHeardUs: () => seen.heardUs,
      lastConnectionUs: () => undefined,
      lastDownUs: () => seen.downUs,
      transits: new TransitWatch(),
      linkTimeout: ms(1_500),
    },
  });
  /** The link works again after so long. */
  const recoverAt = (time: DurationUs) =>
    at(time, () => {
      faults.seen('server up');
      faults.delivered('uplink');
      faults.delivered('downlink');
    });
  const evidence = () =>
    around.events.flatMap((event) => (event.type === 'fault.proved' ? [event.evidence] : []));
  return { bench, clock, seen, at, done, stop, link: faultsOfLink, recoverAt, evidence };
}

test('a server outage is proved by the word of the device, and the server is whole on time', async (t) => {
  const { bench, link, at, seen, done, recoverAt, evidence } = setUp();
  at(ms(300), () => {
    seen.downUs = bench.now();
  });
  recoverAt(seconds(12));
  const { recoveryUs } = await bench.run(() => link.serverOutage('stop', seconds(8)));
  t.deepEqual(done, ['server stop', 'server whole']);
  t.deepEqual(evidence(), ['the device said that it had lost its server']);
  t.is(recoveryUs, seconds(4));
});

test('a device that does not notice a silent server shows it by the messages that do not come', async (t) => {
  const { bench, link, at, seen, recoverAt, evidence } = setUp();
  at(ms(200), () => {
    seen.messageUs = bench.now();
    seen.waits = true;
  });
  recoverAt(seconds(12));
  await bench.run(() => link.serverOutage('half-open', seconds(8)));
  t.deepEqual(evidence(), ['no message came out of the device for 1500 ms, although some waited']);
});

test('a server outage of which nothing is seen makes the run INVALID, and the server is whole again', async (t) => {
  for (const waits of [true, false]) {
    const { bench, link, at, seen, done, clock } = setUp();
    seen.waits = waits;
    seen.downUs = bench.now();
    await bench.run(() => bench.sleep('earlier', ms(10)));
    // With messages waiting, some come out all the time; without, none is missed.
    const tick = () => {
      if (waits) seen.messageUs = bench.now();
      if (bench.now() < seconds(9)) at(ms(400), tick);
    };
    tick();
    const error = await bench.run(() => t.throwsAsync(link.serverOutage('half-open', seconds(8))));
    t.true(isRigError(error, 'INVALID'));
    t.regex(error.message, /did not say that it had lost its server/);
    t.is(done.at(-1), 'server whole');
    t.deepEqual(clock.pending(), []);
  }
});

test('a start without a network is reported, proved by silence, and put right', async (t) => {
  const { bench, link, done, recoverAt, evidence } = setUp({ says: 'bad-wifi' });
  recoverAt(seconds(60));
  const { reportsUs } = await bench.run(() =>
    link.startWithout({ missing: 'access point', credentials: 'wrong' }, { missing: 'credentials' }),
  );
  t.deepEqual(done, [
    ...['credentials wrong', 'air off', 'restart'],
    ...['credentials wrong', 'air on', 'restart'],
    ...['credentials right', 'server whole', 'air on'],
  ]);
  for (const report of reportsUs ?? []) t.true(Math.abs((report ?? 0) - seconds(21)) <= ms(50));
  t.is(reportsUs?.length, 2);
  t.regex(evidence()[0] ?? '', /no access point, credentials wrong .* 210\d\d ms; with wrong credentials/);
});

test('a start that is not reported is one without a report, and the device is started again', async (t) => {
  const { bench, link, done, recoverAt } = setUp();
  recoverAt(seconds(70));
  const { reportsUs } = await bench.run(() => link.startWithout({ missing: 'server' }));
  t.deepEqual(reportsUs, [undefined]);
  t.true(bench.now() >= REPORT_LIMIT);
  t.deepEqual(done.slice(0, 2), ['server refuse', 'restart']);
  t.is(done.at(-1), 'restart');
});

test('a device that gets through although something was missing makes the run INVALID', async (t) => {
  const { bench, link, done } = setUp({ says: 'bad-wifi', getsThrough: true });
  const error = await bench.run(() => t.throwsAsync(link.startWithout({ missing: 'credentials' })));
  t.true(isRigError(error, 'INVALID'));
  t.regex(error.message, /got through to the server with wrong credentials; does its flash hold/);
  t.deepEqual(done.slice(-3), ['credentials right', 'server whole', 'air on']);
});

test('a start on a whole bench is proved by the synchronisation, and the credentials are right again', async (t) => {
  const { bench, link, done, recoverAt, evidence } = setUp();
  recoverAt(seconds(9));
  await bench.run(() => link.restart('stored'));
  t.deepEqual(done, ['credentials stored', 'restart', 'credentials right']);
  t.deepEqual(evidence(), ['the device synchronised anew, and took its configuration']);
});
