/** The server's own messages: held back, ordered, repeated, bounded. */
import test from 'ava';
import fc from 'fast-check';
import { isRigError } from '../../../rig/errors.js';
import { Inbox } from '../../../rig/server/inbox.js';
import { IN_FLIGHT_LIMIT } from '../../../rig/server/outbox.js';
import { elapsed, type InstantUs, instant, ms, seconds } from '../../../rig/time/units.js';
import { type ScriptedDevice, type ServerBench, TIMEOUT, withServer } from './bench.js';

const ORDERED = { qos: true, wait: true } as const;
const CONCURRENT = { qos: true, wait: false } as const;
const ONCE = { qos: false, wait: false } as const;

/** Lets the device acknowledge what it has, every 20 ms, for `periods` of them. */
async function acknowledging(bench: ServerBench, device: ScriptedDevice, periods: number): Promise<void> {
  for (let period = 0; period < periods; period += 1) {
    await bench.clock.sleep('device works', ms(20));
    device.acknowledgeAll();
  }
}

test('own messages are held back until the client has spoken', async (t) => {
  await withServer(async (bench) => {
    bench.server.send('board', { text: 'hello', ...ORDERED });
    const device = await bench.openDevice();
    device.send('board');
    await bench.clock.sleep('long enough', seconds(1));
    t.deepEqual(device.messages, []);
    device.send('');
    await bench.clock.sleep('on the way', ms(50));
    t.deepEqual(device.messages, ['00hello']);
  });
});

test('own messages are held back for 200 ms after a connect', async (t) => {
  await withServer(async (bench) => {
    const device = await bench.joinDevice();
    let acceptedUs = instant(0);
    const onAccepted = (atUs: InstantUs) => {
      acceptedUs = atUs;
    };
    bench.server.send('board', { text: 'hello', ...ORDERED, onAccepted });
    await bench.clock.sleep('up', ms(150));
    t.deepEqual(device.messages, []);
    await bench.clock.sleep('up', ms(100));
    t.deepEqual(device.messages, ['00hello']);
    t.is(elapsed(bench.states[0]?.atUs ?? instant(0), acceptedUs), ms(200));
  });
});

test('accepted and acked are reported once each, in this order', async (t) => {
  await withServer(async (bench) => {
    const device = await bench.joinDevice();
    device.live();
    await bench.clock.sleep('up', ms(300));
    const progress: string[] = [];
    bench.server.send('board', {
      text: 'hello',
      ...ORDERED,
      onAccepted: () => progress.push('accepted'),
      onAcked: () => progress.push('acked'),
    });
    await bench.clock.sleep('no ack', seconds(2));
    t.deepEqual(progress, ['accepted']);
    t.is(device.messages.length, 2, 'it was sent again');
    device.send('00', '00');
    await bench.clock.sleep('on the way', seconds(3));
    t.deepEqual(progress, ['accepted', 'acked']);
    t.is(bench.server.backlog('board'), 0);
    t.is(device.messages.length, 2);
    device.die();
  });
});

test('an unacknowledged message is sent again with the same id, every timeout', async (t) => {
  await withServer(async (bench) => {
    const device = await bench.joinDevice();
    device.live();
    bench.server.send('board', { text: 'hello', ...ORDERED });
    await bench.clock.sleep('up', ms(300));
    t.deepEqual(device.messages, ['00hello']);
    await bench.clock.sleep('timeout', TIMEOUT);
    t.deepEqual(device.messages, ['00hello', '00hello']);
    await bench.clock.sleep('timeout', TIMEOUT);
    t.is(device.messages.length, 3);
    device.die();
  });
});

test('with wait, one message at a time is on the way', async (t) => {
  await withServer(async (bench) => {
    const device = await bench.joinDevice();
    device.live();
    for (const text of ['a', 'b', 'c']) bench.server.send('board', { text, ...ORDERED });
    await bench.clock.sleep('up', ms(300));
    t.deepEqual(device.messages, ['00a']);
    device.send('00');
    await bench.clock.sleep('on the way', ms(50));
    t.deepEqual(device.messages, ['00a', '01b']);
    device.send('01');
    await bench.clock.sleep('on the way', ms(50));
    t.deepEqual(device.messages, ['00a', '01b', '02c']);
    device.die();
  });
});

test('without wait, several messages are on the way, up to the limit', async (t) => {
  await withServer(async (bench) => {
    const device = await bench.joinDevice();
    device.live();
    for (let index = 0; index < 30; index += 1)
      bench.server.send('board', { text: `m${index}`, ...CONCURRENT });
    await bench.clock.sleep('up', ms(300));
    t.is(device.messages.length, IN_FLIGHT_LIMIT);
    await acknowledging(bench, device, 50);
    t.is(device.messages.length, 30);
    t.is(bench.server.backlog('board'), 0);
    device.die();
  });
});

test('one unacknowledged message stops the others before their ids come too far', async (t) => {
  await withServer(async (bench) => {
    const device = await bench.joinDevice();
    device.live();
    for (let index = 0; index < 300; index += 1)
      bench.server.send('board', { text: `m${index}`, ...CONCURRENT });
    const acked = new Set<string>();
    for (let period = 0; period < 100; period += 1) {
      await bench.clock.sleep('device works', ms(10));
      const fresh = device.messages
        .map((line) => line.slice(0, 2))
        .filter((mid) => mid !== '05' && !acked.has(mid));
      for (const mid of fresh) acked.add(mid);
      if (fresh.length > 0) device.send(...fresh);
    }
    t.is(new Set(device.messages).size, 5 + 64 + 1);
    device.send('05');
    await bench.clock.sleep('on the way', ms(50));
    t.true(new Set(device.messages).size > 70);
    device.die();
  });
});

test('without qos a message is sent once, even over an outage', async (t) => {
  await withServer(async (bench) => {
    const first = await bench.joinDevice();
    first.live();
    bench.server.send('board', { text: 'a', ...ONCE });
    await bench.clock.sleep('up', ms(300));
    t.deepEqual(first.messages, ['00a']);
    await bench.clock.sleep('no ack', seconds(5));
    t.deepEqual(first.messages, ['00a']);
    bench.server.send('board', { text: 'b', ...ONCE });
    await bench.clock.sleep('on the way', ms(50));
    first.die();
    first.peer.reset();
    await bench.clock.sleep('gone', ms(50));
    bench.server.send('board', { text: 'c', ...ONCE });
    const second = await bench.joinDevice();
    await bench.clock.sleep('up', ms(500));
    t.deepEqual(second.messages, ['02c'], 'what was not sent yet is, what was sent is not');
  });
});

test('after an outage what is unacknowledged is sent again in order, with the same ids, then the rest', async (t) => {
  await withServer(async (bench) => {
    const first = await bench.joinDevice();
    for (const text of ['a', 'b', 'c']) bench.server.send('board', { text, ...CONCURRENT });
    await bench.clock.sleep('up', ms(300));
    first.send('01');
    await bench.clock.sleep('on the way', ms(50));
    bench.radio.silent = true;
    bench.server.send('board', { text: 'd', ...CONCURRENT });
    await bench.clock.sleep('outage', seconds(8));
    bench.server.send('board', { text: 'e', ...CONCURRENT });
    bench.radio.silent = false;
    const second = await bench.joinDevice();
    await bench.clock.sleep('up', ms(500));
    t.deepEqual(second.messages, ['00a', '02c', '03d', '04e']);
    t.deepEqual(
      bench.states.map(({ state }) => state),
      ['connected', 'outage', 'reconnected'],
    );
  });
});

test('the ids go on when the device restarts', async (t) => {
  await withServer(async (bench) => {
    const first = await bench.joinDevice();
    bench.server.send('board', { text: 'a', ...ORDERED });
    await acknowledging(bench, first, 20);
    first.peer.reset();
    await bench.clock.sleep('gone', ms(50));
    const second = await bench.joinDevice();
    bench.server.send('board', { text: 'b', ...ORDERED });
    await bench.clock.sleep('up', ms(300));
    t.deepEqual(second.messages, ['01b']);
  });
});

test('the queue of a client is bounded: FULL', async (t) => {
  await withServer(
    async (bench) => {
      for (let index = 0; index < 10; index += 1)
        bench.server.send('board', { text: `m${index}`, ...ORDERED });
      const error = t.throws(() => bench.server.send('board', { text: 'one too many', ...ORDERED }));
      t.true(isRigError(error, 'FULL'));
      t.notThrows(() => bench.server.send('another board', { text: 'fine', ...ORDERED }));
    },
    { queueLimit: 10 },
  );
});

test('a message that is no line is refused: USAGE', async (t) => {
  await withServer(async (bench) => {
    for (const text of ['', 'two\nlines', 'x'.repeat(5_000)]) {
      const error = t.throws(() => bench.server.send('board', { text, ...ORDERED }));
      t.true(isRigError(error, 'USAGE'));
    }
  });
});

test('messages can be spaced out, so that a backlog does not flood the device', async (t) => {
  await withServer(
    async (bench) => {
      const device = await bench.joinDevice();
      device.live();
      for (let index = 0; index < 8; index += 1)
        bench.server.send('board', { text: `m${index}`, ...CONCURRENT });
      await bench.clock.sleep('up', ms(250));
      t.is(device.messages.length, 1);
      await bench.clock.sleep('two more', ms(200));
      t.is(device.messages.length, 3);
      device.die();
    },
    { spacingUs: ms(100) },
  );
});

test('a device that does not read makes no copies pile up, and gets everything once it does', async (t) => {
  await withServer(async (bench) => {
    const device = await bench.joinDevice();
    device.live();
    device.peer.pauseReading();
    const texts = Array.from({ length: 20 }, (_, index) => `${index} `.padEnd(1_000, '.'));
    for (const text of texts) bench.server.send('board', { text, ...CONCURRENT });
    await bench.clock.sleep('not reading', seconds(1));
    device.peer.resumeReading();
    await acknowledging(bench, device, 200);
    t.deepEqual(new Set(device.messages.map((line) => line.slice(2))), new Set(texts));
    device.die();
  });
});

test('over any outages, messages arrive exactly once, and in order with wait', async (t) => {
  const outage = fc.record({
    upMs: fc.integer({ min: 0, max: 900 }),
    downMs: fc.integer({ min: 2_000, max: 6_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(outage, { maxLength: 5 }), fc.boolean(), async (outages, wait) => {
      await withServer(async (bench) => {
        const texts = Array.from({ length: 40 }, (_, index) => `message ${index}`);
        for (const text of texts) bench.server.send('board', { text, qos: true, wait });
        const inbox = new Inbox();
        const arrived: string[] = [];
        const serve = async (periods: number, acks: boolean) => {
          const device = await bench.joinDevice();
          let handled = 0;
          for (let period = 0; period < periods; period += 1) {
            await bench.clock.sleep('device works', ms(10));
            const fresh = device.messages.slice(handled);
            handled += fresh.length;
            for (const line of fresh) {
              const text = line.slice(2);
              if (inbox.isNew(Number.parseInt(line.slice(0, 2), 16), text)) arrived.push(text);
              // One ack in three is lost with the connection.
              if (acks || arrived.length % 3 !== 0) device.send(line.slice(0, 2));
            }
            if (period % 30 === 0) device.send('');
          }
          return device;
        };
        for (const { upMs, downMs } of outages) {
          const device = await serve(Math.ceil(upMs / 10), false);
          bench.radio.silent = true;
          device.peer.stack.vanish();
          await bench.clock.sleep('outage', ms(downMs));
          bench.radio.silent = false;
        }
        await serve(400, true);
        t.deepEqual([...arrived].sort(), [...texts].sort());
        if (wait) t.deepEqual(arrived, texts);
      });
    }),
    { numRuns: 25 },
  );
});
