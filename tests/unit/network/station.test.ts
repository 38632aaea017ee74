/** The simulated WiFi station, and what the access point sees of it. */
import test from 'ava';
import { VirtualAccessPoint } from '../../../drivers/virtual/network/access-point.js';
import { Radio } from '../../../drivers/virtual/network/radio.js';
import { DeviceStation, StationStatus } from '../../../drivers/virtual/network/station.js';
import { createRandom } from '../../../rig/random.js';
import { ms, seconds, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';

const SSID = 'rig';
const PASSPHRASE = 'only for the rig';
const MAC = '5c:cf:7f:00:00:01';

function createStation(seed = 1) {
  const clock = new VirtualClock();
  const random = createRandom(seed);
  const accessPoint = new VirtualAccessPoint({ ssid: SSID, passphrase: PASSPHRASE });
  const radio = new Radio({ clock, random });
  const changes: { status: StationStatus; address: string; atUs: number }[] = [];
  const station = new DeviceStation({
    clock,
    random,
    accessPoint,
    radio,
    listener: (status, address) => changes.push({ status, address, atUs: clock.now() }),
  });
  return { clock, accessPoint, radio, station, changes };
}

test('a station with the right credentials joins within one to three seconds and gets an address', async (t) => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const { clock, station, accessPoint, radio, changes } = createStation(seed);
    await clock.run(async () => {
      station.setActive(true);
      station.connect(SSID, PASSPHRASE);
      t.is(station.status, StationStatus.connecting);
      await clock.sleep('join', seconds(4));
      t.is(station.status, StationStatus.gotIp);
      t.is(station.address, '192.168.4.2');
      t.true(radio.carries);
      const joinedUs = changes.at(-1)?.atUs ?? 0;
      t.true(joinedUs >= seconds(1) && joinedUs <= seconds(3));
      t.deepEqual(await accessPoint.stations(), [MAC]);
      t.deepEqual(clock.pending(), []);
    });
  }
});

test('an inactive station does not join', async (t) => {
  const { clock, station, changes } = createStation();
  await clock.run(async () => {
    station.connect(SSID, PASSPHRASE);
    await clock.sleep('nothing', seconds(10));
    t.deepEqual(changes, []);
  });
});

test('a wrong passphrase is reported, and not tried again', async (t) => {
  const { clock, station, accessPoint, radio } = createStation();
  await clock.run(async () => {
    station.setActive(true);
    station.connect(SSID, 'guess');
    await clock.sleep('join', seconds(10));
    t.is(station.status, StationStatus.wrongPassword);
    t.false(radio.carries);
    t.deepEqual(await accessPoint.stations(), []);
    t.deepEqual(clock.pending(), []);
  });
});

test('a network that is not there is reported, and tried again until it is', async (t) => {
  const { clock, station, accessPoint } = createStation();
  await clock.run(async () => {
    await accessPoint.off();
    station.setActive(true);
    station.connect(SSID, PASSPHRASE);
    await clock.sleep('search', seconds(10));
    t.is(station.status, StationStatus.noAccessPointFound);
    t.is(station.address, '0.0.0.0');
    await accessPoint.on();
    await clock.sleep('join', seconds(5));
    t.is(station.status, StationStatus.gotIp);
  });
});

test('an unknown network is never found; disconnect ends the search', async (t) => {
  const { clock, station } = createStation();
  await clock.run(async () => {
    station.setActive(true);
    station.connect('elsewhere', PASSPHRASE);
    await clock.sleep('search', seconds(60));
    t.is(station.status, StationStatus.noAccessPointFound);
    station.disconnect();
    t.is(station.status, StationStatus.idle);
    t.deepEqual(clock.pending(), []);
  });
});

test('the air is dead as the access point goes, the station notices a beacon timeout later, and rejoins', async (t) => {
  const { clock, station, accessPoint, radio, changes } = createStation();
  await clock.run(async () => {
    station.setActive(true);
    station.connect(SSID, PASSPHRASE);
    await clock.sleep('join', seconds(4));
    const offUs = clock.now();
    await accessPoint.off();
    t.false(radio.carries);
    t.deepEqual(await accessPoint.stations(), []);
    t.is(station.status, StationStatus.gotIp, 'it cannot know yet');
    await clock.sleep('notice', seconds(2));
    const noticed = changes.at(-1);
    t.is(noticed?.status, StationStatus.connecting);
    t.is(noticed?.address, '0.0.0.0');
    t.true((noticed?.atUs ?? 0) - offUs >= ms(500));
    await clock.sleep('outage', seconds(10));
    await accessPoint.on();
    await clock.sleep('rejoin', seconds(4));
    t.is(station.status, StationStatus.gotIp);
    t.deepEqual(await accessPoint.stations(), [MAC]);
  });
});

test('an access point that was off for a moment makes the station join anew', async (t) => {
  const { clock, station, accessPoint, radio } = createStation();
  await clock.run(async () => {
    station.setActive(true);
    station.connect(SSID, PASSPHRASE);
    await clock.sleep('join', seconds(4));
    await accessPoint.off();
    await clock.sleep('blink', ms(100));
    await accessPoint.on();
    t.false(radio.carries, 'the access point has forgotten the station');
    await clock.sleep('notice', ms(60));
    t.is(station.status, StationStatus.connecting);
    await clock.sleep('rejoin', seconds(3));
    t.is(station.status, StationStatus.gotIp);
  });
});

test('disconnecting is seen by the access point; losing power is not', async (t) => {
  const { clock, accessPoint, station } = createStation();
  await clock.run(async () => {
    station.setActive(true);
    station.connect(SSID, PASSPHRASE);
    await clock.sleep('join', seconds(4));
    station.disconnect();
    t.deepEqual(await accessPoint.stations(), []);
    station.connect();
    await clock.sleep('join', seconds(4));
    station.vanish();
    t.is(station.address, '0.0.0.0');
    await clock.sleep('off', seconds(1));
    t.deepEqual(await accessPoint.stations(), [MAC]);
    t.deepEqual(clock.pending(), []);
  });
});

test('after a power cut a station that was active joins by itself, with the credentials in flash', async (t) => {
  const { clock, station } = createStation();
  await clock.run(async () => {
    station.boot();
    await clock.sleep('first boot', seconds(5));
    t.is(station.status, StationStatus.idle, 'nothing is stored yet');
    station.setActive(true);
    station.connect(SSID, PASSPHRASE);
    await clock.sleep('join', seconds(4));
    station.vanish();
    station.boot();
    await clock.sleep('rejoin', seconds(4));
    t.is(station.status, StationStatus.gotIp);
    station.setActive(false);
    station.vanish();
    station.boot();
    await clock.sleep('stay off', seconds(5));
    t.is(station.status, StationStatus.idle);
  });
});

test('an empty network name means the one that was used last', async (t) => {
  const { clock, station } = createStation();
  await clock.run(async () => {
    station.setActive(true);
    station.connect(SSID, PASSPHRASE);
    await clock.sleep('join', seconds(4));
    station.disconnect();
    station.connect('', '');
    await clock.sleep('join', seconds(4));
    t.is(station.status, StationStatus.gotIp);
  });
});

test('a kicked station notices at once, and joins again', async (t) => {
  const { clock, accessPoint, radio, station, changes } = createStation();
  await clock.run(async () => {
    station.setActive(true);
    station.connect(SSID, PASSPHRASE);
    await clock.sleep('join', seconds(4));
    const kickedUs = clock.now();
    await accessPoint.kick();
    t.false(radio.carries, 'the access point takes nothing from it any more');
    t.deepEqual(await accessPoint.stations(), []);
    await clock.sleep('notice', ms(10));
    t.is(station.status, StationStatus.connecting);
    t.true((changes.at(-1)?.atUs ?? 0) - kickedUs <= ms(5));
    await clock.sleep('rejoin', seconds(4));
    t.is(station.status, StationStatus.gotIp);
    t.deepEqual(await accessPoint.stations(), [MAC]);
  });
});

test('a kick reaches nobody where nobody is', async (t) => {
  const { clock, accessPoint, station, changes } = createStation();
  await clock.run(async () => {
    await accessPoint.kick();
    station.setActive(true);
    station.connect(SSID, PASSPHRASE);
    await accessPoint.kick();
    await clock.sleep('join', seconds(4));
    t.is(station.status, StationStatus.gotIp);
    t.is(changes.length, 2);
  });
});

test('a station joins a silent network but gets no address before the silence is over', async (t) => {
  const { clock, accessPoint, radio, station } = createStation();
  await clock.run(async () => {
    await accessPoint.silence();
    station.setActive(true);
    station.connect(SSID, PASSPHRASE);
    await clock.sleep('join', seconds(20));
    t.deepEqual(await accessPoint.stations(), [MAC], 'it is associated');
    t.is(station.status, StationStatus.connecting);
    t.is(station.address, '0.0.0.0');
    await accessPoint.on();
    t.false(radio.carries);
    // Its DHCP waits up to 32 s between two attempts by now.
    await clock.sleep('lease', seconds(33));
    t.is(station.status, StationStatus.gotIp);
    t.true(radio.carries);
    t.deepEqual(clock.pending(), []);
  });
});

test('a station that waits for an address notices the end of its access point, and a kick', async (t) => {
  for (const end of ['off', 'kick'] as const) {
    const { clock, accessPoint, station } = createStation();
    await clock.run(async () => {
      await accessPoint.silence();
      station.setActive(true);
      station.connect(SSID, PASSPHRASE);
      await clock.sleep('join', seconds(4));
      await accessPoint[end]();
      t.deepEqual(await accessPoint.stations(), []);
      await accessPoint.on();
      await clock.sleep('join anew', seconds(8));
      t.is(station.status, StationStatus.gotIp);
    });
  }
});

test('over lossy air a lease takes more than one attempt now and then', async (t) => {
  const attempts: number[] = [];
  for (let seed = 1; seed <= 40; seed += 1) {
    const { clock, accessPoint, station, changes } = createStation(seed);
    await clock.run(async () => {
      await accessPoint.degrade({ loss: 0.2, latencyUs: us(0), jitterUs: us(0) });
      station.setActive(true);
      station.connect(SSID, PASSPHRASE);
      await clock.sleep('join', seconds(200));
      t.is(station.status, StationStatus.gotIp);
      attempts.push((changes.at(-1)?.atUs ?? 0) > seconds(3) ? 2 : 1);
    });
  }
  // Four packets of 80 % each come through in 41 of 100 attempts.
  const first = attempts.filter((count) => count === 1).length;
  t.true(first > 5 && first < 30, `${first} of 40 at the first attempt`);
});
