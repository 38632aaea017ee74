/** The rig's server over real TCP and the real clock: the same code as on the virtual bench. */
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { TcpNetwork } from '../../drivers/pi/tcp-network.js';
import { LinkServer } from '../../rig/server/server.js';
import { SystemClock } from '../../rig/time/system-clock.js';
import { ms } from '../../rig/time/units.js';
import { SocketPeer } from './socket-peer.js';

const LOOPBACK = '127.0.0.1';
const WAIT_LIMIT_MS = 5_000;

async function until(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 5) {
    if (waitedMs > WAIT_LIMIT_MS) throw new Error('what was waited for did not happen');
    await sleep(5);
  }
}

test('messages, acks, an outage and a reconnect work over a real socket', async (t) => {
  const clock = new SystemClock();
  const delivered: string[] = [];
  const states: string[] = [];
  const server = new LinkServer({
    clock,
    network: new TcpNetwork({ address: LOOPBACK }),
    port: 0,
    timeoutUs: ms(400),
    events: {
      message: (client, text) => delivered.push(`${client} ${text}`),
      state: (_client, state) => states.push(state),
    },
  });
  await server.start();
  const line = (text: string) => new TextEncoder().encode(`${text}\n`);

  const first = await SocketPeer.connect(LOOPBACK, server.port);
  await first.write(line('board'));
  await first.write(line('00hello'));
  await until(() => delivered.length === 1);
  t.deepEqual(delivered, ['board hello']);
  await until(() => states.includes('outage'));
  t.not(await first.over, 'ended');
  first.destroy();

  let acked = false;
  const onAcked = () => {
    acked = true;
  };
  server.send('board', { text: 'welcome back', qos: true, wait: true, onAcked });
  const second = await SocketPeer.connect(LOOPBACK, server.port);
  await second.write(line('board'));
  await second.write(line(''));
  await until(() => second.text.includes('00welcome back\n'));
  await second.write(line('00'));
  await until(() => acked);
  t.deepEqual(states, ['connected', 'outage', 'reconnected']);

  await server.close();
  second.destroy();
  t.deepEqual(clock.pending(), []);
});
