/** One contract for the access points of every bench; none of these needs hardware. */

import { openAccessPoint } from '../../drivers/pi/access-point/open-access-point.js';
import { VirtualAccessPoint } from '../../drivers/virtual/network/access-point.js';
import { Radio } from '../../drivers/virtual/network/radio.js';
import { DeviceStation, StationStatus } from '../../drivers/virtual/network/station.js';
import type { AccessPointSection } from '../../rig/bench-file/bench-file.js';
import { createRandom } from '../../rig/random.js';
import { type DurationUs, elapsed, ms } from '../../rig/time/units.js';
import { VirtualClock } from '../../rig/time/virtual-clock.js';
import { DEVICE, FakeHost, FakeUndoLog } from '../fixtures/pi/fake-host.js';
import { complained, printed } from '../fixtures/pi/fake-hostapd.js';
import { type AccessPointDeviceBench, testAccessPoint, testAccessPointDevice } from './access-point-suite.js';

const STATION = '5c:cf:7f:12:34:56';
const PASSPHRASE = 'only for the rig';
const PING_LIMIT = ms(1_000);

testAccessPoint('VirtualAccessPoint', async (body) => {
  const clock = new VirtualClock();
  const random = createRandom(3);
  const accessPoint = new VirtualAccessPoint({ ssid: 'rig', passphrase: PASSPHRASE });
  const radio = new Radio({ clock, random });
  let losses = 0;
  let isJoined = false;
  const station = new DeviceStation({
    clock,
    random,
    accessPoint,
    radio,
    name: STATION,
    listener: (status) => {
      if (isJoined && status !== StationStatus.gotIp) losses += 1;
      isJoined = status === StationStatus.gotIp;
    },
  });
  const ping = async (): Promise<DurationUs | undefined> => {
    const sentUs = clock.now();
    let time: DurationUs | undefined;
    radio.carry('toDevice', () =>
      radio.carry('toHost', () => {
        time = elapsed(sentUs, clock.now());
      }),
    );
    await clock.sleep('ping', PING_LIMIT);
    return time;
  };
  station.setActive(true);
  station.connect('rig', PASSPHRASE);
  await clock.run(() =>
    body({
      clock,
      accessPoint,
      station: STATION,
      losses: async () => losses,
      isJoined: async () => isJoined,
      ping,
    }),
  );
});

const network = { ssid: 'rig', passphraseEnv: 'RIG_WIFI_PASSPHRASE' };

/** A driver on the fake host. */
const onFakeHost =
  (section: (host: FakeHost) => AccessPointSection) =>
  async (body: (bench: AccessPointDeviceBench) => Promise<void>): Promise<void> => {
    const clock = new VirtualClock();
    const host = new FakeHost(clock);
    const undo = new FakeUndoLog();
    const open = () => openAccessPoint(section(host), { passphrase: PASSPHRASE, clock, undo, run: host.run });
    await clock.run(async () => {
      const accessPoint = await open();
      await body({
        clock,
        accessPoint,
        station: host.hostapd.station,
        losses: async () => host.hostapd.losses,
        isJoined: async () => host.hostapd.isJoined,
        ping: () => host.ping(),
        close: () => accessPoint.close(),
        reopen: open,
        stopDaemon: async () => host.hostapd.stop(),
        startDaemon: async () => host.hostapd.start(),
        forbid: async () => {
          host.hostapd.isPermitted = false;
        },
      });
    });
  };

const hostapd = onFakeHost((host) => ({
  driver: 'hostapd',
  interface: DEVICE,
  ...network,
  control: '/var/run/hostapd',
  station: host.hostapd.station.toUpperCase(),
}));
testAccessPoint('hostapd', hostapd);
testAccessPointDevice('hostapd', hostapd);

/** A router of the user's, with a program that orders it about. */
const router = onFakeHost((host) => {
  const { hostapd: radio } = host;
  const silence =
    'add table netdev router; add chain netdev router in { hook ingress device "wlan0" }; add rule netdev router in drop';
  host.programs.set('router', ([, order]) => {
    if (!radio.isPermitted) return complained(1, 'Log in as root first.\n');
    if (!radio.isRunning) return complained(1, 'No route to host. Is it plugged in?\n');
    if (order === 'on') {
      host.packets.tables.delete('router');
      radio.set('ENABLED');
    } else if (order === 'off') {
      radio.set('DISABLED');
    } else if (order === 'kick') {
      radio.throwOut();
    } else if (order === 'silence') {
      host.packets.nft(['nft', silence]);
    }
    return printed(order === 'stations' ? `${radio.associated.join('\n').toUpperCase()}\n` : '');
  });
  return {
    driver: 'commands',
    ...network,
    on: ['router', 'on'],
    off: ['router', 'off'],
    kick: ['router', 'kick'],
    silence: ['router', 'silence'],
    stations: ['router', 'stations'],
  };
});
testAccessPoint('commands', router, { without: ['degrade'] });
testAccessPointDevice('commands', router, { opensBlindly: true });

testAccessPoint(
  'hostapd without the address of the station',
  onFakeHost(() => ({ driver: 'hostapd', interface: DEVICE, ...network, control: '/var/run/hostapd' })),
);
