/** Faults of the air on a bench of fakes: what proves each, what does not, and that the air is always made whole. */
import test from 'ava';
import { isRigError } from '../../../rig/errors.js';
import { KICK_PROOF_LIMIT } from '../../../rig/faults/air-proofs.js';
import { FaultInjector } from '../../../rig/faults/injector.js';
import { TransitWatch } from '../../../rig/faults/transit-watch.js';
import type { AccessPoint, BenchPorts, Impairment } from '../../../rig/ports.js';
import { ScopedClock } from '../../../rig/time/scoped-clock.js';
import { type DurationUs, type InstantUs, instant, later, ms, seconds, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { makeObserver } from '../run/observer-rig.js';
import { fakeDevice } from './fake-device.js';
import { fakeLines } from './fake-lines.js';
import { fakeLink } from './fake-link.js';

const never = () => new Promise<never>(() => undefined);
const nothing = async () => undefined;

interface Seen {
  heardUs: InstantUs | undefined;
  connectionUs: InstantUs | undefined;
  downUs: InstantUs | undefined;
  serverUp: boolean;
  rebootUs: InstantUs | undefined;
  stations: readonly string[];
}

function setUp(changes: Partial<AccessPoint> = {}) {
  const bench = new VirtualClock();
  const clock = new ScopedClock(bench);
  const { around, faults } = makeObserver(clock);
  const done: string[] = [];
  const note = (what: string) => async () => void done.push(`${what} at ${bench.now() / 1_000} ms`);
  const seen: Seen = {
    heardUs: undefined,
    connectionUs: undefined,
    downUs: undefined,
    serverUp: false,
    rebootUs: undefined,
    stations: ['5c:cf:7f:00:00:01'],
  };
  const transits = new TransitWatch();
  const ports: BenchPorts = {
    syn: { write: nothing, release: nothing },
    ack: { read: async () => 0, nextEdge: never, discardEdges: () => undefined, missedEdges: 0 },
    i2c: {
      role: 'target',
      enable: nothing,
      disable: nothing,
      armTransmit: nothing,
      armReceive: nothing,
      received: async () => new Uint8Array(0),
    },
    network: { hostAddress: '192.168.4.1', listen: never },
    accessPoint: {
      ssid: 'rig',
      passphrase: 'secret',
      off: note('off'),
      on: note('on'),
      kick: note('kick'),
      silence: note('silence'),
      degrade: note('degrade'),
      stations: async () => seen.stations,
      ...changes,
    },
  };
  const stop = new AbortController();
  const injector = new FaultInjector({
    clock,
    ports,
    log: faults,
    signal: stop.signal,
    ...fakeDevice(),
    link: fakeLink(),
    lines: fakeLines({
      lastReboot: () =>
        seen.rebootUs === undefined ? undefined : { atUs: seen.rebootUs, reason: 'no keepalive' },
    }),
    sightings: {
      lastHeardUs: () => seen.heardUs,
      lastRom: () => undefined,
      lastConnectionUs: () => seen.connectionUs,
      lastDownUs: () => seen.downUs,
      serverUp: () => seen.serverUp,
      transits,
      linkTimeout: ms(1_500),
    },
  });
  const at = (time: DurationUs, act: () => void) => bench.at('test', later(bench.now(), time), act);
  /** The server hears the device every 300 ms, as it must. */
  const hear = () => {
    seen.heardUs = bench.now();
    if (bench.now() < seconds(60)) at(ms(300), hear);
  };
  /** A message from the device took so long to the server. */
  const message = (tookUs: DurationUs, now = bench.now()) => transits.delivered(instant(now - tookUs), now);
  /** The link works again after so long: a connection stands, and messages flow. */
  const recoverAt = (time: DurationUs) =>
    at(time, () => {
      faults.seen('server up');
      faults.delivered('uplink');
      faults.delivered('downlink');
    });
  const evidence = () =>
    around.events.flatMap((event) => (event.type === 'fault.proved' ? [event.evidence] : []));
  return { bench, clock, faults, injector, done, seen, at, hear, message, recoverAt, evidence, stop };
}

const slow: Impairment = { loss: 0, latencyUs: ms(100), jitterUs: ms(20) };
const lossy: Impairment = { loss: 0.1, latencyUs: us(0), jitterUs: us(0) };

test('a kick is proved by the silence of a device that joins again', async (t) => {
  const { bench, clock, injector, done, recoverAt, evidence } = setUp();
  recoverAt(seconds(5));
  const { recoveryUs } = await bench.run(() => injector.stationKick());
  t.deepEqual(done, ['kick at 0 ms'], 'the access point stays on');
  t.deepEqual(evidence(), ['the server heard nothing for 750 ms']);
  t.is(recoveryUs, seconds(5));
  t.deepEqual(clock.pending(), []);
});

test('a kick is proved by the word of the device, by a connection anew, or by its joining again', async (t) => {
  const proofs = {
    'the device said that it had lost its server': ({ at, seen, bench }: ReturnType<typeof setUp>) =>
      at(ms(200), () => {
        seen.downUs = bench.now();
      }),
    'the device connected anew': ({ at, seen, bench }: ReturnType<typeof setUp>) =>
      at(ms(200), () => {
        seen.connectionUs = bench.now();
      }),
    'the device left the list of stations and joined again': ({ at, seen }: ReturnType<typeof setUp>) => {
      at(ms(20), () => {
        seen.stations = ['00:00:00:00:00:01'];
      });
      at(ms(200), () => {
        seen.stations = ['00:00:00:00:00:01', '5c:cf:7f:00:00:01'];
      });
    },
  };
  for (const [evidence, happen] of Object.entries(proofs)) {
    const rig = setUp();
    rig.hear();
    happen(rig);
    rig.recoverAt(seconds(2));
    await rig.bench.run(() => rig.injector.stationKick());
    t.deepEqual(rig.evidence(), [evidence]);
  }
});

test('what the device said or did before a kick is no proof of it, nor is a station that never left', async (t) => {
  const { bench, injector, seen, hear } = setUp();
  hear();
  seen.downUs = bench.now();
  seen.connectionUs = bench.now();
  await bench.run(() => bench.sleep('earlier', ms(10)));
  const error = await bench.run(() => t.throwsAsync(injector.stationKick()));
  t.true(isRigError(error, 'INVALID'));
  t.regex(error.message, /neither fell silent nor said.*station of this access point/);
  t.is(bench.now() as number, KICK_PROOF_LIMIT + ms(10));
});

test('a connection that outlives a kick counts as up; one that breaks yet does not', async (t) => {
  const { bench, injector, faults, seen, at, hear, recoverAt } = setUp();
  hear();
  seen.serverUp = true;
  at(ms(100), () => {
    seen.downUs = bench.now();
  });
  at(ms(400), () => {
    faults.delivered('uplink');
    faults.delivered('downlink');
  });
  const { recoveryUs } = await bench.run(() => injector.stationKick());
  t.is(recoveryUs, ms(400), 'messages flow over the old connection');
  at(ms(100), () => {
    seen.downUs = bench.now();
  });
  at(ms(300), () => faults.undo('server up'));
  at(ms(400), () => {
    faults.delivered('uplink');
    faults.delivered('downlink');
  });
  recoverAt(seconds(3));
  t.is((await bench.run(() => injector.stationKick())).recoveryUs, seconds(3));
});

test('a connection from before a reboot of the device counts as up no more, whatever the server thinks', async (t) => {
  const { bench, injector, faults, seen, at, recoverAt } = setUp();
  seen.serverUp = true;
  seen.connectionUs = bench.now();
  at(seconds(3), () => {
    seen.rebootUs = bench.now();
  });
  at(ms(8_200), () => {
    faults.delivered('uplink');
    faults.delivered('downlink');
  });
  recoverAt(seconds(12));
  t.is((await bench.run(() => injector.silentLoss(seconds(8)))).recoveryUs, seconds(4));
});

test('a silent loss is proved by silence, and ends on time', async (t) => {
  const { bench, injector, done, recoverAt, evidence } = setUp();
  recoverAt(seconds(12));
  const times = await bench.run(() => injector.silentLoss(seconds(8)));
  t.deepEqual(done, ['silence at 0 ms', 'on at 8000 ms']);
  t.deepEqual(evidence(), ['the server heard nothing for 750 ms']);
  t.is(times.recoveryUs, seconds(4));
});

test('a device that is heard throughout a silent loss makes the run INVALID, and the air is whole again', async (t) => {
  const { bench, injector, done, hear } = setUp();
  hear();
  const error = await bench.run(() => t.throwsAsync(injector.silentLoss(seconds(8))));
  t.true(isRigError(error, 'INVALID'));
  t.regex(error.message, /still heard the device.*packets which are lost/);
  t.is(done.at(-1), 'on at 8000 ms');
});

test('an added latency is proved by messages, none of which is faster than it allows', async (t) => {
  const { bench, injector, done, hear, message, at, recoverAt, evidence } = setUp();
  hear();
  for (let count = 0; count < 5; count += 1) message(ms(6 + count));
  for (const [time, took] of [
    [500, 105],
    [900, 130],
    [1_300, 98],
  ] as const) {
    at(ms(time), () => message(ms(took)));
  }
  recoverAt(seconds(9));
  await bench.run(() => injector.degradedLink(seconds(8), slow));
  t.deepEqual(done, ['degrade at 0 ms', 'on at 8000 ms']);
  t.deepEqual(evidence(), [
    'the fastest of 3 messages took 98 ms; before, the fastest of 5 messages took 6 ms',
  ]);
});

test('a message that was on its way before is neither of before nor of now', (t) => {
  const watch = new TransitWatch();
  const at = (time: number) => instant(ms(time));
  watch.delivered(at(0), at(5));
  watch.begin(at(100));
  watch.delivered(at(98), at(102));
  watch.delivered(undefined, at(103));
  watch.delivered(at(100), at(160));
  t.deepEqual(watch.before, { count: 1, fastestUs: 5_000 });
  t.deepEqual(watch.during, { count: 1, fastestUs: 60_000 });
  watch.end();
  watch.delivered(undefined, at(200));
  t.deepEqual(watch.before, { count: 2, fastestUs: 0 });
});

test('messages that stay fast, or were slow before, prove no latency', async (t) => {
  for (const [before, during] of [
    [6, 7],
    [90, 110],
  ] as const) {
    const { bench, injector, done, hear, message, at } = setUp();
    hear();
    for (let count = 0; count < 5; count += 1) message(ms(before));
    for (let time = 500; time < 5_000; time += 500) at(ms(time), () => message(ms(during)));
    const error = await bench.run(() => t.throwsAsync(injector.degradedLink(seconds(8), slow)));
    t.true(isRigError(error, 'INVALID'));
    t.regex(error.message, new RegExp(`fastest of 9 messages took ${during} ms; before.*took ${before} ms`));
    t.is(done.at(-1), 'on at 8000 ms');
  }
});

test('loss is proved by a silence that it causes, and so is a network on which no message arrives at all', async (t) => {
  for (const impairment of [lossy, { ...slow, loss: 0.5 }]) {
    const { bench, injector, seen, at, recoverAt, evidence } = setUp();
    const hearAt = (time: number) =>
      at(ms(time), () => {
        seen.heardUs = bench.now();
      });
    for (const time of [300, 600, 1_600, 1_900, 2_200, 2_500, 2_800, 3_100, 3_400, 3_700, 4_000])
      hearAt(time);
    for (let time = 4_300; time < 9_000; time += 300) hearAt(time);
    recoverAt(seconds(9));
    await bench.run(() => injector.degradedLink(seconds(8), impairment));
    t.regex(evidence()[0] ?? '', /^the server heard nothing for (750|9\d\d) ms$/);
  }
});

test('a loss that nobody notices makes the run INVALID and says what would show', async (t) => {
  const { bench, injector, hear } = setUp();
  hear();
  const error = await bench.run(() => t.throwsAsync(injector.degradedLink(seconds(8), lossy)));
  t.true(isRigError(error, 'INVALID'));
  t.regex(error.message, /never without news.*more loss, a longer fault or an added latency above 40 ms/);
});

test('an access point that cannot make a fault is told before anything is injected', async (t) => {
  for (const [ability, inject] of [
    ['kick', (injector: FaultInjector) => injector.stationKick()],
    ['silence', (injector: FaultInjector) => injector.silentLoss(seconds(5))],
    ['degrade', (injector: FaultInjector) => injector.degradedLink(seconds(5), slow)],
  ] as const) {
    const { bench, injector, faults } = setUp({ [ability]: undefined });
    const error = await bench.run(() => t.throwsAsync(inject(injector)));
    t.true(isRigError(error, 'BENCH'));
    t.true(error.message.includes(`cannot ${ability}`));
    t.is(faults.count, 0);
  }
});

test('a run that is stopped in the middle of a fault of the air makes it whole', async (t) => {
  for (const inject of [
    (injector: FaultInjector) => injector.silentLoss(seconds(8)),
    (injector: FaultInjector) => injector.degradedLink(seconds(8), slow),
  ]) {
    const { bench, clock, injector, done, at, stop } = setUp();
    at(seconds(2), () => stop.abort());
    const error = await bench.run(() => t.throwsAsync(inject(injector)));
    t.true(isRigError(error, 'CANCELLED'));
    t.is(done.at(-1), 'on at 2000 ms');
    t.deepEqual(clock.pending(), []);
  }
});

test('a fault that the access point fails to make leaves it whole, too', async (t) => {
  const { bench, injector, done } = setUp({ silence: () => Promise.reject(new Error('no nft')) });
  await bench.run(() => t.throwsAsync(injector.silentLoss(seconds(8)), { message: 'no nft' }));
  t.deepEqual(done, ['on at 0 ms']);
});
