/** The link's own firmware where it starts the exchanges: what it does when its client goes, or its server is not there. */
import test from 'ava';
import { createVirtualBench } from '../../drivers/virtual/bench.js';
import { LinkClient } from '../../rig/link/client.js';
import type { LinkClientOptions } from '../../rig/link/client-options.js';
import { createRandom } from '../../rig/random.js';
import type { Bench } from '../../rig/run/bench.js';
import { seconds } from '../../rig/time/units.js';
import { initiatorFirmware } from './rehearsal.js';

interface Parts {
  readonly bench: Bench;
  newClient(options?: Partial<LinkClientOptions>): LinkClient;
  /** Everything that the device has printed. */
  printed(): string;
}

/** A board on a bench without reset wire and without a server; it has just been given power. */
async function withInitiator(body: (parts: Parts) => Promise<void>): Promise<void> {
  const bench = createVirtualBench({
    random: createRandom(4),
    firmware: { name: 'initiator', sha256: '', files: initiatorFirmware },
    role: 'controller',
  });
  const { syn, ack, i2c, console, power, network, accessPoint } = bench.ports;
  let printed = '';
  console?.onChunk(({ bytes }) => {
    printed += Buffer.from(bytes).toString('latin1');
  });
  const config = {
    id: 'comes-and-goes',
    server: network.hostAddress,
    ssid: accessPoint?.ssid ?? '',
    password: accessPoint?.passphrase ?? '',
  };
  const newClient = (options: Partial<LinkClientOptions> = {}) =>
    new LinkClient({ clock: bench.clock, ports: { syn, ack, i2c }, config, ...options });
  await bench.run(async () => {
    await accessPoint?.on();
    await power?.on();
    await body({ bench, newClient, printed: () => printed });
  });
  await bench.close();
}

const times = (text: string, part: string): number => text.split(part).length - 1;

test.serial('a client that goes and comes back finds the device again, without a reset wire', async (t) => {
  await withInitiator(async ({ bench, newClient, printed }) => {
    for (let visit = 1; visit <= 3; visit += 1) {
      const client = newClient();
      await client.start();
      await client.send('hello');
      await bench.clock.sleep('visit', seconds(2));
      t.is(client.state, 'configured', `visit ${visit}`);
      await client.close();
      await bench.clock.sleep('absence', seconds(5));
      t.is(times(printed(), 'link: the client is gone'), visit);
    }
    t.is(times(printed(), 'rst cause'), 1, 'one boot');
  });
});

test.serial('a device that stops for want of a server says so, and goes on with exchanges', async (t) => {
  await withInitiator(async ({ bench, newClient, printed }) => {
    const told: string[] = [];
    let exchanges = 0;
    const client = newClient({
      onStoppedReboot: false,
      events: {
        onStopped: (reason) => told.push(reason),
        onExchange: ({ ok }) => {
          t.true(ok);
          exchanges += 1;
        },
      },
    });
    await client.start();
    await bench.clock.sleep('start-up and after', seconds(60));
    t.deepEqual(told, ['bad-server']);
    t.is(client.state, 'configured');
    t.true(exchanges > 500, `${exchanges} exchanges`);
    t.is(times(printed(), 'ServerRefused'), 1);
    await client.close();
  });
});

test.serial(
  'a device that has stopped sends no keepalives any more, by which the client misses it',
  async (t) => {
    await withInitiator(async ({ bench, newClient }) => {
      let stoppedUs = 0;
      const failures: { atUs: number; message: string }[] = [];
      const client = newClient({
        events: {
          onStopped: () => {
            stoppedUs = bench.clock.now();
          },
          onFailed: ({ message }) => failures.push({ atUs: bench.clock.now(), message }),
        },
      });
      await client.start();
      await bench.clock.sleep('start-up and after', seconds(60));
      t.regex(failures[0]?.message ?? '', /no reset wire.*No keepalive/);
      const missedUs = (failures[0]?.atUs ?? 0) - stoppedUs;
      t.true(missedUs >= seconds(4) && missedUs < seconds(4.2), `${missedUs}`);
      await client.close();
    });
  },
);
