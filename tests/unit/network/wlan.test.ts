/** Station, air, TCP and the rig's server together: an outage of the access point, seen from all sides. */
import test from 'ava';
import { VirtualAccessPoint } from '../../../drivers/virtual/network/access-point.js';
import type { DeviceSocketEvent } from '../../../drivers/virtual/network/device-sockets.js';
import { DeviceStack } from '../../../drivers/virtual/network/device-stack.js';
import { Radio } from '../../../drivers/virtual/network/radio.js';
import { DeviceStation, StationStatus } from '../../../drivers/virtual/network/station.js';
import { VirtualNetwork } from '../../../drivers/virtual/network/virtual-network.js';
import { createRandom } from '../../../rig/random.js';
import { LinkServer } from '../../../rig/server/server.js';
import { instant, ms, seconds } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';

const PORT = 8_123;
const SOCKET = 3;

/** A device that joins, connects, sends its id and keepalives, and does so again whenever it can. */
function createWlan(seed: number) {
  const clock = new VirtualClock();
  const random = createRandom(seed);
  const log: string[] = [];
  const note = (text: string) => log.push(`${clock.now()} ${text}`);
  const accessPoint = new VirtualAccessPoint({ ssid: 'rig', passphrase: 'secret' });
  const radio = new Radio({ clock, random });
  const network = new VirtualNetwork({ clock });
  const connect = () => stack.connect(SOCKET, network.hostAddress, PORT);
  const sendLine = (line: string) => stack.send(SOCKET, new TextEncoder().encode(`${line}\n`));
  let connected = false;
  const take = (event: DeviceSocketEvent) => {
    if (event.kind === 'data') {
      stack.consumed(SOCKET, event.bytes.length);
      return;
    }
    if (event.kind === 'acked') return;
    note(`device: ${event.kind}`);
    connected = event.kind === 'connected';
    if (connected) sendLine('board');
    else if (station.status === StationStatus.gotIp) connect();
  };
  const stack = new DeviceStack({ clock, network, radio, address: '192.168.4.2', listener: take });
  const beat = () => {
    if (connected && radio.carries) sendLine('');
    clock.at('device keepalive', instant(clock.now() + ms(375)), beat);
  };
  beat();
  const station = new DeviceStation({
    clock,
    random,
    accessPoint,
    radio,
    listener: (status, address) => {
      note(`station: ${status} ${address}`);
      if (status === StationStatus.gotIp && !connected) connect();
    },
  });
  const server = new LinkServer({
    clock,
    network,
    port: PORT,
    timeoutUs: ms(1_500),
    events: {
      message: () => undefined,
      state: (client, state, detail) => note(`server: ${client} ${state}, ${detail}`),
    },
  });
  return { clock, accessPoint, station, stack, server, log, note };
}

async function runOutages(seed: number): Promise<string[]> {
  const { clock, accessPoint, station, server, log, note } = createWlan(seed);
  await clock.run(async () => {
    await server.start();
    station.setActive(true);
    station.connect('rig', 'secret');
    await clock.sleep('traffic', seconds(10));
    for (let outage = 0; outage < 3; outage += 1) {
      note(`access point: ${await accessPoint.stations()}`);
      await accessPoint.off();
      await clock.sleep('outage', seconds(8));
      note(`access point without stations: ${(await accessPoint.stations()).length === 0}`);
      await accessPoint.on();
      await clock.sleep('recovery', seconds(30));
    }
    await server.close();
  });
  return log;
}

test('an outage of the access point is seen by the access point, the station and the server, and ends', async (t) => {
  const log = await runOutages(42);
  const kinds = log.map((line) => line.replace(/^\d+ /, ''));
  const count = (text: string) => kinds.filter((line) => line.startsWith(text)).length;
  t.is(count('access point: 5c:cf:7f:00:00:01'), 3);
  t.is(count('access point without stations: true'), 3);
  t.is(count('server: board outage, nothing received for 1500 ms'), 3);
  t.is(count('server: board connected'), 1);
  t.is(count('server: board reconnected'), 3);
  t.is(count('device: reset'), 3, 'the server had dropped the old connection each time');
});

test('the same seed gives the same run to the microsecond, another seed another', async (t) => {
  const first = await runOutages(42);
  t.deepEqual(await runOutages(42), first);
  t.notDeepEqual(await runOutages(43), first);
});
