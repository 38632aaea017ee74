/** The watchdogs: what starves them, when they bite, and what the board says of it afterwards. */
import test from 'ava';
import { ms, seconds } from '../../../rig/time/units.js';
import { type BoardRig, withBoard } from './board-rig.js';

/** Boots a program that says when it begins to hang; its second life says why it began. */
const hanging = (hang: string) => `
import machine, time
if machine.reset_cause() in (1, 3):
    print('reset', machine.reset_cause(), open('kept').read(), machine.RTC().memory())
else:
    with open('kept', 'w') as file:
        file.write('written')
    machine.RTC().memory(b'remembered')
    pin = machine.Pin(5, machine.Pin.IN)
    print('hang')
${hang.replaceAll(/^/gm, '    ')}
`;

/** How long after it began to hang the ROM's next message came; undefined when none came. */
async function bitten(hang: string, then: (board: BoardRig) => void = () => undefined) {
  const rig = await withBoard({ 'main.py': hanging(hang) }, async (board) => {
    board.board.powerOn();
    await board.printed('hang');
    then(board);
    await board.wait(seconds(11));
  });
  const hungUs = rig.lines.find(({ text }) => text === 'hang')?.atUs ?? Number.NaN;
  const [, second] = rig.roms;
  return { rig, afterMs: second === undefined ? undefined : (second.atUs - hungUs) / 1_000 };
}

/** Five seconds in one call of C code, with numbers that fit into the heap. With a constant, the compiler would do it. */
const ENDLESS = 'n = 1\nn = (n << 70000) - 1\nx = n * n';
const ROM_MS = 60;
const saidOf = (rig: BoardRig) => rig.texts().find((text) => text.startsWith('reset'));

test.serial(
  'a call that does not end is bitten by the software watchdog; files and RTC memory survive; Ctrl-C does not help',
  async (t) => {
    const { rig, afterMs = 0 } = await bitten(ENDLESS, (board) => board.type('\x03'));
    t.true(afterMs > 1_600 + ROM_MS && afterMs < 3_300 + ROM_MS, `${afterMs} ms`);
    t.like(rig.roms, [{ cause: 1 }, { cause: 4, mode: 3 }]);
    t.true(rig.texts().includes('wdt reset'));
    t.is(saidOf(rig), "reset 3 written b'remembered'");
    t.deepEqual(rig.failures, []);
    t.is(rig.roms.length, 2, 'and then all is well');
    const again = await bitten(ENDLESS, (board) => board.type('\x03'));
    t.deepEqual(again.rig.lines, rig.lines, 'at the same instant in every run');
  },
);

test.serial('a loop in Python is fed by the port, in a handler too', async (t) => {
  const loop = await bitten('while True: pass');
  t.is(loop.afterMs, undefined);
  const handler = await bitten(
    "machine.Timer(-1).init(period=1, mode=machine.Timer.ONE_SHOT, callback=lambda t: exec('while 1: pass'))",
  );
  t.is(handler.afterMs, undefined);
});

test.serial('a hard handler that hangs is bitten by the hardware watchdog', async (t) => {
  const { rig, afterMs = 0 } = await bitten(
    "pin.irq(lambda p: exec('while 1: pass'), machine.Pin.IRQ_FALLING, hard=True)\nwhile True: time.sleep(1)",
    (board) => board.board.setPin(5, 0),
  );
  t.true(afterMs > 6_400 && afterMs < 8_100 + ROM_MS, `${afterMs} ms`);
  t.like(rig.roms, [{ cause: 1 }, { cause: 4 }]);
  t.is(saidOf(rig), "reset 1 written b'remembered'");
});

test.serial('machine.WDT() wants to be fed by the program, until a reset', async (t) => {
  const fed = await bitten('w = machine.WDT()\nwhile True:\n    w.feed()\n    time.sleep(1)');
  t.is(fed.afterMs, undefined);
  const asleep = await bitten('w = machine.WDT()\nwhile True: time.sleep(1)');
  t.like(asleep.rig.roms, [{ cause: 1 }, { cause: 4 }]);
  t.true((asleep.afterMs ?? 0) < 3_300 + ROM_MS);
  const softReset = await bitten('machine.WDT()', (board) => board.type('\x04'));
  t.like(softReset.rig.roms, [{ cause: 1 }, { cause: 4 }]);
});

test.serial('long calls of C code that do end go unpunished, and the board answers afterwards', async (t) => {
  const rig = await withBoard(
    {
      'main.py':
        'import time\nfor i in range(2):\n    began = time.ticks_ms()\n' +
        '    all(range(1, 3000000))\n    print("took", time.ticks_diff(time.ticks_ms(), began) > 300)\n' +
        'n = [i * 7919 % 10007 for i in range(3000)]\nbegan = time.ticks_ms()\nn.sort()\n' +
        'print("short", time.ticks_diff(time.ticks_ms(), began))\n',
    },
    async (board) => {
      board.board.powerOn();
      t.true(await board.printed('short'));
      await board.wait(ms(100));
    },
  );
  t.is(rig.roms.length, 1);
  t.is(rig.texts().filter((text) => text === 'took True').length, 2);
  t.true(rig.texts().includes('short 0'));
});
