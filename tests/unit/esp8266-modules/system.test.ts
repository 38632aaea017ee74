/** `time`, `os` and `open`, `gc`, `sys`, `select`, `micropython`, and what collections and errno must do. */
import { createHash } from 'node:crypto';
import test from 'ava';
import { bootBoard } from '../../fixtures/esp8266-modules/fake-board.js';

test.serial('time counts from 2000, and its ticks wrap at 2^30', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run(`
import utime as time
print(time.localtime(0), time.mktime((2000, 1, 1, 0, 0, 0, 0, 0)), time.mktime(time.localtime(825915967)))
print(time.time(), time.localtime()[0], time.gmtime(800000000)[:6])
print(time.ticks_add(2**30 - 1, 5), time.ticks_diff(4, 2**30 - 1))
a = time.ticks_ms()
time.sleep(0.25)
time.sleep_ms(50)
time.sleep_us(500)
print(time.ticks_diff(time.ticks_ms(), a), isinstance(time.ticks_us(), int), isinstance(time.ticks_cpu(), int))`),
    [
      '(2000, 1, 1, 0, 0, 0, 5, 1) 0 825915967',
      '800000000 2025 (2025, 5, 8, 6, 13, 20)',
      '4 5',
      '300 True True',
    ].join('\n'),
  );
});

test.serial('a file is missing with ENOENT, a folder in the way with EEXIST', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run(`
import uos as os
def error(f, *args):
    try:
        f(*args)
    except OSError as e:
        return e.errno
os.mkdir('d')
open('d/f', 'w').close()
print(error(open, 'nope'), error(os.remove, 'nope'), error(os.stat, 'nope'), error(os.listdir, 'nope'))
print(error(os.mkdir, 'd'), error(os.rmdir, 'd'), error(os.rename, 'nope', 'x'))`),
    '2 2 2 2\n17 39 2',
  );
});

test.serial('the flash shows the firmware files and nothing of the board', async (t) => {
  const board = await bootBoard({ 'main.py': 'pass', 'lib/a.py': 'x = 1' });
  t.is(
    board.run(`
import os
names = os.listdir()
print('main.py' in names, '.board' in names, 'dev' in names, 'proc' in names)
with open('data.txt', 'w') as f:
    f.write('hello')
print(os.stat('data.txt')[:7], os.stat('lib')[0], [e for e in os.ilistdir('/lib')], os.listdir('lib'))
os.rename('data.txt', 'lib/b.txt')
os.chdir('lib')
print(os.getcwd(), sorted(os.listdir()), open('b.txt').read(), os.stat('')[0], os.statvfs('')[2])
os.chdir('/')
print(os.statvfs('/')[:3], len(os.urandom(8)))
import a
print(a.x)`),
    [
      'True False False False',
      "(32768, 0, 0, 0, 0, 0, 5) 16384 [('a.py', 32768, 0, 5)] ['a.py']",
      "/lib ['a.py', 'b.txt'] hello 16384 763",
      '(4096, 4096, 763) 8',
      '1',
    ].join('\n'),
  );
});

test.serial('gc presents the heap of the board', async (t) => {
  const board = await bootBoard();
  board.heapUsed = 6_000;
  t.is(
    board.run(
      'import gc\ngc.collect()\ngc.threshold(gc.mem_free() // 4 + gc.mem_alloc())\nprint(gc.mem_free(), gc.mem_alloc())',
    ),
    '30864 6000',
  );
  t.deepEqual(board.calls, ['gc_collect()']);
});

test.serial('a deque drops or refuses what is too much, as it was told', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run(`
from ucollections import deque
d = deque((), 2, 1)
d.append(1)
d.append(2)
try:
    d.append(3)
except IndexError:
    print('full')
e = deque((), 2)
for i in range(3):
    e.append(i)
print(len(d), d.popleft(), list(e))`),
    'full\n2 1 [1, 2]',
  );
});

test.serial('errno has the numbers of the port', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run(`
import uerrno as e
print(e.ENOENT, e.EIO, e.EAGAIN, e.ENOMEM, e.ENODEV, e.ECONNABORTED, e.ECONNRESET, e.ENOTCONN, e.ETIMEDOUT)
print(e.ECONNREFUSED, e.EHOSTUNREACH, e.EALREADY, e.EINPROGRESS, e.EOPNOTSUPP)`),
    '2 5 11 12 19 103 104 107 110\n111 113 114 115 95',
  );
});

test.serial('micropython has const, schedule, and room for exceptions', async (t) => {
  const board = await bootBoard();
  t.is(
    board
      .run(`
import micropython
from micropython import const
X = const(7)
micropython.alloc_emergency_exception_buf(100)
def double(x):
    return x * 2
micropython.schedule(lambda arg: print('scheduled', arg), X)
for i in range(20):
    pass
print(double(X), micropython.native(double) is double)
micropython.mem_info()`)
      .split('\n')
      .slice(0, 2)
      .join('\n'),
    'scheduled 7\n14 True',
  );
});

test.serial(
  'a file system written in Python can be mounted; its errors and entries are its own',
  async (t) => {
    const board = await bootBoard({ 'own.txt': 'own' });
    t.is(
      board.run(`
import os, vfs
class FS:
    def mount(self, readonly, mkfs): pass
    def umount(self): pass
    def chdir(self, path): pass
    def getcwd(self): return '/'
    def stat(self, path):
        if path not in ('/there', 'there'): raise OSError(20)
        return (0x8000, 0, 0, 0, 0, 0, 5, 0, 0, 0)
    def ilistdir(self, path): return iter([('there', 0x8000, 0)])
os.mount(FS(), '/far')
print(os.listdir('/far'), list(os.ilistdir('/far')), os.stat('/far/there')[6])
try:
    os.stat('/far/gone')
except OSError as e:
    print(e.errno)
os.chdir('/far')
print(os.getcwd(), os.listdir(), os.stat('there')[6])
vfs.umount('/far')
os.chdir('/')
print('own.txt' in os.listdir())
try:
    os.stat('/far/gone')
except OSError as e:
    print(e.errno)
try:
    os.VfsLfs2(None)
except OSError as e:
    print(e)`),
      "['there'] [('there', 32768, 0)] 5\n20\n/far ['there'] 5\nTrue\n2\n[Errno 95] EOPNOTSUPP: the virtual board has no block devices",
    );
  },
);

test.serial('poll waits on the board clock for a stream written in Python', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run(`
import uselect as select, uio as io, utime as time
from machine import Timer
class S(io.IOBase):
    ready = False
    def ioctl(self, request, arg):
        return arg & 1 if request == 3 and self.ready else 0
s = S()
p = select.poll()
p.register(s, select.POLLIN)
a = time.ticks_ms()
print(p.poll(50), time.ticks_diff(time.ticks_ms(), a))
def on(timer):
    s.ready = True
Timer(-1).init(period=30, mode=Timer.ONE_SHOT, callback=on)
print(p.poll(500)[0][0] is s, time.ticks_diff(time.ticks_ms(), a))
print(select.select([s], [], [], 1) == ([s], [], []), [e for _, e in p.ipoll(0)])
p.unregister(s)
print(p.poll(0))`),
    '[] 50\nTrue 80\nTrue [1]\n[]',
  );
});

test.serial('what the program prints to sys.stderr comes out of the one UART', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run(`
import usys as sys
sys.stdout.write('out\\n')
sys.stderr.write('err\\n')
try:
    1 / 0
except ZeroDivisionError as e:
    sys.print_exception(e, sys.stderr)`),
    'out\nerr\nTraceback (most recent call last):\n  File "<stdin>", line 6, in <module>\nZeroDivisionError: divide by zero',
  );
});

test.serial('what is typed is read from sys.stdin, by input(), and by the UART', async (t) => {
  const board = await bootBoard();
  board.clock.at(10, () => Object.assign(board, { typed: 'one\rtwo\r' }));
  board.clock.at(20, () => Object.assign(board, { typed: 'xyz' }));
  t.is(
    board.run(`
import sys, select, utime
from machine import UART
p = select.poll()
p.register(sys.stdin, select.POLLIN)
print(len(p.poll(0)), len(p.poll(100)), repr(sys.stdin.readline()), input('? '), len(p.poll(0)))
utime.sleep_ms(20)
uart = UART(0, 115200)
print(sys.stdin.read(1), uart.any(), uart.read(), uart.read())`),
    "? 0 1 'one\\n' two 0\nx 2 b'yz' None",
  );
  board.typed = '\xff\x80a\nb';
  t.is(board.run('print(uart.readline(), uart.read(9))'), "b'\\xff\\x80a\\n' b'b'", 'bytes as they are');
});

test.serial('random numbers come from the board seed', async (t) => {
  const first = (await bootBoard()).run(
    'import urandom\nprint(urandom.getrandbits(16), urandom.randint(1, 1000))',
  );
  const second = (await bootBoard()).run(
    'import urandom\nprint(urandom.getrandbits(16), urandom.randint(1, 1000))',
  );
  t.is(first, second);
});

test.serial('zlib data is unpacked under the older name', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run(
      "import uzlib, ubinascii\nprint(uzlib.decompress(ubinascii.unhexlify('789ccb48cdc9c907000 62c0215'.replace(' ', ''))))",
    ),
    "b'hello'",
  );
});

test.serial('utimeq gives entries by time, and by arrival where times are equal', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run(`
from utimeq import utimeq
q = utimeq(3)
q.push(20, 'b', 1); q.push(10, 'a', 2); q.push(20, 'c', 3)
try:
    q.push(1, 'd', 4)
except IndexError:
    print('full')
entry = [0, 0, 0]
while q:
    print(q.peektime(), len(q))
    q.pop(entry)
    print(entry)`),
    ['full', '10 3', "[10, 'a', 2]", '20 2', "[20, 'b', 1]", '20 1', "[20, 'c', 3]"].join('\n'),
  );
});

test.serial('hashlib has SHA-1, whatever the length and the pieces, beside SHA-256', async (t) => {
  const board = await bootBoard();
  const lengths = [0, 1, 55, 56, 63, 64, 65, 130];
  const expected = lengths.map((length) => createHash('sha1').update('x'.repeat(length)).digest('hex'));
  t.deepEqual(
    board
      .run(`
from binascii import hexlify
import hashlib, uhashlib
for n in ${JSON.stringify(lengths)}:
    h = uhashlib.sha1(b'x' * (n // 3))
    h.update('x' * (n - n // 3))
    print(hexlify(h.digest()).decode())
try:
    h.update(b'')
except ValueError as e:
    print(e, hashlib.sha256(b'').digest()[0])`)
      .split('\n'),
    [...expected, 'hash is final 227'],
  );
});
