/**
 * The contract of `AccessPoint`, for a network with one station on it that joins by itself whenever it can. The suite
 * knows neither whether time is real nor what makes the network.
 */
import test, { type ExecutionContext } from 'ava';
import { isRigError } from '../../rig/errors.js';
import type { AccessPoint } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import { type DurationUs, elapsed, later, ms, seconds, toMs, us } from '../../rig/time/units.js';

export interface AccessPointBench {
  readonly clock: Clock;
  readonly accessPoint: AccessPoint;
  /** The station's MAC address, in lower case. */
  readonly station: string;
  /** How often the station has lost the network since the bench was made, by its own account. */
  losses(): Promise<number>;
  /** True while the station takes itself for joined, by its own account. */
  isJoined(): Promise<boolean>;
  /** Sends a packet from the host to the station and back: how long that took, undefined when it was lost. */
  ping(): Promise<DurationUs | undefined>;
}

/** A bench whose access point is a driver of something that can be closed, and can go away. */
export interface AccessPointDeviceBench extends AccessPointBench {
  /** Lets go of the access point. */
  close(): Promise<void>;
  /** Opens it once more. */
  reopen(): Promise<AccessPoint & { close(): Promise<void> }>;
  /** Whatever makes the network ends. */
  stopDaemon(): Promise<void>;
  startDaemon(): Promise<void>;
  /** This user may no longer control it. */
  forbid(): Promise<void>;
}

type With<B> = (body: (bench: B) => Promise<void>) => Promise<void>;

/** A station has joined by then: scan, association, key exchange and DHCP, and a pause after an attempt in vain. */
const JOIN_LIMIT = seconds(20);
/** A station has missed its access point by then. */
const NOTICE_LIMIT = seconds(10);
const POLL = ms(100);
/** At a loss of 30 % each way, about 12 of these pass; one or none, or all but one or all, do so in 1 of 300,000 runs. */
const PINGS = 24;

const within = async (clock: Clock, limit: DurationUs, holds: () => Promise<boolean>): Promise<boolean> => {
  const deadlineUs = later(clock.now(), limit);
  while (!(await holds())) {
    if (clock.now() >= deadlineUs) return false;
    await clock.sleep('poll', POLL);
  }
  return true;
};

/** The station is on the network and answers. */
const comesUp = ({ clock, isJoined, ping }: AccessPointBench): Promise<boolean> =>
  within(clock, JOIN_LIMIT, async () => (await isJoined()) && (await ping()) !== undefined);

/** After a silence the host may have to look for the station's address again, and lose a packet over that. */
const RESOLVE_LIMIT = seconds(5);

/** Packets pass again: all of the next five, once the first has. */
const passAgain = async (bench: AccessPointBench): Promise<DurationUs[]> => {
  await within(bench.clock, RESOLVE_LIMIT, async () => (await bench.ping()) !== undefined);
  return answered(await pings(bench, 5));
};

const pings = async ({ ping }: AccessPointBench, count: number): Promise<(DurationUs | undefined)[]> => {
  const times: (DurationUs | undefined)[] = [];
  for (let index = 0; index < count; index += 1) times.push(await ping());
  return times;
};

const answered = (times: readonly (DurationUs | undefined)[]): DurationUs[] =>
  times.filter((time) => time !== undefined);

/** What an access point need not be able to do. */
type Ability = 'kick' | 'silence' | 'degrade' | 'stations';

/** Tests of what is in `without` are left out. */
export function testAccessPoint(
  name: string,
  withBench: With<AccessPointBench>,
  { without = [] }: { readonly without?: readonly Ability[] } = {},
): void {
  /** Each test begins with the station on the network. */
  const check = (
    title: string,
    needed: readonly Ability[],
    body: (t: ExecutionContext, bench: AccessPointBench) => Promise<void>,
  ) => {
    if (needed.some((ability) => without.includes(ability))) return;
    test.serial(`${name}: ${title}`, (t) =>
      withBench(async (bench) => {
        const { accessPoint } = bench;
        t.deepEqual(
          needed.filter((ability) => accessPoint[ability] === undefined),
          [],
          'it can',
        );
        await accessPoint.on();
        t.true(await comesUp(bench), 'the station joins');
        await body(t, bench);
      }),
    );
  };

  check('off is off when it resolves, and on again the station comes back', [], async (t, bench) => {
    const { clock, accessPoint, isJoined, ping } = bench;
    for (let round = 0; round < 2; round += 1) {
      await accessPoint.off();
      t.is(await ping(), undefined, 'no packet passes');
      t.deepEqual(await (accessPoint.stations?.() ?? []), [], 'it has no stations');
      t.true(await within(clock, NOTICE_LIMIT, async () => !(await isJoined())), 'the station notices');
      await accessPoint.on();
      t.true(await comesUp(bench));
    }
  });

  check('switching to where it stands changes nothing', [], async (t, bench) => {
    const { accessPoint, losses, ping } = bench;
    const before = await losses();
    await accessPoint.on();
    await accessPoint.on();
    t.not(await ping(), undefined);
    t.is(await losses(), before);
    await accessPoint.off();
    await accessPoint.off();
    t.is(await ping(), undefined);
    await accessPoint.on();
    t.true(await comesUp(bench));
  });

  check(
    'it lists the station while that is associated',
    ['stations'],
    async (t, { accessPoint, station }) => {
      t.deepEqual(await accessPoint.stations?.(), [station]);
    },
  );

  check('a kick throws the station out once, and it may come back at once', ['kick'], async (t, bench) => {
    const { clock, accessPoint, losses } = bench;
    const before = await losses();
    await accessPoint.kick?.();
    t.true(await within(clock, NOTICE_LIMIT, async () => (await losses()) > before), 'the station is told');
    t.true(await comesUp(bench));
    await clock.sleep('quiet', seconds(3));
    t.is(await losses(), before + 1, 'once');
  });

  check(
    'a silence loses every packet and leaves the station associated, until on',
    ['silence'],
    async (t, bench) => {
      const { clock, accessPoint, station, losses, isJoined } = bench;
      const before = await losses();
      await accessPoint.silence?.();
      for (let round = 0; round < 3; round += 1) {
        t.deepEqual(answered(await pings(bench, 2)), []);
        await clock.sleep('silence', seconds(1));
      }
      t.true(await isJoined(), 'nobody has told the station');
      t.deepEqual(await (accessPoint.stations?.() ?? [station]), [station]);
      await accessPoint.silence?.();
      t.deepEqual(answered(await pings(bench, 1)), [], 'twice is as once');
      await accessPoint.on();
      t.is((await passAgain(bench)).length, 5);
      t.is(await losses(), before);
    },
  );

  check('latency is added each way, until on', ['degrade'], async (t, bench) => {
    const { accessPoint, losses } = bench;
    const before = await losses();
    const resting = Math.max(...answered(await pings(bench, 5)));
    await accessPoint.degrade?.({ loss: 0, latencyUs: ms(100), jitterUs: us(0) });
    const slow = answered(await pings(bench, 5));
    t.is(slow.length, 5, 'late, not lost');
    t.true(Math.min(...slow) >= ms(200), `${slow.map(toMs)} ms: both ways`);
    await accessPoint.degrade?.({ loss: 0, latencyUs: ms(200), jitterUs: ms(20) });
    const slower = answered(await pings(bench, 5));
    t.true(Math.min(...slower) >= ms(360), `${slower.map(toMs)} ms: the later one counts, alone`);
    await accessPoint.on();
    const again = await passAgain(bench);
    t.is(again.length, 5);
    t.true(Math.min(...again) < Math.max(ms(100), 2 * resting), `${again.map(toMs)} ms: as before`);
    t.is(await losses(), before);
  });

  check('loss takes some packets and not all, until on', ['degrade'], async (t, bench) => {
    const { accessPoint } = bench;
    await accessPoint.degrade?.({ loss: 0.3, latencyUs: us(0), jitterUs: us(0) });
    const passed = answered(await pings(bench, PINGS)).length;
    t.true(passed > 1 && passed < PINGS - 1, `${passed} of ${PINGS}`);
    await accessPoint.degrade?.({ loss: 1, latencyUs: us(0), jitterUs: us(0) });
    t.deepEqual(answered(await pings(bench, 3)), []);
    await accessPoint.on();
    t.is((await passAgain(bench)).length, 5);
  });

  check('on ends everything that was begun', [], async (t, bench) => {
    const { accessPoint } = bench;
    await accessPoint.degrade?.({ loss: 0.5, latencyUs: ms(300), jitterUs: us(0) });
    await accessPoint.silence?.();
    await accessPoint.off();
    await accessPoint.on();
    t.true(await comesUp(bench));
    const times = await passAgain(bench);
    t.is(times.length, 5);
    t.true(Math.min(...times) < ms(300));
  });
}

/**
 * `root`: the tests are run as a user whom nothing can be forbidden. `opensBlindly`: whether there is anything to
 * control shows only when it is used.
 */
export function testAccessPointDevice(
  name: string,
  withBench: With<AccessPointDeviceBench>,
  { root = false, opensBlindly = false }: { readonly root?: boolean; readonly opensBlindly?: boolean } = {},
): void {
  test.serial(`${name}: closing puts right what was changed, and may be done twice`, (t) =>
    withBench(async (bench) => {
      const begun = [
        (accessPoint: AccessPoint) => accessPoint.off(),
        (accessPoint: AccessPoint) => accessPoint.silence?.(),
        (accessPoint: AccessPoint) => accessPoint.degrade?.({ loss: 1, latencyUs: us(0), jitterUs: us(0) }),
      ];
      t.true(await comesUp(bench));
      await bench.close();
      for (const begin of begun) {
        const accessPoint = await bench.reopen();
        await begin(accessPoint);
        await accessPoint.close();
        await accessPoint.close();
        t.true(await comesUp(bench));
      }
    }),
  );

  test.serial(`${name}: closed, it rejects every call with CLOSED`, (t) =>
    withBench(async ({ accessPoint, close }) => {
      await close();
      const calls: readonly (() => Promise<unknown> | undefined)[] = [
        () => accessPoint.off(),
        () => accessPoint.on(),
        () => accessPoint.kick?.(),
        () => accessPoint.silence?.(),
        () => accessPoint.degrade?.({ loss: 0, latencyUs: us(0), jitterUs: us(0) }),
        () => accessPoint.stations?.(),
      ];
      for (const call of calls) {
        const called = call();
        if (called !== undefined) t.true(isRigError(await t.throwsAsync(called), 'CLOSED'));
      }
    }),
  );

  test.serial(`${name}: calls that overlap are made one after the other`, (t) =>
    withBench(async (bench) => {
      t.true(await comesUp(bench));
      await Promise.all([bench.accessPoint.off(), bench.accessPoint.on(), bench.accessPoint.on()]);
      t.true(await comesUp(bench));
    }),
  );

  test.serial(
    `${name}: without whatever makes the network it rejects with BENCH, and works again with it`,
    (t) =>
      withBench(async (bench) => {
        const { clock, accessPoint, reopen, stopDaemon, startDaemon } = bench;
        await stopDaemon();
        const calls = [() => accessPoint.off(), () => accessPoint.on()];
        for (const call of opensBlindly ? calls : [...calls, reopen]) {
          const startUs = clock.now();
          const error = await t.throwsAsync(async () => void (await call()));
          t.true(isRigError(error, 'BENCH'));
          t.regex(error.message, /\. .*\w/, 'and says what to do next');
          t.true(elapsed(startUs, clock.now()) <= seconds(15), 'within bounds');
        }
        await startDaemon();
        await accessPoint.on();
        t.true(await comesUp(bench));
      }),
  );

  const unlessRoot = root ? test.skip : test.serial;
  unlessRoot(`${name}: without permission it rejects with BENCH and names the way to it`, (t) =>
    withBench(async ({ reopen, forbid }) => {
      await forbid();
      const use = async () => {
        await (await reopen()).off();
      };
      const error = await t.throwsAsync(use);
      t.true(isRigError(error, 'BENCH'));
      t.regex(error.message, /group|capability|root|sudo/i);
    }),
  );
}
