/** Programs that hog the virtual board: endless loops, interrupts, garbage, wrapping ticks. */
import test from 'ava';
import { ms, seconds, us } from '../../../rig/time/units.js';
import { withBoard } from './board-rig.js';

test.serial('a loop without any call is interrupted by each edge, in time', async (t) => {
  const rig = await withBoard(
    {
      'main.py': `
import machine
out = machine.Pin(4, machine.Pin.OUT, value=0)
def edge(pin):
    out(pin())
machine.Pin(5, machine.Pin.IN).irq(edge, machine.Pin.IRQ_RISING | machine.Pin.IRQ_FALLING)
print('ready')
while True:
    pass
`,
    },
    async (board) => {
      board.board.powerOn();
      t.true(await board.printed('ready'));
      for (let index = 0; index < 20; index += 1) {
        const level = index % 2 === 0 ? 0 : 1;
        const before = board.pins.length;
        const atUs = board.clock.now();
        board.board.setPin(5, level);
        await board.wait(ms(7));
        const edge = board.pins[before];
        if (index === 0) continue;
        t.is(edge?.level, level);
        t.true(edge !== undefined && edge.atUs - atUs < 500, `${(edge?.atUs ?? 0) - atUs} µs`);
      }
    },
  );
  t.deepEqual(rig.failures, []);
});

test.serial(
  'time passes while Python computes, by the bytecode, and faster at twice the clock',
  async (t) => {
    const rig = await withBoard(
      {
        'main.py': `
import machine, time
def spend():
    start = time.ticks_us()
    for i in range(2000):
        pass
    return time.ticks_diff(time.ticks_us(), start)
slow = spend()
machine.freq(160000000)
print('ratio', round(spend() * 100 / slow))
`,
      },
      async (board) => {
        board.board.powerOn();
        t.true(await board.printed('ratio 50'), 'the ratio');
      },
    );
    t.true(rig.texts().includes('ratio 50'), rig.texts().join('\n'));
  },
);

test.serial('ticks_ms wraps at 2^30, and ticks_diff sees across', async (t) => {
  const rig = await withBoard(
    {
      'main.py': `
import time
before = time.ticks_ms()
time.sleep_ms(2 ** 30 - 1)
after = time.ticks_ms()
print(before < 1000, after < 1000, time.ticks_diff(after, before))
`,
    },
    async (board) => {
      board.board.powerOn();
      await board.wait(seconds(1_100_000));
    },
  );
  // The wrap is one millisecond beyond: the sleep comes back as one short of nothing.
  t.true(
    rig.texts().some((text) => /^True True (-1|0|1)$/.test(text)),
    rig.texts().join('\n'),
  );
});

test.serial(
  'a program that prints without end is slowed down by its UART and stopped by a reset',
  async (t) => {
    const rig = await withBoard({ 'main.py': "while True: print('0123456789' * 5)" }, async (board) => {
      board.board.powerOn();
      await board.wait(seconds(3));
      board.board.holdReset();
    });
    const bytes = rig.texts().reduce((sum, text) => sum + text.length + 2, 0);
    // 115200 baud, ten bits a character, for about 2.7 s.
    t.true(bytes > 25_000 && bytes < 32_000, String(bytes));
  },
);

test.serial('a program that allocates for ever runs on, its live objects intact', async (t) => {
  const rig = await withBoard(
    {
      'main.py': `
keep = []
class Node:
    def __init__(self, value):
        self.value = value
        self.next = None
def chain(n):
    head = None
    for i in range(n):
        node = Node([i, str(i)])
        node.next = head
        head = node
    return head
def check(head, n):
    while head:
        n -= 1
        if head.value != [n, str(n)]:
            raise ValueError('damaged', head.value, n)
        head = head.next
    return n
held = chain(50)
for i in range(1500):
    garbage = chain(20)
    if check(garbage, 20) or check(held, 50):
        raise ValueError('lost')
import gc
gc.collect()
print('done', gc.mem_alloc() < 30000)
`,
    },
    async (board) => {
      board.board.powerOn();
      t.true(await board.printed('done', 0, seconds(120)));
    },
  );
  t.true(rig.texts().includes('done True'), rig.texts().slice(-8).join('\n'));
});

test.serial('a timer interrupt strikes while the program sleeps, computes and prints', async (t) => {
  const rig = await withBoard(
    {
      'main.py': `
import machine, time
count = 0
def tick(timer):
    global count
    count += 1
timer = machine.Timer(-1)
timer.init(period=10, mode=machine.Timer.PERIODIC, callback=tick)
for part in ('sleep', 'compute', 'print'):
    before = count
    until = time.ticks_add(time.ticks_ms(), 300)
    while time.ticks_diff(until, time.ticks_ms()) > 0:
        if part == 'sleep':
            time.sleep_ms(100)
        elif part == 'print':
            print('x' * 40)
    print(part, count - before)
timer.deinit()
`,
    },
    async (board) => {
      board.board.powerOn();
      t.true(await board.printed('Type "help()"'));
    },
  );
  for (const part of ['sleep', 'compute', 'print']) {
    const line = rig.texts().find((text) => text.startsWith(`${part} `)) ?? '';
    const count = Number(line.split(' ')[1]);
    t.true(count >= 27 && count <= 32, line);
  }
});

test.serial('an edge within a handler is served after it, not inside it', async (t) => {
  const rig = await withBoard(
    {
      'main.py': `
import machine, time
depth = 0
worst = 0
served = 0
def edge(pin):
    global depth, worst, served
    depth += 1
    worst = max(worst, depth)
    time.sleep_us(3000)
    served += 1
    depth -= 1
for pin in (5, 12):
    machine.Pin(pin, machine.Pin.IN).irq(edge, machine.Pin.IRQ_FALLING)
print('ready')
time.sleep_ms(300)
print('worst', worst, 'served', served)
`,
    },
    async (board) => {
      board.board.setPin(5, 1);
      board.board.setPin(12, 1);
      board.board.powerOn();
      t.true(await board.printed('ready'));
      board.board.setPin(5, 0);
      await board.wait(us(1_000));
      board.board.setPin(12, 0);
      t.true(await board.printed('served'));
    },
  );
  t.true(rig.texts().includes('worst 1 served 2'), rig.texts().join('\n'));
});
