/** Faults on a bench of fakes: each is proved or says why not, and what was broken is always made whole. */
import test from 'ava';
import { isRigError } from '../../../rig/errors.js';
import { ROM_MESSAGE_LIMIT } from '../../../rig/faults/board-proofs.js';
import { FaultInjector } from '../../../rig/faults/injector.js';
import { RECOVERY_LIMIT } from '../../../rig/faults/recovery.js';
import { TransitWatch } from '../../../rig/faults/transit-watch.js';
import type { BenchPorts, PowerSwitch, RailReading } from '../../../rig/ports.js';
import { ScopedClock } from '../../../rig/time/scoped-clock.js';
import { type DurationUs, elapsed, type InstantUs, later, ms, seconds } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { makeObserver } from '../run/observer-rig.js';
import { fakeDevice } from './fake-device.js';
import { fakeLines } from './fake-lines.js';
import { fakeLink } from './fake-link.js';

const volts = (reading: number): RailReading => ({ kind: 'voltmeter', volts: reading });
const never = () => new Promise<never>(() => undefined);

interface Fakes {
  /** The rail as its instrument shows it, by the time since it was switched off. */
  readonly rail?: (sinceOff: DurationUs) => RailReading | undefined;
  /** Which ports the bench lacks. */
  readonly without?: keyof BenchPorts;
}

interface Seen {
  heardUs: InstantUs | undefined;
  rom: { atUs: InstantUs; cause: number } | undefined;
  connectionUs: InstantUs | undefined;
  downUs: InstantUs | undefined;
  serverUp: boolean;
}

function setUp({ rail = () => volts(0), without }: Fakes = {}) {
  const bench = new VirtualClock();
  const clock = new ScopedClock(bench);
  const { around, faults } = makeObserver(clock);
  const done: string[] = [];
  const stop = new AbortController();
  const seen: Seen = {
    heardUs: undefined,
    rom: undefined,
    connectionUs: undefined,
    downUs: undefined,
    serverUp: false,
  };
  const transits = new TransitWatch();
  let offUs: InstantUs | undefined;
  const note = (what: string) => void done.push(`${what} at ${clock.now() / 1_000} ms`);
  const power: PowerSwitch = {
    off: async () => {
      offUs = clock.now();
      note('power off');
    },
    on: async () => note('power on'),
    rail: async () => (offUs === undefined ? volts(3.3) : rail(elapsed(offUs, clock.now()))),
  };
  const all: BenchPorts = {
    syn: { write: async () => undefined, release: async () => undefined },
    ack: { read: async () => 0, nextEdge: never, discardEdges: () => undefined, missedEdges: 0 },
    i2c: {
      role: 'target',
      enable: async () => undefined,
      disable: async () => undefined,
      armTransmit: async () => undefined,
      armReceive: async () => undefined,
      received: async () => new Uint8Array(0),
    },
    network: { hostAddress: '192.168.4.1', listen: never },
    power,
    reset: {
      press: async (pulse) => {
        note('press');
        await bench.sleep('pulse', pulse);
        note('release');
      },
      release: async () => undefined,
    },
    accessPoint: {
      ssid: 'rig',
      passphrase: 'secret',
      off: async () => note('access point off'),
      on: async () => note('access point on'),
    },
  };
  const ports: BenchPorts = without === undefined ? all : { ...all, [without]: undefined };
  const injector = new FaultInjector({
    clock,
    ports,
    log: faults,
    signal: stop.signal,
    ...fakeDevice(),
    link: fakeLink(),
    lines: fakeLines(),
    sightings: {
      lastHeardUs: () => seen.heardUs,
      lastRom: () => seen.rom,
      lastConnectionUs: () => seen.connectionUs,
      lastDownUs: () => seen.downUs,
      serverUp: () => seen.serverUp,
      transits,
      linkTimeout: ms(1_500),
    },
  });
  /** The link works again, this long after the start. */
  const recoverAt = (at: DurationUs) => {
    bench.at('recovery', later(bench.now(), at), () => {
      faults.seen('server up');
      faults.delivered('uplink');
      faults.delivered('downlink');
    });
  };
  const evidence = () =>
    around.events.flatMap((event) => (event.type === 'fault.proved' ? [event.evidence] : []));
  return { bench, clock, faults, injector, done, stop, seen, recoverAt, evidence, around };
}

test('an outage is proved by silence, ends on time, and lasts until recovery', async (t) => {
  const { bench, clock, injector, done, recoverAt, evidence } = setUp();
  recoverAt(seconds(12));
  const times = await bench.run(() => injector.wifiOutage(seconds(8)));
  t.deepEqual(done, ['access point off at 0 ms', 'access point on at 8000 ms']);
  t.deepEqual(evidence(), ['the server heard nothing for 750 ms']);
  t.deepEqual(times, { detectionUs: undefined, recoveryUs: seconds(4) });
  t.deepEqual(clock.pending(), []);
});

test('silence counts from what the server heard last', async (t) => {
  const { bench, injector, seen, recoverAt, faults } = setUp();
  bench.at('last word', later(bench.now(), ms(900)), () => {
    seen.heardUs = bench.now();
  });
  // Heard often enough until then.
  for (let at = 0; at < 900; at += 100) {
    bench.at('words', later(bench.now(), ms(at)), () => {
      seen.heardUs = bench.now();
    });
  }
  recoverAt(seconds(12));
  await bench.run(() => injector.wifiOutage(seconds(8)));
  t.is(faults.last?.steps.get('proved'), ms(1_650) as number as InstantUs);
});

test('a device that is heard throughout an outage makes the run INVALID, and the access point is on again', async (t) => {
  const { bench, clock, injector, done, seen, evidence } = setUp();
  const hear = () => {
    seen.heardUs = bench.now();
    if (bench.now() < seconds(20)) bench.at('word', later(bench.now(), ms(300)), hear);
  };
  hear();
  const error = await bench.run(() => t.throwsAsync(injector.wifiOutage(seconds(8))));
  t.true(isRigError(error, 'INVALID'));
  t.regex(error.message, /still heard the device.*access point/);
  t.deepEqual(done.at(-1), 'access point on at 8000 ms');
  t.deepEqual(evidence(), []);
  t.deepEqual(clock.pending(), []);
});

test('a power cut is proved by the rail', async (t) => {
  const { bench, injector, done, recoverAt, evidence } = setUp({
    rail: (since) => volts(3.3 * Math.exp(-since / 40_000)),
  });
  recoverAt(seconds(3));
  const times = await bench.run(() => injector.powerCut(ms(500)));
  t.deepEqual(done, ['power off at 0 ms', 'power on at 500 ms']);
  t.regex(evidence()[0] ?? '', /^the rail fell to 0\.\d\d V$/);
  t.is(times.recoveryUs, ms(2_500));
});

test('a rail that is fed from elsewhere makes the run INVALID, and power is on again', async (t) => {
  const { bench, injector, done } = setUp({ rail: () => volts(1.8) });
  const error = await bench.run(() => t.throwsAsync(injector.powerCut(ms(500))));
  t.true(isRigError(error, 'INVALID'));
  t.regex(error.message, /stayed at 1\.80 V.*back-feeding/);
  t.regex(done.at(-1) ?? '', /^power on/);
});

test('a comparator proves a power cut too, by what it is: a yes or no', async (t) => {
  const { bench, injector, recoverAt, evidence } = setUp({
    rail: (since) => ({ kind: 'comparator', isUp: since < ms(20) }),
  });
  recoverAt(seconds(3));
  await bench.run(() => injector.powerCut(ms(500)));
  t.deepEqual(evidence(), ['the comparator saw the rail go down']);
});

test('a comparator that goes on seeing the rail makes the run INVALID, and no voltage is made up', async (t) => {
  const { bench, injector, done } = setUp({ rail: () => ({ kind: 'comparator', isUp: true }) });
  const error = await bench.run(() => t.throwsAsync(injector.powerCut(ms(500))));
  t.true(isRigError(error, 'INVALID'));
  t.regex(error.message, /comparator still sees the rail up; look for back-feeding/);
  t.notRegex(error.message, / V\b/);
  t.regex(done.at(-1) ?? '', /^power on/);
});

test('a rail without an instrument makes the run INVALID', async (t) => {
  const { bench, injector, done } = setUp({ rail: () => undefined });
  const error = await bench.run(() => t.throwsAsync(injector.powerCut(ms(500))));
  t.true(isRigError(error, 'INVALID'));
  t.regex(error.message, /no instrument on the supply rail/);
  t.deepEqual(done.at(-1), 'power on at 0 ms');
});

test('a press is proved by the ROM message that follows it', async (t) => {
  const { bench, injector, seen, recoverAt, evidence, done } = setUp();
  seen.rom = { atUs: bench.now(), cause: 1 };
  await bench.run(() => bench.sleep('earlier', seconds(1)));
  bench.at('ROM', later(bench.now(), ms(160)), () => {
    seen.rom = { atUs: bench.now(), cause: 2 };
  });
  recoverAt(seconds(3));
  await bench.run(() => injector.resetPress(ms(100)));
  t.deepEqual(evidence(), ['the ROM printed rst cause:2']);
  t.deepEqual(done, ['press at 1000 ms', 'release at 1100 ms']);
});

test('a press without a ROM message, an old one aside, makes the run INVALID', async (t) => {
  const { bench, injector, seen } = setUp();
  seen.rom = { atUs: bench.now(), cause: 1 };
  await bench.run(() => bench.sleep('earlier', seconds(1)));
  const error = await bench.run(() => t.throwsAsync(injector.resetPress(ms(100))));
  t.true(isRigError(error, 'INVALID'));
  t.regex(error.message, /no ROM message/);
  t.is(bench.now(), later(ms(1_100) as number as InstantUs, ROM_MESSAGE_LIMIT));
});

test('a link that does not recover within the limit fails the run, and says what was seen', async (t) => {
  const { bench, clock, injector, faults } = setUp();
  bench.at('half of it', later(bench.now(), seconds(9)), () => faults.seen('synchronised'));
  const error = await bench.run(() => t.throwsAsync(injector.wifiOutage(seconds(8))));
  t.true(isRigError(error, 'TIMEOUT'));
  t.regex(error.message, /did not recover.*180 s.*proved, synchronised/);
  t.is(bench.now(), (seconds(8) + RECOVERY_LIMIT) as InstantUs);
  t.is(faults.current, undefined);
  t.deepEqual(clock.pending(), []);
});

for (const [when, at] of [
  ['before the proof', ms(300)],
  ['between proof and end', seconds(4)],
  ['during recovery', seconds(9)],
] as const) {
  test(`a run that is stopped ${when} gives up at once and makes whole what was broken`, async (t) => {
    for (const inject of ['wifiOutage', 'powerCut'] as const) {
      const { bench, clock, injector, done, stop } = setUp({
        rail: (since) => volts(since < ms(500) ? 3.3 : 0),
      });
      bench.at('stop', later(bench.now(), at), () => stop.abort());
      const error = await bench.run(() => t.throwsAsync(injector[inject](seconds(8))));
      t.true(isRigError(error, 'CANCELLED'));
      t.is(bench.now() as number, at);
      t.is(done.filter((what) => / (on|off) /.test(what)).length, 2);
      t.regex(done.at(-1) ?? '', / on /);
      t.deepEqual(clock.pending(), []);
    }
  });
}

test('a stopped run injects nothing more that it would have to wait for', async (t) => {
  const { bench, injector, done, stop } = setUp();
  stop.abort();
  const error = await bench.run(() => t.throwsAsync(injector.wifiOutage(seconds(8))));
  t.true(isRigError(error, 'CANCELLED'));
  t.regex(done.at(-1) ?? '', /^access point on at 0 ms/);
});

test('a port that the bench lacks is named', async (t) => {
  for (const [port, inject] of [
    ['accessPoint', 'wifiOutage'],
    ['power', 'powerCut'],
    ['reset', 'resetPress'],
  ] as const) {
    const { bench, injector, faults } = setUp({ without: port });
    const error = await bench.run(() => t.throwsAsync(injector[inject](seconds(1))));
    t.true(isRigError(error, 'BENCH'));
    t.regex(error.message, new RegExp(port));
    t.is(faults.count, 0);
  }
});
