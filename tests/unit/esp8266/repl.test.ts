/** The prompt on the virtual board's UART, as a terminal or a tool meets it. */
import test from 'ava';
import fc from 'fast-check';
import { ms, seconds, us } from '../../../rig/time/units.js';
import { type BoardRig, withBoard } from './board-rig.js';

const BANNER =
  'MicroPython v1.27.0 on 2025-12-10; ESP module with ESP8266\r\nType "help()" for more information.\r\n';
const PROMPT = '>>> ';
const RAW_PROMPT = 'raw REPL; CTRL-B to exit\r\n>';

type Flash = Readonly<Record<string, string>>;

/** Boots `files` up to the prompt. */
async function atPrompt(files: Flash, body: (rig: BoardRig) => Promise<void>): Promise<BoardRig> {
  const rig = await withBoard(files, async (board) => {
    board.board.powerOn();
    await board.answer('', PROMPT);
    await body(board);
  });
  return rig;
}

/** Runs a program in raw mode, which the board must be in: what it printed, and its error. */
async function execute(board: BoardRig, source: string): Promise<{ out: string; error: string }> {
  const answer = await board.answer(`${source}\x04`, '\x04>');
  const [out = '', error = ''] = answer.split('\x04');
  return { out: out.replace(/^OK/, ''), error };
}

test.serial('expressions, names that last, several lines, and an error', async (t) => {
  await atPrompt({ 'main.py': 'answer = 41' }, async (board) => {
    t.true(board.text.endsWith(`\r\n${BANNER}${PROMPT}`));
    t.is(await board.answer('answer + 1\r', PROMPT), `answer + 1\r\n42\r\n${PROMPT}`);
    t.is(await board.answer("x = 'é'\r", PROMPT), `x = ''\r\n${PROMPT}`, 'Its line editor takes ASCII only.');
    t.is(await board.answer("x = 'a\\nb'\r", PROMPT), `x = 'a\\nb'\r\n${PROMPT}`);
    t.is(await board.answer('x\r', PROMPT), `x\r\n'a\\nb'\r\n${PROMPT}`);
    const loop = await board.answer('for i in range(2):\rprint(i)\r\r\r\r', `1\r\n${PROMPT}`);
    t.regex(loop, /^for i in range\(2\):\r\n\.{3} {5}print\(i\)\r\n\.{3} /);
    t.regex(loop, /0\r\n1\r\n>>> $/);
    t.is(
      await board.answer('nope\r', PROMPT),
      'nope\r\nTraceback (most recent call last):\r\n  File "<stdin>", line 1, in <module>\r\n' +
        `NameError: name 'nope' isn't defined\r\n${PROMPT}`,
    );
    t.is(await board.answer('1+12\x7f\x7f1\r', PROMPT), `1+12\b\x1b[K\b\x1b[K1\r\n2\r\n${PROMPT}`);
  });
});

test.serial(
  'the program shares its names with the prompt, and none of the board are among them',
  async (t) => {
    await atPrompt({ 'boot.py': 'a = 1', 'main.py': 'import time\nb = 2' }, async (board) => {
      const names = await board.answer('sorted(dir())\r', PROMPT);
      t.regex(names, /\['__name__', 'a', 'b', 'time'\]/);
    });
  },
);

test.serial('paste mode takes several lines as they are', async (t) => {
  await atPrompt({}, async (board) => {
    const start = await board.answer('\x05', '=== ');
    t.is(start, '\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== ');
    const answer = await board.answer('if True:\r    print(5)\rprint(6)\x04', PROMPT);
    t.true(answer.endsWith(`=== print(6)\r\n5\r\n6\r\n${PROMPT}`), JSON.stringify(answer));
  });
});

test.serial('a traceback shows no frame of what is C on a chip', async (t) => {
  await atPrompt({}, async (board) => {
    await board.answer('\x01', RAW_PROMPT);
    const { error } = await execute(
      board,
      'import asyncio\nimport machine\nasync def f():\n    machine.Pin(7)\nasyncio.run(f())',
    );
    t.deepEqual(
      error
        .split('\r\n')
        .slice(1, 4)
        .map((line) => line.replace(/line \d+/, 'line N')),
      [
        '  File "<stdin>", line N, in <module>',
        '  File "asyncio/core.py", line N, in run',
        '  File "asyncio/core.py", line N, in run_until_complete',
      ],
    );
    t.notRegex(error, /\.board|machine\.py/);
    t.regex(error, /File "<stdin>", line 4, in f\r\nValueError: invalid pin\r\n$/);
  });
});

test.serial('raw mode runs programs, tells output from error, and goes back', async (t) => {
  await atPrompt({}, async (board) => {
    t.is(await board.answer('\x01', RAW_PROMPT), `\r\n${RAW_PROMPT}`);
    t.deepEqual(await execute(board, "print('hi')\nx = 5"), { out: 'hi\r\n', error: '' });
    t.deepEqual(await execute(board, 'x'), { out: '', error: '' });
    t.deepEqual(await execute(board, 'print(x)\nraise ValueError(7)'), {
      out: '5\r\n',
      error:
        'Traceback (most recent call last):\r\n  File "<stdin>", line 2, in <module>\r\nValueError: 7\r\n',
    });
    t.regex((await execute(board, 'def (:')).error, /SyntaxError/);
    t.is(await board.answer('abc\x03\x01', RAW_PROMPT), RAW_PROMPT);
    t.is(await board.answer('\x02', PROMPT), `\r\n${BANNER}${PROMPT}`);
    t.is(await board.answer('x\r', PROMPT), `x\r\n5\r\n${PROMPT}`);
  });
});

test.serial('raw-paste mode: a program longer than any buffer arrives whole, by windows', async (t) => {
  await atPrompt({}, async (board) => {
    await board.answer('\x01', RAW_PROMPT);
    t.is(await board.answer('\x05A\x01', '\x80\x00\x01'), 'R\x01\x80\x00\x01');
    const source = `${Array.from({ length: 200 }, (_, index) => `v${index} = ${index}`).join('\n')}\nprint(v199)`;
    let window = 256;
    let from = board.text.length;
    for (let at = 0; at < source.length; ) {
      const part = source.slice(at, at + window);
      board.type(part);
      at += part.length;
      window -= part.length;
      while (window === 0) {
        await board.wait(ms(1));
        for (const character of board.text.slice(from)) {
          t.is(character, '\x01');
          window += 128;
        }
        from = board.text.length;
      }
    }
    const answer = await board.answer('\x04', '\x04>');
    t.is(answer.replace('\x01', ''), '\x04199\r\n\x04\x04>');
    t.is(
      await board.answer('\x05A\x01print(\x03', '\x04>'),
      'R\x01\x80\x00\x01\x04\x04KeyboardInterrupt: \r\n\x04>',
    );
    t.is(await board.answer('\x05A\x01\x04', '\x04>'), 'R\x01\x80\x00\x01\x04\x04\x04>');
    t.is(await board.answer('\x05B\x01', '>'), 'R\x00>', 'Another protocol is refused.');
  });
});

test.serial('Ctrl-C at the prompt gives the line up', async (t) => {
  await atPrompt({}, async (board) => {
    t.is(await board.answer('abc\x03', PROMPT), `abc\r\n${PROMPT}`);
    t.is(await board.answer('\x03', PROMPT), `\r\n${PROMPT}`);
  });
});

for (const [what, main] of [
  ['an endless loop', 'while True:\n    pass'],
  ['a sleep', 'import time\ntime.sleep(1000)\nprint("slept")'],
  ['a sleep of milliseconds', 'import time\ntime.sleep_ms(1000000)\nprint("slept")'],
  ['a wait for input', 'input()\nprint("read")'],
  [
    'asyncio',
    'import asyncio\nasync def f():\n    await asyncio.sleep(1000)\nasyncio.run(f())\nprint("slept")',
  ],
  ['polling', 'import select\np = select.poll()\np.poll(1000000)\nprint("polled")'],
  ['printing', 'while True:\n    print("x" * 50)'],
  ['a bare except', 'import time\ntry:\n    time.sleep(1000)\nexcept Exception:\n    print("swallowed")'],
] as const) {
  test.serial(`Ctrl-C interrupts ${what}`, async (t) => {
    await withBoard({ 'main.py': main }, async (board) => {
      board.board.powerOn();
      await board.wait(seconds(2));
      const answer = await board.answer('\x03', PROMPT, seconds(3));
      t.regex(answer, /Traceback \(most recent call last\):\r\n {2}File "main.py", line \d/);
      t.regex(answer, /\r\nKeyboardInterrupt: \r\n\r\nMicroPython v[\s\S]*>>> $/);
      t.notRegex(answer, /slept|read|polled|swallowed|\.board/);
    });
  });
}

test.serial(
  'Ctrl-C again and again, however close together, leads to one traceback and the prompt',
  async (t) => {
    const main = 'import time\nwhile True:\n    for i in range(100):\n        i * i\n    time.sleep_ms(2)';
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: 20_000 }),
        async (gaps, startUs) => {
          const rig = await withBoard({ 'main.py': main }, async (board) => {
            board.board.powerOn();
            await board.wait(ms(600));
            await board.wait(us(startUs));
            for (const gap of gaps) {
              board.type('\x03');
              await board.wait(us(gap));
            }
            t.regex(await board.answer('', PROMPT, seconds(3)), /KeyboardInterrupt: \r\n/);
            await board.wait(ms(100));
            t.true((await board.answer('6*7\r', '42')).endsWith('42'));
          });
          t.deepEqual(rig.failures, []);
          t.is(rig.text.split('KeyboardInterrupt').length, 2, rig.text);
        },
      ),
      { numRuns: 8, seed: 1 },
    );
  },
);

test.serial(
  'after Ctrl-C the interrupt handlers and timers live on, and the soft reset ends them',
  async (t) => {
    const main = `
import machine, time
pin = machine.Pin(5, machine.Pin.IN)
pin.irq(lambda p: print('edge', p()))
timer = machine.Timer(-1)
timer.init(period=100, mode=machine.Timer.PERIODIC, callback=lambda x: print('tick'))
led = machine.Pin(4, machine.Pin.OUT, value=0)
while True:
    time.sleep(1)
`;
    await withBoard({ 'main.py': main }, async (board) => {
      board.board.powerOn();
      t.true(await board.printed('tick'));
      await board.answer('\x03', PROMPT);
      t.regex(await board.answer('', 'tick\r\n'), /tick/);
      board.board.setPin(5, 0);
      t.true(await board.printed('edge 0'));
      await board.answer('\x01', RAW_PROMPT);
      await board.answer('\x04', RAW_PROMPT);
      const from = board.text.length;
      board.board.setPin(5, 1);
      await board.wait(seconds(1));
      t.is(board.text.slice(from), '', 'Nothing lives after a soft reset in raw mode.');
      t.is(board.pins.at(-1)?.level, 0, 'A soft reset leaves the pins as they are.');
    });
  },
);

test.serial('kbd_intr(-1) lets a program read Ctrl-C', async (t) => {
  await atPrompt({}, async (board) => {
    await board.answer('\x01', RAW_PROMPT);
    board.type('import micropython, sys\nmicropython.kbd_intr(-1)\nprint(repr(sys.stdin.read(2)))\x04');
    await board.wait(ms(100));
    t.is(await board.answer('\x03a', '>'), "OK'\\x03a'\r\n\x04\x04>".slice(2));
    board.type('while True: pass\x04');
    await board.wait(ms(100));
    t.regex(
      await board.answer('\x03', '\x04>'),
      /KeyboardInterrupt/,
      'Every program starts with Ctrl-C as it was.',
    );
  });
});

test.serial(
  'Ctrl-D starts the interpreter over: names go, files stay, and it is no reset of the chip',
  async (t) => {
    const main = "import machine, time\nprint('main', machine.reset_cause(), time.ticks_ms() > 2000)";
    const rig = await atPrompt({ 'boot.py': "print('boot')", 'main.py': main }, async (board) => {
      await board.answer("x = 1\ropen('f', 'w').write('kept')\r", `4\r\n${PROMPT}`);
      await board.answer("import os\ros.mkdir('d')\r", `d')\r\n${PROMPT}`);
      await board.wait(seconds(2));
      const answer = await board.answer('\x04', PROMPT);
      t.true(
        answer.startsWith('\r\nMPY: soft reboot\r\nboot\r\nmain 0 True\r\n'),
        `what it printed: ${JSON.stringify(answer)}`,
      );
      t.regex(await board.answer('x\r', PROMPT), /NameError/);
      t.regex(await board.answer("open('f').read()\r", PROMPT), /'kept'/);
      t.regex(
        await board.answer('import os; sorted(os.listdir())\r', PROMPT),
        /\['boot.py', 'd', 'f', 'main.py'\]/,
      );
      board.board.powerOff();
      await board.wait(ms(50));
      board.board.powerOn();
      await board.answer('', PROMPT);
      t.regex(await board.answer("open('f').read()\r", PROMPT), /'kept'/);
    });
    t.deepEqual(
      rig.roms.map(({ cause }) => cause),
      [1, 1],
    );
  },
);

test.serial('a soft reset in raw mode stays there, and runs boot.py but not main.py', async (t) => {
  await atPrompt({ 'boot.py': "print('boot')", 'main.py': "print('main')" }, async (board) => {
    await board.answer('\x01', RAW_PROMPT);
    t.is(await board.answer('\x04', RAW_PROMPT), `OK\r\nMPY: soft reboot\r\nboot\r\n${RAW_PROMPT}`);
    t.deepEqual(await execute(board, 'print(1)'), { out: '1\r\n', error: '' });
    await board.answer('\x02', PROMPT);
    t.regex(await board.answer('\x04', PROMPT), /boot\r\nmain\r\n/);
  });
});

for (const [how, source] of [
  ['sys.exit()', 'import sys\nsys.exit()'],
  ['machine.soft_reset()', 'import machine\nmachine.soft_reset()'],
] as const) {
  test.serial(`${how} starts the interpreter over`, async (t) => {
    const once = `import os\nif 'again' not in os.listdir():\n    open('again', 'w').close()\n    ${source.replace('\n', '\n    ')}`;
    const rig = await withBoard({ 'main.py': once }, async (board) => {
      board.board.powerOn();
      t.regex(await board.answer('', PROMPT), /MPY: soft reboot\r\n/);
      await board.answer('\x01', RAW_PROMPT);
      t.regex(await board.answer(`${source}\x04`, RAW_PROMPT), /MPY: soft reboot\r\n/);
    });
    t.is(rig.roms.length, 1);
  });
}

test.serial('machine.reset() at the prompt resets the chip', async (t) => {
  const rig = await atPrompt({}, async (board) => {
    await board.answer('import machine\rmachine.reset()\r', PROMPT);
    t.true(await board.printed('rst cause:3'));
    await board.answer('', PROMPT);
  });
  t.deepEqual(
    rig.roms.map(({ cause }) => cause),
    [1, 3],
  );
});

test.serial('what remote-control tools rely on', async (t) => {
  await atPrompt({}, async (board) => {
    await board.answer('\x01', RAW_PROMPT);
    const program = `
import os, sys, binascii, hashlib
with open('t', 'wb') as f:
    f.write(b'a\\n\\xff')
sys.stdout.buffer.write(b'x\\ny\\xfe')
print(os.stat('t')[6], os.listdir(), list(os.ilistdir('.'))[0][:2])
os.mkdir('d'); os.rename('t', 'd/u'); print(os.listdir('d'))
print(binascii.hexlify(hashlib.sha256(open('d/u', 'rb').read()).digest())[:8])
os.remove('d/u'); os.rmdir('d'); print(os.listdir(), len(os.statvfs('/')))
`;
    const { out, error } = await execute(board, program);
    t.is(error, '');
    t.deepEqual(out.split('\r\n'), ["x\ny\xfe3 ['t'] ('t', 32768)", "['u']", "b'c98c2c79'", '[] 10', '']);
    board.type('import sys\nb = sys.stdin.buffer.read(4)\nprint(b)\x04');
    await board.wait(ms(100));
    t.is(await board.answer('\x00\r\n\xff', '>'), "b'\\x00\\r\\n\\xff'\r\n\x04\x04>");
  });
});
