/** Resets and power cuts of the virtual board, at any instant. */
import test from 'ava';
import fc from 'fast-check';
import { hostRecord } from '../../../drivers/virtual/esp8266/lockstep/records.js';
import { ms, seconds, us } from '../../../rig/time/units.js';
import { type BoardRig, withBoard } from './board-rig.js';

/** Says how often it was started, drives a pin, prints without end. */
const BUSY_MAIN = `
import machine, time
try:
    with open('count') as file:
        count = int(file.read() or 0) + 1
except OSError:
    count = 1
with open('count', 'w') as file:
    file.write(str(count))
print('life', count, 'cause', machine.reset_cause())
pin = machine.Pin(4, machine.Pin.OUT, value=0)
while True:
    pin(not pin())
    print('life', count, 'at', time.ticks_ms())
    time.sleep_ms(20)
`;

async function press({
  board,
  wait,
}: {
  board: BoardRig['board'];
  wait: () => Promise<void>;
}): Promise<void> {
  board.holdReset();
  await wait();
  board.releaseReset();
}

test.serial(
  'after a reset at any instant the board boots again, and nothing of the life before it takes effect',
  async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 900_000 }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (instants, byPower) => {
          const rig = await withBoard({ 'main.py': BUSY_MAIN }, async (board) => {
            board.board.powerOn();
            for (const after of instants) {
              await board.wait(us(after));
              if (byPower) board.board.powerOff();
              else board.board.holdReset();
              const pinsBefore = board.pins.length;
              const linesBefore = board.roms.length;
              t.is(board.pins.filter(({ gpio }) => gpio === 4).at(-1)?.level, undefined);
              await board.wait(ms(50));
              // Held: no pin moves, and it does not boot.
              t.is(board.pins.length, pinsBefore);
              t.is(board.roms.length, linesBefore);
              if (byPower) board.board.powerOn();
              else board.board.releaseReset();
            }
            const from = board.lines.length;
            t.true(await board.printed(' cause ', from, seconds(3)));
            await board.wait(ms(100));
          });
          t.deepEqual(rig.failures, []);
          t.is(rig.roms.at(-1)?.cause, byPower ? 1 : 2);
          t.true(rig.roms.length >= 1 && rig.roms.length <= instants.length + 1);
          const last = rig.lines.findLastIndex(({ text }) => text.includes('rst cause'));
          const lives = new Set(
            rig
              .texts()
              .slice(last + 1)
              .map((text) => /life (\d+)/.exec(text)?.[1])
              .filter((life) => life !== undefined),
          );
          t.is(lives.size, 1, rig.texts().slice(last).join('\n'));
        },
      ),
      { numRuns: 12, seed: 3 },
    );
  },
);

test.serial('files outlive resets and power cuts', async (t) => {
  const rig = await withBoard({ 'main.py': BUSY_MAIN }, async (board) => {
    board.board.powerOn();
    t.true(await board.printed('life 1 at'));
    board.board.powerOff();
    await board.wait(ms(500));
    board.board.powerOn();
    t.true(await board.printed('life 2 at'));
    await press({ board: board.board, wait: () => board.wait(ms(10)) });
    t.true(await board.printed('life 3 at'));
  });
  const causes = rig.texts().filter((text) => text.includes(' cause '));
  // As `machine.reset_cause()` has it: 0 power-on, 6 reset pin.
  t.deepEqual(causes, ['life 1 cause 0', 'life 2 cause 0', 'life 3 cause 6']);
});

test.serial('a write that is cut short leaves the file torn, and every other file whole', async (t) => {
  const rig = await withBoard(
    {
      'main.py': `
import os
size = os.stat('data')[6] if 'data' in os.listdir() else None
print('size', size, 'other', open('lib/other.txt').read(), 'home', open('home/kept.txt').read())
with open('data', 'w') as file:
    for i in range(200):
        file.write('0123456789')
        for j in range(400):
            pass
print('written')
`,
      'lib/other.txt': 'whole',
      'home/kept.txt': 'too',
    },
    async (board) => {
      board.board.powerOn();
      t.true(await board.printed('size None other whole home too'));
      await board.wait(ms(200));
      t.false(board.texts().includes('written'));
      board.board.powerOff();
      await board.wait(ms(100));
      board.board.powerOn();
      t.true(await board.printed('size', board.lines.length));
    },
  );
  const [, second = ''] = rig.texts().filter((text) => text.startsWith('size'));
  t.regex(second, /other whole home too/);
  const size = Number(/size (\d+)/.exec(second)?.[1]);
  t.true(size > 0 && size < 2_000, second);
});

test.serial(
  'machine.reset() boots with cause 3; a second board of the same seed does all at the same times',
  async (t) => {
    const main = `
import machine, os, time, random
print('start', machine.reset_cause(), random.getrandbits(16), os.urandom(2))
if machine.reset_cause() != 4:
    time.sleep_ms(30)
    machine.reset()
print('second life')
for i in range(100):
    print(time.ticks_us())
`;
    const run = (seed: number) =>
      withBoard(
        { 'main.py': main },
        async (board) => {
          board.board.powerOn();
          t.true(await board.printed('Type "help()"'));
        },
        seed,
      );
    const [first, again, other] = [await run(5), await run(5), await run(6)];
    t.like(first.roms, [{ cause: 1 }, { cause: 3 }]);
    t.deepEqual(first.happened, ['started', 'stopped', 'started']);
    t.deepEqual(again.lines, first.lines);
    t.notDeepEqual(other.texts(), first.texts());
  },
);

test.serial('a driven pin floats at the very instant at which power goes', async (t) => {
  const rig = await withBoard(
    {
      'main.py':
        "import machine\nmachine.Pin(4, machine.Pin.OUT, value=0)\nprint('driving')\nwhile True: pass",
    },
    async (board) => {
      board.board.powerOn();
      t.true(await board.printed('driving'));
      await board.wait(us(777));
      const cutUs = board.clock.now();
      board.board.powerOff();
      t.deepEqual(board.pins.at(-1), { gpio: 4, level: undefined, atUs: cutUs });
    },
  );
  t.is(rig.pins.filter(({ level }) => level === undefined).length, 1);
});

test.serial('a mailbox that is full is told, and the next power-up boots a board that works', async (t) => {
  // 256 KB, of which a record takes 24 bytes beside its own; there is no room for another.
  const filling = new Uint8Array(256 * 1024 - 24 - 8);
  for (const overflow of [false, true]) {
    const rig = await withBoard({ 'main.py': "print('alive')" }, async (board) => {
      board.board.powerOn();
      t.true(await board.printed('alive'));
      board.board.tell(hostRecord.uartInput, 0, 0, filling);
      if (overflow) board.board.tell(hostRecord.uartInput, 0, 0, Uint8Array.of(1));
      board.board.powerOff();
      await board.wait(ms(10));
      const from = board.lines.length;
      board.board.powerOn();
      t.true(await board.printed('alive', from));
    });
    t.is(rig.failures.length, 1);
    t.regex(rig.failures[0] ?? '', /more than its mailbox holds/);
  }
});

test.serial(
  'a deep sleep stops the chip until its clock pulls the reset pin, and the time goes on',
  async (t) => {
    const main = `
import machine, time
print('life', machine.reset_cause(), machine.RTC().memory(), time.time() // 10)
machine.RTC().memory(b'kept')
if machine.reset_cause() != machine.DEEPSLEEP_RESET:
    machine.deepsleep(60000)
machine.deepsleep()
`;
    const rig = await withBoard({ 'main.py': main }, async (board) => {
      board.board.powerOn();
      await board.wait(seconds(30));
      t.deepEqual(board.happened, ['started', 'stopped']);
      await board.wait(seconds(100_000));
      t.deepEqual(
        board.happened,
        ['started', 'stopped', 'started', 'stopped'],
        'the second sleep has no end',
      );
      board.board.holdReset();
      board.board.releaseReset();
      await board.wait(seconds(5));
      board.board.powerOff();
      await board.wait(seconds(100));
    });
    t.deepEqual(
      rig.roms.map(({ cause }) => cause),
      [1, 2, 2],
      'switched off, it does not wake',
    );
    const lives = rig.texts().filter((line) => line.startsWith('life'));
    t.deepEqual(lives.slice(0, 2), ["life 0 b'' 0", "life 5 b'kept' 6"]);
  },
);

test.serial('a board in the thread that another left is as one in a new thread', async (t) => {
  const seen =
    "import os, random, sys, time\nprint(os.listdir(), random.random(), time.ticks_us(), 'left' in sys.modules)\n";
  const boot = (main: string) =>
    withBoard({ 'main.py': main, 'left.py': 'x = 1' }, async (board) => {
      board.board.powerOn();
      await board.wait(seconds(2));
    });
  const first = await boot(seen);
  // Closed in the middle of its program, which has written to its flash.
  await boot("import left, sys\nsys.path = []\nopen('kept', 'w').write('x')\nwhile True: pass\n");
  const again = await boot(seen);
  t.regex(first.text, /\['left\.py', 'main\.py'\].* False|\['main\.py', 'left\.py'\].* False/);
  t.deepEqual(again.lines, first.lines);
  t.deepEqual(again.failures, []);
});
