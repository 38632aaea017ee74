/** One bus shared by several users: what they cannot do to each other, and when the device file is opened anew. */
import test from 'ava';
import { I2cBuses } from '../../../drivers/pi/i2c/shared-bus.js';
import { MAX_WAITING_TRANSFERS } from '../../../drivers/pi/i2c/transfer-queue.js';
import { isRigError, RigError } from '../../../rig/errors.js';
import { FakeAdapter, FakeMemoryTarget } from '../../fixtures/i2c/fake-i2c-bus.js';

function setUp() {
  const adapter = new FakeAdapter();
  const target = new FakeMemoryTarget();
  const sensor = new FakeMemoryTarget();
  adapter.targets.set(0x12, target).set(0x40, sensor);
  return { adapter, target, sensor, buses: new I2cBuses(adapter.open) };
}

/** Holds the next transfer up until the returned function is called. */
function hold(adapter: FakeAdapter): () => void {
  let goOn = () => undefined;
  adapter.held = new Promise((resolve) => {
    goOn = () => void resolve();
  });
  return () => goOn();
}

test('users of one bus share one device file, and their transfers never overlap', async (t) => {
  const { adapter, buses } = setUp();
  const [link, sensor] = await Promise.all([buses.share(7), buses.share(7)]);
  const reads = Array.from({ length: 10 }, (_, index) =>
    index % 2 === 0 ? link.read(0x12, 1) : sensor.writeThenRead(0x40, Uint8Array.of(2), 2),
  );
  await Promise.all(reads);
  t.is(adapter.opened, 1);
  t.is(adapter.mostAtOnce, 1);
  await link.close();
  t.is(adapter.closed, 0);
  t.is((await sensor.read(0x40, 1)).length, 1);
  await sensor.close();
  t.is(adapter.closed, 1);
});

test('nothing comes between the two halves of a register read', async (t) => {
  const { adapter, sensor, buses } = setUp();
  const order: string[] = [];
  adapter.targets.set(0x40, {
    written: (bytes) => void order.push(`w${bytes.join()}`),
    read: (length) => {
      order.push(`r${length}`);
      return sensor.read(length);
    },
  });
  const share = await buses.share(7);
  const other = await buses.share(7);
  await Promise.all([
    share.writeThenRead(0x40, Uint8Array.of(2), 2),
    other.write(0x40, Uint8Array.of(9)),
    share.writeThenRead(0x40, Uint8Array.of(3), 2),
  ]);
  t.deepEqual(order, ['w2', 'r2', 'w9', 'w3', 'r2']);
  await Promise.all([share.close(), other.close()]);
});

test('after any error the device file is opened anew: a cached descriptor may have a wrong address', async (t) => {
  const { adapter, buses } = setUp();
  const share = await buses.share(7);
  for (const code of ['EREMOTEIO', 'ENXIO', 'EIO', 'ETIMEDOUT', 'EAGAIN']) {
    const { opened } = adapter;
    adapter.failNext = code;
    await t.throwsAsync(share.read(0x12, 1));
    t.is(adapter.opened, opened + 1);
    t.is((await share.read(0x12, 1)).length, 1);
    t.is(adapter.opened, opened + 1);
  }
  await share.close();
  t.is(adapter.closed, adapter.opened);
});

const meanings = [
  ['EREMOTEIO', 'PROTOCOL', /\/dev\/i2c-7, address 0x12: not acknowledged/],
  ['ENXIO', 'PROTOCOL', /not acknowledged/],
  ['EIO', 'PROTOCOL', /not acknowledged/],
  ['ETIMEDOUT', 'TIMEOUT', /holds SCL or SDA low/],
  ['EAGAIN', 'BENCH', /Another controller/],
  ['EINVAL', 'BENCH', /EINVAL/],
] as const;
for (const [errno, code, says] of meanings) {
  test(`${errno} of a bus that is there is ${code}`, async (t) => {
    const { adapter, buses } = setUp();
    const share = await buses.share(7);
    adapter.failNext = errno;
    const error = await t.throwsAsync(share.read(0x12, 1));
    t.true(isRigError(error, code));
    t.regex(error.message, says);
    await share.close();
  });
}

test('the queue of a bus is bounded', async (t) => {
  const { adapter, target, buses } = setUp();
  const share = await buses.share(7);
  const goOn = hold(adapter);
  const writes = Array.from({ length: MAX_WAITING_TRANSFERS }, (_, index) =>
    share.write(0x12, Uint8Array.of(index)),
  );
  const error = await t.throwsAsync(share.write(0x12, Uint8Array.of(0xff)));
  t.true(isRigError(error, 'FULL'));
  goOn();
  await Promise.all(writes);
  t.is(target.got.length, MAX_WAITING_TRANSFERS);
  await share.close();
});

test('a user that leaves takes along only what it waits for itself', async (t) => {
  const { adapter, target, buses } = setUp();
  const [first, second] = [await buses.share(7), await buses.share(7)];
  const goOn = hold(adapter);
  const underWay = t.throwsAsync(first.write(0x12, Uint8Array.of(1)));
  const kept = second.write(0x12, Uint8Array.of(2));
  const dropped = t.throwsAsync(first.write(0x12, Uint8Array.of(3)));
  await first.close();
  t.true(isRigError(await underWay, 'CLOSED'));
  t.true(isRigError(await dropped, 'CLOSED'));
  goOn();
  await kept;
  // What the kernel was at could not be stopped, and still came first.
  t.deepEqual(target.got, [[1], [2]]);
  await second.close();
});

test('a bus that is joined again while it closes stays open', async (t) => {
  const { adapter, buses } = setUp();
  const first = await buses.share(7);
  const goOn = hold(adapter);
  const underWay = t.throwsAsync(first.read(0x12, 1));
  const closing = first.close();
  const joining = buses.share(7);
  goOn();
  await Promise.all([underWay, closing]);
  const second = await joining;
  t.is((await second.read(0x12, 1)).length, 1);
  t.is(adapter.opened - adapter.closed, 1);
  await second.close();
  t.is(adapter.opened, adapter.closed);
});

test('an adapter that makes no plain transfers is refused', async (t) => {
  const { adapter, buses } = setUp();
  adapter.plainTransfers = false;
  const error = await t.throwsAsync(buses.share(7));
  t.true(isRigError(error, 'BENCH'));
  t.regex(error.message, /SMBus commands only/);
  t.is(adapter.opened, adapter.closed);
});

test('a missing package is told as it is', async (t) => {
  const missing = new RigError('BENCH', 'npm install i2c-bus');
  const buses = new I2cBuses(() => Promise.reject(missing));
  t.is(await t.throwsAsync(buses.share(7)), missing);
});

test('an address beyond 7 bits is USAGE, and so is what the kernel would cut', async (t) => {
  const { buses } = setUp();
  const share = await buses.share(7);
  for (const use of [() => share.read(0x80, 1), () => share.read(0x12, 8_193), () => share.read(0x12, 1.5)]) {
    t.true(isRigError(await t.throwsAsync(use()), 'USAGE'));
  }
  await share.close();
});
