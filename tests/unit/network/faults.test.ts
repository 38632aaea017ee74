/** What the simulated network does when the air, a device or a port is not there. */
import test from 'ava';
import { isRigError } from '../../../rig/errors.js';
import { ms, seconds, toSeconds, us } from '../../../rig/time/units.js';
import { DevicePeer } from '../../contract/device-peer.js';
import { pattern, readBytes } from '../../contract/network-suite.js';
import { createBench, openPair, PORT } from './bench.js';

test('what is sent while the radio is silent arrives when it is back', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    const { connection, peer } = await openPair(bench);
    bench.radio.silent = true;
    await peer.write(pattern(900));
    await connection.write(pattern(3_000, 3));
    await bench.clock.sleep('outage', seconds(5));
    t.is(peer.receivedBytes, 0);
    bench.radio.silent = false;
    t.deepEqual(await readBytes(connection, 900), pattern(900));
    t.deepEqual(await peer.received(3_000), pattern(3_000, 3));
    t.true(toSeconds(bench.clock.now()) < 20, 'retransmission is backed off too far');
  });
});

test('a segment that is in the air when the radio goes down is lost, and sent again', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    const { connection, peer } = await openPair(bench);
    await peer.write(pattern(10));
    await bench.clock.sleep('half way', ms(1));
    bench.radio.silent = true;
    await bench.clock.sleep('arrival', ms(20));
    bench.radio.silent = false;
    const before = bench.clock.now();
    t.deepEqual(await readBytes(connection, 10), pattern(10));
    t.true(bench.clock.now() - before > ms(1_000));
  });
});

test('a lossy radio loses no bytes', async (t) => {
  const bench = createBench(5);
  await bench.clock.run(async () => {
    const { connection, peer } = await openPair(bench);
    bench.radio.impairment = { loss: 0.1, latencyUs: us(0), jitterUs: us(0) };
    const writing = Promise.all([peer.write(pattern(40_000)), connection.write(pattern(40_000, 5))]);
    const [atHost, atDevice] = await Promise.all([readBytes(connection, 40_000), peer.received(40_000)]);
    await writing;
    t.true(Buffer.from(pattern(40_000)).equals(atHost));
    t.true(Buffer.from(pattern(40_000, 5)).equals(atDevice));
  });
});

test('no timer is left when nothing is in flight', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    const { connection, peer } = await openPair(bench);
    await peer.write(pattern(2_000));
    await readBytes(connection, 2_000);
    await connection.write(pattern(2_000));
    await peer.received(2_000);
    await bench.clock.sleep('acks', seconds(1));
    t.deepEqual(bench.clock.pending(), []);
  });
});

test('nothing of a connection is left when both sides have closed it', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    const { connection, peer } = await openPair(bench);
    peer.end();
    t.is(await connection.read(), undefined);
    await connection.end();
    await bench.clock.sleep('last ack', seconds(1));
    t.deepEqual(bench.clock.pending(), []);
    t.is(await connection.read(), undefined);
    await t.throwsAsync(connection.write(pattern(1)));
  });
});

test('a connect to a port where nobody listens is refused', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    const peer = new DevicePeer(bench.peerOptions);
    await t.throwsAsync(peer.connect(bench.network.hostAddress, PORT), { message: 'refused' });
    t.true(bench.clock.now() < ms(20));
  });
});

test('a connect over dead air repeats its SYN, then times out', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    bench.radio.silent = true;
    const peer = new DevicePeer(bench.peerOptions);
    await t.throwsAsync(peer.connect(bench.network.hostAddress, PORT), { message: 'timedOut' });
    t.is(toSeconds(bench.clock.now()), 21);
    t.deepEqual(bench.clock.pending(), []);
  });
});

test('a connect to an address that is not there times out', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    const peer = new DevicePeer(bench.peerOptions);
    await t.throwsAsync(peer.connect('192.168.4.77', PORT), { message: 'timedOut' });
  });
});

test('a connect without an address of its own is unreachable at once', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    bench.radio.interfaceUp = false;
    const peer = new DevicePeer(bench.peerOptions);
    await t.throwsAsync(peer.connect(bench.network.hostAddress, PORT), { message: 'unreachable' });
    t.is(Number(bench.clock.now()), 0);
  });
});

test('a connect survives the loss of its first SYN', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    bench.radio.silent = true;

    const opening = openPair(bench);
    await bench.clock.sleep('first SYN lost', ms(100));
    bench.radio.silent = false;
    const { connection, peer } = await opening;
    await peer.write(pattern(4));
    t.deepEqual(await readBytes(connection, 4), pattern(4));
  });
});

test('a device that loses power leaves a half-open connection, which is reset once it is back', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    const { connection, peer } = await openPair(bench);
    const reading = connection.read();
    let over = false;
    const watched = reading.catch((error: unknown) => {
      over = true;
      return error;
    });
    peer.stack.vanish();
    bench.radio.associated = false;
    bench.radio.interfaceUp = false;
    await connection.write(pattern(10));
    await bench.clock.sleep('power off', seconds(3));
    t.false(over, 'the host cannot know yet');
    bench.radio.associated = true;
    bench.radio.interfaceUp = true;
    const error = await watched;
    t.true(isRigError(error, 'CLOSED'));
    t.deepEqual(
      peer.events.map((event) => event.kind),
      ['connected'],
      'the firmware of before hears nothing more',
    );
  });
});

test('a vanished device leaves no timers of its own', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    const { connection, peer } = await openPair(bench);
    await peer.write(pattern(700));
    peer.stack.vanish();
    connection.destroy();
    await bench.clock.sleep('the air clears', ms(10));
    t.deepEqual(bench.clock.pending(), []);
  });
});

test('a device that is never answered gives up with a reset; so does the host', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    const { connection, peer } = await openPair(bench);
    bench.radio.silent = true;
    await peer.write(pattern(10));
    await connection.write(pattern(10));
    t.is(await peer.over, 'reset');
    const error = await t.throwsAsync(connection.read());
    t.true(isRigError(error, 'CLOSED'));
    t.deepEqual(bench.clock.pending(), []);
  });
});

test('a window that opens while the radio is down is found out by probing', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    const { connection, peer } = await openPair(bench);
    peer.pauseReading();
    await connection.write(pattern(6_000));
    await bench.clock.sleep('window full', seconds(1));
    t.is(peer.receivedBytes, 2_144);
    bench.radio.silent = true;
    peer.resumeReading();
    await bench.clock.sleep('update lost', ms(100));
    bench.radio.silent = false;
    t.deepEqual(await peer.received(6_000), pattern(6_000));
  });
});

test('writing beyond the free send buffer is refused loudly', async (t) => {
  const bench = createBench();
  await bench.clock.run(async () => {
    const { peer } = await openPair(bench);
    const error = t.throws(() => peer.stack.send(1, pattern(1_073)));
    t.true(isRigError(error, 'BENCH'));
  });
});

test('under a latency above every time-out of TCP the bytes still arrive intact, each way', async (t) => {
  const bench = createBench(3);
  await bench.clock.run(async () => {
    const { connection, peer } = await openPair(bench);
    bench.radio.impairment = { loss: 0.05, latencyUs: ms(1_200), jitterUs: ms(800) };
    const writing = Promise.all([peer.write(pattern(6_000)), connection.write(pattern(6_000, 5))]);
    const [atHost, atDevice] = await Promise.all([readBytes(connection, 6_000), peer.received(6_000)]);
    await writing;
    t.true(Buffer.from(pattern(6_000)).equals(atHost));
    t.true(Buffer.from(pattern(6_000, 5)).equals(atDevice));
  });
});

test('an added latency is spread by the jitter, never negative, and keeps the order', async (t) => {
  const bench = createBench(4);
  await bench.clock.run(async () => {
    const { radio, clock } = bench;
    radio.impairment = { loss: 0, latencyUs: ms(20), jitterUs: ms(50) };
    const arrivals: { readonly number: number; readonly tookUs: number }[] = [];
    for (let number = 0; number < 200; number += 1) {
      const sentUs = clock.now();
      radio.carry('toHost', () => arrivals.push({ number, tookUs: clock.now() - sentUs }));
      await clock.sleep('next', ms(100));
    }
    const took = arrivals.map(({ tookUs }) => tookUs);
    t.is(arrivals.length, 200);
    t.true(Math.min(...took) >= ms(2) && Math.min(...took) < ms(8));
    t.true(Math.max(...took) > ms(60) && Math.max(...took) <= ms(74));
    radio.impairment = { loss: 0, latencyUs: ms(200), jitterUs: ms(200) };
    arrivals.length = 0;
    for (let number = 0; number < 50; number += 1) {
      radio.carry('toHost', () => arrivals.push({ number, tookUs: 0 }));
    }
    await clock.sleep('all of them', seconds(1));
    t.deepEqual(
      arrivals.map(({ number }) => number),
      [...Array(50).keys()],
    );
  });
});
