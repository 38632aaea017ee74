/** How the virtual board boots: ROM message, boot.py, main.py, REPL, whatever the firmware is like. */
import test from 'ava';
import { ms, seconds } from '../../../rig/time/units.js';
import { withBoard } from './board-rig.js';

test.serial('power on: the ROM at its own baud rate, then boot.py, main.py and the prompt', async (t) => {
  const rig = await withBoard(
    { 'boot.py': "print('in boot')\nshared = 7", 'main.py': "print('in main', shared)" },
    async (board) => {
      board.board.powerOn();
      t.true(await board.printed('Type "help()"'));
    },
  );
  t.deepEqual(
    rig.texts().filter((text) => text.trim() !== ''),
    [
      ' ets Jan  8 2013,rst cause:1, boot mode:(3,6)',
      'in boot',
      'in main 7',
      'MicroPython v1.27.0 on 2025-12-10; ESP module with ESP8266',
      'Type "help()" for more information.',
    ],
  );
  t.like(rig.roms, [{ cause: 1, mode: 3, baud: 74_880 }]);
  t.deepEqual(rig.happened, ['started']);
  t.deepEqual(rig.failures, []);
});

test.serial('a board without power does nothing', async (t) => {
  const rig = await withBoard({ 'main.py': "print('alive')" }, (board) => board.wait(seconds(5)));
  t.deepEqual([rig.texts(), rig.pins, rig.happened], [[], [], []]);
});

test.serial('a console line alone can be waited for: the board moves time by itself', async (t) => {
  const rig = await withBoard({ 'main.py': 'import time\ntime.sleep(3)' }, async (board) => {
    board.board.powerOn();
    await new Promise<void>((resolve) => {
      board.onLine = (text) => {
        if (text.includes('help()')) resolve();
      };
    });
  });
  t.true(rig.clock.now() > seconds(3));
});

test.serial('an exception in boot.py is printed, and main.py is run all the same', async (t) => {
  const rig = await withBoard(
    { 'boot.py': "print('in boot')\nraise ValueError('broken')", 'main.py': "print('in main')" },
    async (board) => {
      board.board.powerOn();
      t.true(await board.printed('Type "help()"'));
    },
  );
  const texts = rig.texts();
  t.true(texts.includes('ValueError: broken'));
  t.true(texts.indexOf('in main') > texts.indexOf('ValueError: broken'));
});

for (const [what, main, shown] of [
  ['a syntax error', 'def f(:\n', 'SyntaxError'],
  ['an import that fails', 'import nothing_of_that_name', 'ImportError'],
  ['an exception deep in calls', 'def f(n):\n  f(n - 1) if n else 1 / 0\nf(20)', 'ZeroDivisionError'],
  ['a recursion without end', 'def f():\n  f()\nf()', 'RuntimeError'],
] as const) {
  test.serial(`${what} in main.py is printed, and the prompt appears`, async (t) => {
    const rig = await withBoard({ 'main.py': main }, async (board) => {
      board.board.powerOn();
      t.true(await board.printed('Type "help()"'));
    });
    t.true(
      rig.texts().some((text) => text.includes(shown)),
      rig.texts().join('\n'),
    );
    t.deepEqual(rig.failures, []);
  });
}

test.serial('sources in an old character set do not break the board', async (t) => {
  const latin1 = Uint8Array.from(Buffer.from("# gr\xfc\xdfe\nprint('still here')\n", 'latin1'));
  const rig = await withBoard({ 'boot.py': latin1, 'main.py': "print('main too')" }, async (board) => {
    board.board.powerOn();
    t.true(await board.printed('Type "help()"'));
  });
  t.true(rig.texts().includes('main too'), rig.texts().join('\n'));
  t.deepEqual(rig.failures, []);
});

test.serial('without boot.py and main.py the prompt appears', async (t) => {
  await withBoard({}, async (board) => {
    board.board.powerOn();
    t.true(await board.printed('Type "help()"'));
  });
});

test.serial('GPIO2 or GPIO0 held low at power-on keeps the chip in its ROM, which says so', async (t) => {
  for (const [gpio, mode] of [
    [0, 1],
    [2, 2],
  ] as const) {
    const rig = await withBoard({ 'main.py': "print('alive')" }, async (board) => {
      board.board.setPin(gpio, 0);
      board.board.powerOn();
      await board.wait(seconds(5));
      t.false(board.texts().includes('alive'));
      // Let go of, and reset: now it boots.
      board.board.setPin(gpio, 1);
      await board.wait(seconds(1));
      t.false(board.texts().includes('alive'));
      board.board.holdReset();
      await board.wait(ms(10));
      board.board.releaseReset();
      t.true(await board.printed('alive'));
    });
    t.like(rig.roms, [
      { cause: 1, mode },
      { cause: 2, mode: 3 },
    ]);
  }
});

test.serial('reset held at power-on: the chip starts when it is let go of', async (t) => {
  const rig = await withBoard({ 'main.py': "print('alive')" }, async (board) => {
    board.board.holdReset();
    board.board.powerOn();
    await board.wait(seconds(2));
    t.deepEqual(board.texts(), []);
    board.board.releaseReset();
    t.true(await board.printed('alive'));
  });
  t.deepEqual(rig.failures, []);
});
