/** The access point by hostapd: whom its faults touch, what is left of them, and what is said when something is wrong. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type HostapdSection, SWITCH_LIMIT } from '../../../drivers/pi/access-point/hostapd.js';
import { decodeSsid, parseAssociated, parseStatus } from '../../../drivers/pi/access-point/hostapd-status.js';
import { openAccessPoint } from '../../../drivers/pi/access-point/open-access-point.js';
import { mayTouchPackets } from '../../../drivers/pi/access-point/packet-privilege.js';
import type { CommandRunner } from '../../../drivers/pi/command.js';
import { openUndoLog, type UndoLog } from '../../../drivers/pi/safety/undo-log.js';
import { isRigError } from '../../../rig/errors.js';
import type { AccessPoint, Impairment } from '../../../rig/ports.js';
import { elapsed, later, ms, seconds, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { DEVICE, FakeHost, FakeUndoLog } from '../../fixtures/pi/fake-host.js';

const OTHER = '00:11:22:33:44:55';
const slow: Impairment = { loss: 0, latencyUs: ms(100), jitterUs: us(0) };

/** What a test's bench file has otherwise. */
type Changes = Partial<Pick<HostapdSection, 'ssid' | 'interface' | 'control' | 'station'>>;

function setUp({ isPrivileged = true } = {}) {
  const clock = new VirtualClock();
  const host = new FakeHost(clock);
  const undo = new FakeUndoLog();
  const section = {
    driver: 'hostapd' as const,
    interface: DEVICE,
    ssid: 'rig',
    passphraseEnv: 'RIG_WIFI_PASSPHRASE',
    control: '/var/run/hostapd',
    station: host.hostapd.station,
  };
  const open = (changes: Changes = {}, log: UndoLog = undo, run: CommandRunner = host.run) =>
    openAccessPoint(
      { ...section, ...changes },
      { passphrase: 'secret', clock, undo: log, run, isPrivileged },
    );
  return { clock, host, undo, open };
}

async function rejectsWith(
  t: ExecutionContext,
  call: () => Promise<unknown>,
  message: RegExp,
): Promise<void> {
  const error = await t.throwsAsync(async () => void (await call()));
  t.true(isRigError(error, 'BENCH'), String(error));
  t.regex(error.message, message);
}

test('silence and degradation touch the device alone, and not the key exchange of WPA', async (t) => {
  const { clock, host, open } = setUp();
  await clock.run(async () => {
    const accessPoint = await open();
    await clock.sleep('join', seconds(1));
    const { station } = host.hostapd;
    const pass = (address: string, protocol: 'ip' | 'arp' | 'eapol') =>
      (['from device', 'to device'] as const).map((direction) =>
        host.packets.pass({ direction, station: address, protocol }),
      );
    await accessPoint.silence?.();
    t.deepEqual(pass(station, 'ip'), [undefined, undefined]);
    t.deepEqual(pass(station, 'arp'), [undefined, undefined]);
    t.deepEqual(pass(station, 'eapol'), [us(0), us(0)]);
    t.deepEqual(pass(OTHER, 'ip'), [us(0), us(0)]);
    await accessPoint.on();
    await accessPoint.degrade?.(slow);
    t.deepEqual(pass(station, 'ip'), [ms(100), ms(100)]);
    t.deepEqual(pass(station, 'arp'), [ms(100), ms(100)]);
    t.deepEqual(pass(station, 'eapol'), [us(0), us(0)]);
    t.deepEqual(pass(OTHER, 'ip'), [us(0), us(0)]);
  });
});

test('what others have at the interface stays: their table, their clsact, their filters', async (t) => {
  const { clock, host, open } = setUp();
  host.packets.tables.set('firewall', []);
  host.packets.hasClsact = true;
  host.packets.filters.push({ side: 'ingress', pref: '10', text: 'of somebody else' });
  await clock.run(async () => {
    const accessPoint = await open();
    await accessPoint.silence?.();
    await accessPoint.degrade?.(slow);
    t.is(host.packets.filters.length, 7);
    await accessPoint.close();
    t.deepEqual([...host.packets.tables.keys()], ['firewall']);
    t.true(host.packets.hasClsact);
    t.deepEqual(
      host.packets.filters.map(({ pref }) => pref),
      ['10'],
    );
    t.is(host.packets.links.size, 0);
  });
});

test('each change is in the undo log before it is made, and out of it when it is undone', async (t) => {
  const { clock, host, undo, open } = setUp();
  await clock.run(async () => {
    const accessPoint = await open();
    const begun: (() => Promise<void> | undefined)[] = [
      () => accessPoint.off(),
      () => accessPoint.silence?.(),
      () => accessPoint.degrade?.(slow),
    ];
    for (const begin of begun) {
      host.beforeEach = () => {
        const isChanged = !host.packets.isUntouched || host.hostapd.state !== 'ENABLED';
        if (isChanged) t.true(undo.steps.size > 0);
      };
      await begin();
      t.true(undo.steps.size > 0);
      host.beforeEach = () => undefined;
      await accessPoint.on();
      t.is(undo.steps.size, 0);
      t.true(host.packets.isUntouched);
      t.is(host.hostapd.state, 'ENABLED');
    }
  });
});

/** Takes a little of virtual time again and again, so that it goes on while a real file is written. */
function keepTimeMoving(clock: VirtualClock): () => void {
  let stopped = false;
  const beat = () => {
    if (!stopped) clock.at('beat', later(clock.now(), us(100)), beat);
  };
  beat();
  return () => {
    stopped = true;
  };
}

test('killed after any number of commands, the next start puts everything right', async (t) => {
  const faults: readonly ((accessPoint: AccessPoint) => Promise<void> | undefined)[] = [
    (accessPoint) => accessPoint.silence?.(),
    (accessPoint) => accessPoint.degrade?.(slow),
    (accessPoint) => accessPoint.off(),
    (accessPoint) => accessPoint.on(),
  ];
  let kills = 0;
  for (let survives = 1; ; survives += 1) {
    const folder = mkdtempSync(join(tmpdir(), 'rig-kill-'));
    const { clock, host, open } = setUp();
    let left = survives;
    let kill: (outcome: 'killed') => void = () => undefined;
    const killed = new Promise<'killed'>((resolve) => {
      kill = resolve;
    });
    /** The runner of the process that is killed: from then on nothing of it goes on. */
    const mortal: CommandRunner = (argv, options) => {
      left -= 1;
      if (left >= 0) return host.run(argv, options);
      kill('killed');
      return new Promise(() => undefined);
    };
    const outcome = await clock.run(async () => {
      const stopBeat = keepTimeMoving(clock);
      const openLog = () => openUndoLog({ bench: 'lab', folder, run: host.run, clock });
      const life = async () => {
        const accessPoint = await open({}, await openLog(), mortal);
        for (const fault of faults) await fault(accessPoint);
        return 'lived' as const;
      };
      const ended = await Promise.race([life(), killed]);
      // What hostapd was told, it still does.
      await clock.sleep('afterwards', seconds(1));
      const log = await openLog();
      t.deepEqual(await log.runLeftOver(), [], `after ${survives} commands`);
      t.deepEqual(log.pending, []);
      stopBeat();
      return ended;
    });
    t.true(host.packets.isUntouched, `packets, after ${survives} commands`);
    t.is(host.hostapd.state, 'ENABLED', `access point, after ${survives} commands`);
    rmSync(folder, { recursive: true });
    if (outcome === 'lived') break;
    kills += 1;
  }
  t.true(kills > 20, `${kills} places to be killed at`);
});

test("another network than the bench file's is refused, and both are named", async (t) => {
  const { clock, host, open } = setUp();
  await clock.run(async () => {
    await rejectsWith(t, () => open({ ssid: 'lab' }), /serves "rig".*accessPoint\.ssid is "lab"/);
    host.hostapd.ssid = 'caf\\xc3\\xa9';
    await t.notThrowsAsync(open({ ssid: 'café' }));
  });
});

test('a hostapd that does not run, or elsewhere, is told with what to do', async (t) => {
  const { clock, host, open } = setUp();
  await clock.run(async () => {
    await rejectsWith(t, () => open({ interface: 'wlan1' }), /does not run on wlan1.*systemctl status/);
    await rejectsWith(t, () => open({ control: '/run/other' }), /ctrl_interface=\/run\/other/);
    host.missing.add('hostapd_cli');
    await rejectsWith(t, open, /apt-get install hostapd/);
  });
});

test('without permission for packets, the capability is named; without a module, the module', async (t) => {
  const { clock, host, undo, open } = setUp();
  await clock.run(async () => {
    const accessPoint = await open();
    host.packets.isPermitted = false;
    await rejectsWith(
      t,
      async () => accessPoint.silence?.(),
      /run the rig as root, or let this user run nft, tc and ip by sudo/,
    );
    await rejectsWith(
      t,
      async () => accessPoint.degrade?.(slow),
      /run the rig as root, or let this user run nft, tc and ip by sudo/,
    );
    host.packets.isPermitted = true;
    host.packets.hasNetem = false;
    await rejectsWith(t, async () => accessPoint.degrade?.(slow), /modprobe -a sch_netem/);
    t.true(host.packets.isUntouched, 'nothing of it is left');
    host.missing.add('nft');
    await rejectsWith(t, async () => accessPoint.silence?.(), /apt-get install nftables/);
    host.missing.clear();
    await accessPoint.on();
    t.is(undo.steps.size, 0);
  });
});

test('a user without the privilege uses sudo, also to undo; one who may not is told how', async (t) => {
  const { clock, host, undo, open } = setUp({ isPrivileged: false });
  await clock.run(async () => {
    const accessPoint = await open();
    await rejectsWith(
      t,
      async () => accessPoint.silence?.(),
      /password is required.*sudo without a password/,
    );
    await rejectsWith(
      t,
      async () => accessPoint.degrade?.(slow),
      /password is required.*sudo without a password/,
    );
    host.maySudo = true;
    await accessPoint.silence?.();
    await accessPoint.degrade?.(slow);
    const undoing = [...undo.steps.values()].flatMap(({ command, check }) => [
      command,
      check?.command ?? command,
    ]);
    t.true(undoing.every((command) => command?.slice(0, 2).join(' ') === 'sudo -n'));
    await accessPoint.off();
    t.is(undo.steps.get(`access point ${DEVICE} on`)?.command?.[0], 'hostapd_cli', 'that takes a group only');
    await accessPoint.on();
    t.true(host.packets.isUntouched);
  });
});

test('the privilege is read from the capabilities of the process', (t) => {
  t.true(mayTouchPackets('Name:\tnode\nCapEff:\t000001ffffffffff\n'));
  t.true(mayTouchPackets('CapEff:\t0000000000001000\n'));
  t.false(mayTouchPackets('CapPrm:\t0000000000001000\nCapEff:\t0000000000000000\n'));
  t.false(mayTouchPackets(''), 'no Linux');
});

test('a hostapd that takes orders and does nothing is given up within bounds', async (t) => {
  const { clock, host, open } = setUp();
  await clock.run(async () => {
    const accessPoint = await open();
    host.hostapd.isStuck = true;
    const startUs = clock.now();
    await rejectsWith(t, () => accessPoint.off(), /still ENABLED after 10 s instead of DISABLED/);
    t.true(elapsed(startUs, clock.now()) < SWITCH_LIMIT + ms(200));
  });
});

test('closing while the access point is being switched rejects that call with CLOSED, and switches on', async (t) => {
  const { clock, host, undo, open } = setUp();
  await clock.run(async () => {
    const accessPoint = await open();
    const off = accessPoint.off();
    await clock.sleep('half way', ms(20));
    const [error] = await Promise.all([t.throwsAsync(off), accessPoint.close()]);
    t.true(isRigError(error, 'CLOSED'));
    t.is(undo.steps.size, 0);
    await clock.sleep('whatever was under way', seconds(1));
    t.is(host.hostapd.state, 'ENABLED');
  });
});

test('what cannot be put right keeps nothing else from being put right', async (t) => {
  const { clock, host, undo, open } = setUp();
  await clock.run(async () => {
    const accessPoint = await open();
    await accessPoint.silence?.();
    await accessPoint.off();
    host.missing.add('nft');
    await rejectsWith(t, () => accessPoint.on(), /nft/);
    t.is(host.hostapd.state, 'ENABLED');
    t.deepEqual([...undo.steps.keys()], [`packet rules on ${DEVICE}`], 'kept for the next start');
    host.missing.clear();
    await accessPoint.on();
    t.true(host.packets.isUntouched);
  });
});

test('a kick without an address in the bench file throws out whoever is there', async (t) => {
  const { clock, host, open } = setUp();
  await clock.run(async () => {
    const accessPoint = await open({ station: undefined });
    host.hostapd.others.push(OTHER);
    await clock.sleep('join', seconds(1));
    await accessPoint.kick?.();
    t.deepEqual(
      host.ran
        .filter((command) => command.includes('deauthenticate'))
        .map((command) => command.split(' ').at(-1)),
      [host.hostapd.station, OTHER],
    );
  });
});

test('its state is told for people', async (t) => {
  const { clock, open } = setUp();
  await clock.run(async () => {
    const accessPoint = await open();
    await clock.sleep('join', seconds(1));
    t.deepEqual(await accessPoint.status(), {
      isOnAir: true,
      detail: 'hostapd on wlan0 is ENABLED on channel 6 with 1 stations',
    });
    await accessPoint.off();
    t.false((await accessPoint.status()).isOnAir);
  });
});

test('the status of a hostapd with several networks has each by its interface', (t) => {
  const { ssids } = parseStatus('state=ENABLED\nbss[0]=wlan0\nssid[0]=a=b\nbss[1]=wlan0_1\nssid[1]=two\n');
  t.deepEqual(
    [...ssids],
    [
      ['wlan0', 'a=b'],
      ['wlan0_1', 'two'],
    ],
  );
});

test('names of networks are read as hostapd escapes them', (t) => {
  t.is(decodeSsid('plain'), 'plain');
  t.is(decodeSsid('a\\\\b\\"c\\n\\xe2\\x82\\xac'), 'a\\b"c\n€');
});

test('a station that is not associated is none', (t) => {
  const printed =
    '5C:CF:7F:00:00:01\nflags=[AUTH][ASSOC][AUTHORIZED]\nrx_packets=3\n02:00:00:00:00:05\nflags=[AUTH]\n';
  t.deepEqual(parseAssociated(printed), ['5c:cf:7f:00:00:01']);
});
