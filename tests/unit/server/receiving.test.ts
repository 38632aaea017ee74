/** What the server makes of a device's lines: identification, messages, acks, silence, garbage. */
import test from 'ava';
import { isRigError } from '../../../rig/errors.js';
import { ANONYMOUS_LIMIT, CLIENT_LIMIT } from '../../../rig/server/server.js';
import { elapsed, ms, seconds } from '../../../rig/time/units.js';
import { TIMEOUT, withServer } from './bench.js';

const hex = (mid: number): string => mid.toString(16).padStart(2, '0');

test('nothing is sent on a connection before its id line was read', async (t) => {
  await withServer(async ({ clock, openDevice }) => {
    const device = await openDevice();
    await clock.sleep('no id yet', ms(1_000));
    t.is(device.peer.receivedBytes, 0);
    device.send('board');
    await clock.sleep('answer', ms(50));
    t.deepEqual(device.allLines, [''], 'the first keepalive comes at once');
  });
});

test('keepalives come every quarter of the timeout', async (t) => {
  await withServer(async ({ clock, joinDevice }) => {
    const device = await joinDevice();
    device.live();
    await clock.sleep('three seconds', seconds(3));
    t.deepEqual(device.allLines, Array(8).fill(''));
    device.die();
  });
});

test('messages are acknowledged and delivered, with the client they came from', async (t) => {
  await withServer(async ({ clock, joinDevice, delivered, states, heardCount }) => {
    const device = await joinDevice('kitchen');
    device.send('00one', '01two');
    await clock.sleep('on the way', ms(100));
    t.deepEqual(delivered, ['kitchen one', 'kitchen two']);
    t.deepEqual(device.lines, ['00', '01']);
    t.deepEqual(
      states.map(({ client, state }) => [client, state]),
      [['kitchen', 'connected']],
    );
    t.true(heardCount() > 0);
  });
});

test('a message that is sent again is acknowledged again and delivered once', async (t) => {
  await withServer(async ({ clock, joinDevice, delivered, suppressed }) => {
    const device = await joinDevice();
    device.send('00one', '01two', '01two', '00one');
    await clock.sleep('on the way', ms(100));
    t.deepEqual(delivered, ['board one', 'board two']);
    t.deepEqual(suppressed, ['board two', 'board one']);
    t.deepEqual(device.lines, ['00', '01', '01', '00']);
  });
});

test('a repetition over a new connection is recognised too', async (t) => {
  await withServer(async ({ clock, joinDevice, delivered, suppressed }) => {
    const first = await joinDevice();
    first.send('00one', '01two');
    await clock.sleep('on the way', ms(100));
    first.peer.reset();
    await clock.sleep('gone', ms(100));
    const second = await joinDevice();
    second.send('01two', '02three');
    await clock.sleep('on the way', ms(100));
    t.deepEqual(delivered, ['board one', 'board two', 'board three']);
    t.deepEqual(suppressed, ['board two']);
  });
});

test('a device that restarted begins at 0 again, and is heard', async (t) => {
  await withServer(async ({ clock, joinDevice, delivered, suppressed }) => {
    const first = await joinDevice();
    first.send('00one', '01two');
    await clock.sleep('on the way', ms(100));
    first.peer.reset();
    await clock.sleep('reboot', ms(100));
    const second = await joinDevice();
    second.send('00three', '01four');
    await clock.sleep('on the way', ms(100));
    t.deepEqual(delivered, ['board one', 'board two', 'board three', 'board four']);
    t.deepEqual(suppressed, []);
  });
});

test('1200 messages, each sent twice, are delivered once each although their ids wrap', async (t) => {
  await withServer(async ({ clock, joinDevice, delivered }) => {
    const device = await joinDevice();
    const expected: string[] = [];
    for (let index = 0; index < 1_200; index += 1) {
      const mid = index < 256 ? index : ((index - 1) % 255) + 1;
      const line = `${hex(mid)}message ${index}`;
      device.send(line, line);
      expected.push(`board message ${index}`);
      if (index % 20 === 0) await clock.sleep('pace', ms(100));
    }
    await clock.sleep('on the way', seconds(1));
    t.deepEqual(delivered, expected);
    t.is(device.lines.length, 2_400);
  });
});

test('silence for the timeout is an outage, a keepalive now and then is none', async (t) => {
  await withServer(async ({ clock, joinDevice, server, states }) => {
    const device = await joinDevice();
    for (let beat = 0; beat < 5; beat += 1) {
      await clock.sleep('nearly too long', ms(1_400));
      device.send('');
    }
    t.true(server.isConnected('board'));
    const lastUs = clock.now();
    await clock.sleep('silence', seconds(2));
    t.false(server.isConnected('board'));
    const outage = states.at(-1);
    t.is(outage?.state, 'outage');
    t.is(outage?.detail, 'nothing received for 1500 ms');
    const tookUs = elapsed(lastUs, outage?.atUs ?? lastUs);
    t.true(tookUs >= TIMEOUT && tookUs <= TIMEOUT + ms(10), `${tookUs} µs`);
    t.is(await device.peer.over, 'reset');
  });
});

test('a device that closes or resets its connection is an outage at once, and may come back', async (t) => {
  await withServer(async ({ clock, joinDevice, states }) => {
    const first = await joinDevice();
    await clock.sleep('up', ms(100));
    first.peer.end();
    await clock.sleep('gone', ms(50));
    const second = await joinDevice();
    await clock.sleep('up', ms(100));
    second.peer.reset();
    await clock.sleep('gone', ms(50));
    await joinDevice();
    await clock.sleep('up', ms(100));
    t.deepEqual(
      states.map(({ state }) => state),
      ['connected', 'outage', 'reconnected', 'outage', 'reconnected'],
    );
  });
});

test('a second live connection with the same id is refused and does not disturb the first', async (t) => {
  await withServer(async ({ clock, joinDevice, delivered, states, server }) => {
    const first = await joinDevice();
    await clock.sleep('up', ms(100));
    const second = await joinDevice();
    second.send('00from the impostor');
    t.is(await second.peer.over, 'reset');
    first.send('00from the first');
    await clock.sleep('on the way', ms(100));
    t.deepEqual(delivered, ['board from the first']);
    t.is(states.at(-1)?.state, 'refused');
    t.regex(states.at(-1)?.detail ?? '', /connected already/);
    t.true(server.isConnected('board'));
  });
});

test('two clients do not share ids', async (t) => {
  await withServer(async ({ clock, joinDevice, delivered }) => {
    const kitchen = await joinDevice('kitchen');
    const garden = await joinDevice('garden');
    kitchen.send('00from the kitchen');
    garden.send('00from the garden');
    await clock.sleep('on the way', ms(100));
    t.deepEqual(delivered.sort(), ['garden from the garden', 'kitchen from the kitchen']);
  });
});

test('a malformed line is reported; the rest goes on', async (t) => {
  await withServer(async ({ clock, joinDevice, delivered, malformed }) => {
    const device = await joinDevice();
    device.send('zzgarbage', '7', '00fine');
    device.sendBytes(Uint8Array.of(0xff, 0x00, 0x80, 0x0a));
    device.send('01still fine');
    await clock.sleep('on the way', ms(100));
    t.deepEqual(delivered, ['board fine', 'board still fine']);
    t.is(malformed.length, 3);
    t.regex(malformed[0] ?? '', /^board .*zzgarbage/);
  });
});

test('an endless line closes the connection, and the device may come back', async (t) => {
  await withServer(async ({ clock, joinDevice, delivered, malformed, states }) => {
    const device = await joinDevice();
    device.sendBytes(new Uint8Array(5_000).fill(0x41));
    t.is(await device.peer.over, 'reset');
    t.is(malformed.length, 1);
    t.regex(states.at(-1)?.detail ?? '', /4096 bytes without a line end/);
    const again = await joinDevice();
    again.send('00back');
    await clock.sleep('on the way', ms(100));
    t.deepEqual(delivered, ['board back']);
  });
});

test('connections that never send an id are dropped after the timeout, and do not pile up', async (t) => {
  await withServer(async ({ clock, openDevice, joinDevice, malformed, delivered }) => {
    for (let index = 0; index < 20; index += 1) await openDevice();
    await clock.sleep('on the way', ms(20));
    t.is(malformed.length, 20 - ANONYMOUS_LIMIT, 'those above the limit are dropped at once');
    await clock.sleep('timeout', seconds(2));
    t.is(malformed.length, 20);
    const device = await joinDevice();
    device.send('00works');
    await clock.sleep('on the way', ms(100));
    t.deepEqual(delivered, ['board works']);
  });
});

test('an empty id, and one client too many, are refused', async (t) => {
  await withServer(async ({ clock, joinDevice, states }) => {
    const nameless = await joinDevice('');
    t.is(await nameless.peer.over, 'reset');
    t.is(states.at(-1)?.state, 'refused');
    for (let index = 0; index < CLIENT_LIMIT; index += 1) {
      const device = await joinDevice(`board ${index}`);
      await clock.sleep('up', ms(20));
      device.peer.reset();
    }
    const last = await joinDevice('one too many');
    t.is(await last.peer.over, 'reset');
    t.regex(states.at(-1)?.detail ?? '', /64 clients/);
  });
});

test('what an event callback throws ends the run', async (t) => {
  const events = {
    message: () => {
      throw new TypeError('a defect');
    },
    state: () => undefined,
  };
  const run = withServer(
    async ({ clock, joinDevice }) => {
      const device = await joinDevice();
      device.send('00boom');
      await clock.sleep('on the way', seconds(1));
    },
    { events },
  );
  await t.throwsAsync(run, { message: /a defect/ });
});

test('a closed server sends nothing and says so', async (t) => {
  await withServer(async ({ server, joinDevice, states }) => {
    const device = await joinDevice();
    await server.close();
    t.is(await device.peer.over, 'reset');
    t.false(
      states.some(({ state }) => state === 'outage'),
      'its own closing is no outage',
    );
    const error = t.throws(() => server.send('board', { text: 'late', qos: true, wait: true }));
    t.true(isRigError(error, 'CLOSED'));
  });
});
