/** The host as I2C controller of the virtual bench, with the board's own target at the other end. */
import test, { type ExecutionContext } from 'ava';
import { VirtualI2cController } from '../../../drivers/virtual/i2c-controller.js';
import { isRigError } from '../../../rig/errors.js';
import { elapsed, ms, us } from '../../../rig/time/units.js';
import { type BoardRig, withBoard } from '../esp8266/board-rig.js';

const ADDRESS = 0x12;

interface Parts {
  readonly rig: BoardRig;
  readonly controller: VirtualI2cController;
}

/** Boots a board that runs `main`, and waits until it has printed `ready`. */
async function withTarget(
  t: ExecutionContext,
  main: string,
  body: (parts: Parts) => Promise<void>,
): Promise<BoardRig> {
  const rig = await withBoard({ 'main.py': `from machine import I2CTarget, Pin\n${main}` }, async (board) => {
    const controller = new VirtualI2cController(board.clock, board.board);
    board.board.powerOn();
    t.true(await board.printed('ready'), board.texts().join('\n'));
    await body({ rig: board, controller });
  });
  t.deepEqual(rig.failures, []);
  return rig;
}

test.serial('a memory without an address in front is read on and written anew from its start', async (t) => {
  const main = `
mem = bytearray(b'abcd')
target = I2CTarget(0, 0x12, mem=mem, mem_addrsize=0, scl=Pin(0), sda=Pin(2))
print('ready', target)
import time
while True:
    time.sleep_ms(10)
    if mem[0] == 120:
        print('memory', bytes(mem))
        break
I2CTarget(addr=0x12, mem=memoryview(mem)[1:3], mem_addrsize=0)
print('anew')`;
  const rig = await withTarget(t, main, async ({ rig: { printed }, rig: board, controller }) => {
    const read = async (count: number) => Buffer.from(await controller.read(ADDRESS, count)).toString();
    t.is(await read(2), 'ab');
    t.is(await read(3), 'cda', 'a read goes on where the last transfer ended, and around');
    await controller.write(ADDRESS, Buffer.from('xyz'));
    t.is(await read(1), 'd');
    t.true(await printed.call(board, 'anew'));
    t.is(await read(2), 'yz', 'a target that is made anew begins at its first byte');
  });
  t.true(rig.texts().includes("memory b'xyzd'"));
  t.true(rig.texts().some((text) => text.includes('I2CTarget(0, addr=18, scl=0, sda=2)')));
});

test.serial(
  'a memory with an address in front is a register device, and tells which was selected',
  async (t) => {
    const main = `
mem = bytearray(range(8))
target = I2CTarget(addr=0x12, mem=mem)
events = []
def event(it):
    events.append((it.irq().flags(), it.memaddr))
target.irq(event)
print('ready')
import time
while len(events) < 3:
    time.sleep_ms(1)
print('events', events, list(mem), I2CTarget.IRQ_END_READ, I2CTarget.IRQ_END_WRITE)`;
    const rig = await withTarget(t, main, async ({ rig: board, controller }) => {
      await controller.write(ADDRESS, Uint8Array.of(5));
      t.deepEqual([...(await controller.read(ADDRESS, 2))], [5, 6]);
      await controller.write(ADDRESS, Uint8Array.of(7, 9, 8));
      await controller.write(ADDRESS, Uint8Array.of(2));
      t.deepEqual([...(await controller.read(ADDRESS, 1))], [2]);
      t.true(await board.printed('events'));
    });
    t.true(
      rig.texts().includes('events [(16, 5), (32, 7), (16, 2)] [8, 1, 2, 3, 4, 5, 6, 9] 16 32'),
      rig.texts().join(),
    );
  },
);

test.serial('without a memory, bytes wait both ways for readinto and write', async (t) => {
  const main = `
target = I2CTarget(addr=0x12)
got = bytearray(8)
print('ready', target.write(b'hello'), target.readinto(got))
import time
n = 0
while not n:
    time.sleep_ms(1)
    n = target.readinto(got)
print('got', bytes(got[:n]))`;
  const rig = await withTarget(t, main, async ({ rig: board, controller }) => {
    t.deepEqual(Buffer.from(await controller.read(ADDRESS, 7)), Buffer.from('hello\0\0'));
    await controller.write(ADDRESS, Buffer.from('abc'));
    t.true(await board.printed('got'));
    const tooMuch = await t.throwsAsync(controller.write(ADDRESS, new Uint8Array(33)));
    t.true(isRigError(tooMuch, 'PROTOCOL'), String(tooMuch));
  });
  t.true(rig.texts().some((text) => text === 'ready 5 0') && rig.texts().includes("got b'abc'"));
});

test.serial('what a port without hard interrupts refuses, and what nobody has, is refused', async (t) => {
  const main = `
def refused(make):
    try:
        make()
        print('taken')
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
target = I2CTarget(addr=0x12)
refused(lambda: target.irq(print, 48, True))
refused(lambda: I2CTarget(1, 0x12))
refused(lambda: I2CTarget(0))
refused(lambda: I2CTarget(addr=0x12, addrsize=10))
refused(lambda: I2CTarget(addr=0x12, mem=bytearray(1), mem_addrsize=9))
print(hasattr(I2CTarget, 'IRQ_READ_REQ'), 'ready')`;
  const rig = await withTarget(t, main, async () => undefined);
  t.deepEqual(
    rig.texts().filter((text) => text.includes('Error') || text.includes('ready')),
    [
      'ValueError hard IRQ unsupported',
      "ValueError I2CTarget(1) doesn't exist",
      "TypeError 'addr' argument required",
      'ValueError 10-bit address unsupported',
      'ValueError mem_addrsize must be 0, 8, 16, 24 or 32',
      'False ready',
    ],
  );
});

test.serial('a transfer takes its bytes at the speed of the bus, while the program runs on', async (t) => {
  const main = `
target = I2CTarget(addr=0x12, mem=bytearray(200), mem_addrsize=0)
print('ready')
out = Pin(4, Pin.OUT, value=0)
while True:
    out(not out())`;
  await withTarget(t, main, async ({ rig, controller }) => {
    await rig.wait(ms(1));
    const [startUs, edges] = [rig.clock.now(), rig.pins.length];
    await controller.read(ADDRESS, 200);
    // The board is in the middle of a bytecode when it is asked.
    const durationUs = elapsed(startUs, rig.clock.now());
    t.true(durationUs >= 201 * 90 && durationUs < 201 * 90 + 10, `${durationUs}`);
    t.true(rig.pins.length - edges > 200, `${rig.pins.length - edges} edges meanwhile`);
  });
});

test.serial('nobody acknowledges when the target is not enabled, or its board has stopped', async (t) => {
  const main = `
target = I2CTarget(addr=0x12, mem=bytearray(200), mem_addrsize=0)
Pin(5, Pin.IN).irq(lambda pin: target.deinit(), Pin.IRQ_FALLING)
print('ready')
import time
while True:
    time.sleep_ms(1)`;
  const rig = await withTarget(t, main, async ({ rig: { board, clock, wait }, rig: each, controller }) => {
    const refused = async (transfer: Promise<unknown>) => {
      const startUs = clock.now();
      const error = await t.throwsAsync(transfer);
      t.true(isRigError(error, 'PROTOCOL'), String(error));
      return elapsed(startUs, clock.now());
    };
    t.is(await refused(controller.read(ADDRESS + 1, 2)), us(90), 'after the address byte');
    t.is((await controller.read(ADDRESS, 2)).length, 2);
    board.setPin(5, 0);
    await wait.call(each, ms(2));
    await refused(controller.read(ADDRESS, 2));
    board.holdReset();
    board.releaseReset();
    await refused(controller.write(ADDRESS, Uint8Array.of(1)));
    t.true(await each.printed('ready', each.lines.length));
    const cut = controller.write(ADDRESS, new Uint8Array(100));
    const orphaned = controller.read(ADDRESS, 2);
    await wait.call(each, ms(2));
    board.powerOff();
    await refused(cut);
    await refused(orphaned);
  });
  t.deepEqual(rig.failures, []);
});

test.serial(
  'a read whose target vanishes in the middle reads an idle bus; closing ends every wait',
  async (t) => {
    const main = `
target = I2CTarget(addr=0x12, mem=bytearray(200), mem_addrsize=0)
print('ready')
import time
while True:
    time.sleep_ms(1)`;
    await withTarget(t, main, async ({ rig, controller }) => {
      const half = controller.read(ADDRESS, 100);
      await rig.wait(ms(2));
      rig.board.holdReset();
      t.deepEqual([...new Set(await half)], [0xff]);
      rig.board.releaseReset();
      t.true(await rig.printed('ready', rig.lines.length));
      const waiting = [controller.read(ADDRESS, 100), controller.read(ADDRESS, 1)];
      await rig.wait(ms(2));
      controller.close();
      for (const transfer of [...waiting, controller.write(ADDRESS, Uint8Array.of(1))]) {
        t.true(isRigError(await t.throwsAsync(transfer), 'CLOSED'));
      }
    });
  },
);
