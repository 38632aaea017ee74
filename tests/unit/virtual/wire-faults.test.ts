/** Faults of the virtual bench's wires: shorts and glitches, and what the board and the host meet on a bus in trouble. */
import test from 'ava';
import { I2cController } from '../../../drivers/virtual/esp8266/chip/i2c.js';
import { deviceRecord, hostRecord } from '../../../drivers/virtual/esp8266/lockstep/records.js';
import { VirtualI2cController } from '../../../drivers/virtual/i2c-controller.js';
import { ResetPin } from '../../../drivers/virtual/reset-pin.js';
import { asTransferred } from '../../../drivers/virtual/transfer-faults.js';
import { Wire } from '../../../drivers/virtual/wire.js';
import { VirtualWireFaults } from '../../../drivers/virtual/wire-faults.js';
import { ms, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { FakeMemory, makeCpu } from '../esp8266/fake-memory.js';

const ADDRESS = 0x12;
const NO_BYTES = new Uint8Array(0);
const ENODEV = 19;
const ETIMEDOUT = 110;
const ANY = { leastBytes: 1, mostBytes: 255 };

/** Wires with faults, and the board's end of the bus, told of them as on the bench. */
function setUp() {
  const clock = new VirtualClock();
  const wires = { syn: new Wire(), ack: new Wire(), scl: new Wire(), sda: new Wire(), rst: new Wire() };
  const memory = new FakeMemory();
  const cpu = makeCpu(memory);
  const bus = new I2cController(cpu, (pin) => (pin === 0 ? wires.scl : wires.sda).level);
  const tell = (kind: number, a: number, b = 0, bytes: Uint8Array = NO_BYTES) =>
    void bus.accept({ kind, atUs: 0, a, b, bytes });
  const faults = new VirtualWireFaults({ clock, wires, tellBoard: tell });
  tell(hostRecord.i2cAddress, ADDRESS);
  const read = (...armed: number[]) => {
    tell(hostRecord.i2cArmTransmit, 0, 0, Uint8Array.from(armed));
    const target = new Uint8Array(armed.length);
    const startUs = cpu.now();
    const result = bus.read(ADDRESS, () => target);
    return { result, bytes: [...target], tookUs: cpu.now() - startUs };
  };
  const write = (...bytes: number[]) => {
    tell(hostRecord.i2cArmReceive, bytes.length);
    const before = memory.told.length;
    const result = bus.write(ADDRESS, Uint8Array.from(bytes));
    memory.deliver();
    const arrived = memory.told
      .slice(before)
      .filter(({ kind }) => kind === deviceRecord.i2cWritten)
      .map((record) => [...record.bytes]);
    return { result, arrived };
  };
  return { clock, wires, faults, read, write };
}

test('one bit of a transfer is wrong, at the place asked for', (t) => {
  const flipped = (place: number) => [...asTransferred(Uint8Array.of(0, 0), { kind: 'flip', place })];
  t.deepEqual([0, 0.49, 0.5, 0.999_999, 1].map(flipped), [
    [0x80, 0],
    [0x01, 0],
    [0, 0x80],
    [0, 0x01],
    [0, 0x01],
  ]);
  t.deepEqual([...asTransferred(NO_BYTES, { kind: 'flip', place: 0 })], []);
});

test('the board: transfers not acknowledged, and a bit turned round either way, each once', async (t) => {
  const { faults, read, write } = setUp();
  await faults.disturb([{ kind: 'nack' }, { kind: 'none' }, { kind: 'flip', place: 0 }], ANY);
  t.is(read(1, 2).result, -ENODEV);
  t.deepEqual(read(1, 2).bytes, [1, 2]);
  t.deepEqual(write(1, 2), { result: 2, arrived: [[0x81, 2]] });
  t.deepEqual(write(1, 2), { result: 2, arrived: [[1, 2]] });
});

test('the board: only transfers of the sizes meant, and none after clear', async (t) => {
  const { faults, read } = setUp();
  await faults.disturb([{ kind: 'nack' }, { kind: 'nack' }], { leastBytes: 3, mostBytes: 255 });
  t.is(read(1, 2).result, 2);
  t.is(read(1, 2, 3).result, -ENODEV);
  await faults.clear();
  t.is(read(1, 2, 3).result, 3);
});

test('the board: SCL held low is waited for, SDA held low reads as zeros and swallows what is written', async (t) => {
  const { faults, read, write } = setUp();
  await faults.hold('scl', 0);
  const stuck = read(1, 2);
  t.is(stuck.result, -ETIMEDOUT);
  t.true(stuck.tookUs >= 50_000);
  await faults.clear();
  await faults.hold('sda', 0);
  t.deepEqual(read(1, 2).bytes, [0, 0]);
  t.deepEqual(write(7, 8), { result: 2, arrived: [] });
  await faults.clear();
  t.deepEqual(read(1, 2).bytes, [1, 2]);
});

test('the board: a stretched clock takes time, and beyond the time-out the transfer', async (t) => {
  const { faults, read } = setUp();
  const calm = read(1, 2).tookUs;
  await faults.stretch(ms(20));
  t.is(Math.round(read(1, 2).tookUs - calm), 20_000);
  await faults.stretch(ms(51));
  t.is(read(1, 2).result, -ETIMEDOUT);
  await faults.clear();
  t.is(Math.round(read(1, 2).tookUs - calm), 0);
});

test('a wire is held against those who drive it, glitches, and is let go; the probe counts', async (t) => {
  const { clock, wires, faults } = setUp();
  wires.syn.drive('host', 0);
  await faults.hold('syn', 1);
  t.is(wires.syn.level, 1);
  await faults.clear();
  t.is(wires.syn.level, 0);
  const before = await faults.edges('syn');
  await clock.run(async () => {
    const glitch = faults.glitch('syn', us(40));
    t.is(wires.syn.level, 1);
    await glitch;
    t.is(clock.now() as number, 40);
  });
  t.is(wires.syn.level, 0);
  t.is((await faults.edges('syn')) - before, 2);
});

test('a reset pin that is held is not let go by the button', async (t) => {
  const { wires, faults } = setUp();
  const done: string[] = [];
  const pin = new ResetPin(wires.rst, {
    holdReset: () => void done.push('hold'),
    releaseReset: () => void done.push('release'),
  });
  await faults.hold('rst', 0);
  pin.holdReset();
  pin.releaseReset();
  t.deepEqual(done, ['hold']);
  await faults.clear();
  t.deepEqual(done, ['hold', 'release']);
});

test('the host as controller meets the same bus', async (t) => {
  const { clock, faults } = setUp();
  const written: number[][] = [];
  const controller = new VirtualI2cController(
    clock,
    {
      answersAt: () => true,
      readTarget: async (_address, lengthBytes) => ({ bytes: new Uint8Array(lengthBytes) }),
      writeTarget: async (_address, bytes) => {
        written.push([...bytes]);
        return { acknowledged: bytes.length };
      },
    },
    { trouble: faults },
  );
  await clock.run(async () => {
    await faults.disturb([{ kind: 'nack' }, { kind: 'flip', place: 0 }, { kind: 'flip', place: 0 }], ANY);
    await t.throwsAsync(controller.read(ADDRESS, 2), { message: /did not acknowledge its address/ });
    t.deepEqual([...(await controller.read(ADDRESS, 2))], [0x80, 0]);
    await controller.write(ADDRESS, Uint8Array.of(1));
    t.deepEqual(written, [[0x81]]);
    await faults.hold('sda', 0);
    await t.throwsAsync(controller.write(ADDRESS, Uint8Array.of(1)), { message: /holds sda low/ });
    await faults.clear();
    await faults.stretch(ms(30));
    const startUs = clock.now();
    await controller.read(ADDRESS, 2);
    t.is(clock.now() - startUs, 30_270);
  });
});
