/**
 * Garbage is collected while Python runs, at any depth: nothing that lives is lost, and memory stays flat. Each
 * program is run with a collection at every k-th call into the board, so that collections fall everywhere.
 */
import test from 'ava';
import { createCollector } from '../../../drivers/virtual/esp8266/interpreter/collector.js';
import { compileInterpreter } from '../../../drivers/virtual/esp8266/interpreter/compile.js';
import { startInterpreter } from '../../../drivers/virtual/esp8266/interpreter/load.js';
import { createRandom } from '../../../rig/random.js';

const module = compileInterpreter();

/** An interpreter whose `board.call(x)` gives `x` back, and collects at some of the calls. */
async function start(collectAt: (call: number) => boolean, collectsItself = true) {
  let printed = '';
  let calls = 0;
  let collections = 0;
  let heapLow = (_bytes: number, _grows: boolean) => false;
  const interpreter = await startInterpreter(module, {
    outOfFuel: () => {
      interpreter.fuel.value = 0x7fff_0000;
    },
    collect: () => {
      collections += 1;
      if (collectsItself) collector.collect();
    },
    heapLow: (bytes, grows) => heapLow(bytes, grows),
    outOfTurns: () => undefined,
    lockedUp: () => {
      throw new Error('locked up');
    },
    ticksMs: () => 0,
    randomU32: () => 4,
    print: (byte) => {
      printed += String.fromCharCode(byte);
    },
  });
  const collector = createCollector(interpreter);
  let back: (value: number) => unknown = (value) => value;
  interpreter.python.registerJsModule('board', {
    call: (value: number) => {
      calls += 1;
      if (collectAt(calls)) {
        collections += 1;
        collector.collect();
      }
      return value;
    },
    collect: () => {
      collector.collect();
      return 0;
    },
    /** From JavaScript back into Python, as an interrupt does. */
    interrupt: (value: number) => Number(back(value)),
    set_handler: (handler: (value: number) => unknown) => {
      back = handler;
      return 0;
    },
  });
  return {
    interpreter,
    collector,
    collections: () => collections,
    onHeapLow: (ask: typeof heapLow) => {
      heapLow = ask;
    },
    run: (source: string) => {
      printed = '';
      interpreter.python.runPython(source);
      return printed.trim();
    },
  };
}

const programs = {
  'deep recursion': `
import board
def depth(n, path):
    here = [n, str(n), (n, path)]
    if board.call(n) == 0:
        return 0
    below = depth(n - 1, path + [str(n)])
    if here[0] != n or here[1] != str(n) or here[2][0] != n or len(path) != 40 - n:
        raise ValueError(here)
    return below + 1
for i in range(10):
    assert depth(40, []) == 40
print('ok')`,
  generators: `
import board
def numbers(n):
    held = ['held', str(n)]
    for i in range(n):
        yield [board.call(i), str(i)]
        assert held == ['held', str(n)]
def doubled(source):
    for value, text in source:
        yield (board.call(value) * 2, text + text)
for n in range(30):
    pairs = list(doubled(numbers(n)))
    assert pairs == [(2 * i, str(i) * 2) for i in range(n)], pairs
print('ok')`,
  'keys of sorted, min and map, comprehensions': `
import board
for n in range(2, 40):
    words = [str((i * 7919) % 101) + '-' + str(i) for i in range(n)]
    key = lambda word: [board.call(int(word.split('-')[0])), word]
    ordered = sorted(words, key=key)
    assert [key(word) for word in ordered] == sorted([key(word) for word in words])
    assert min(words, key=key) == ordered[0] and max(words, key=key) == ordered[-1]
    assert {w: board.call(len(w)) for w in words} == dict(zip(words, map(len, words)))
print('ok')`,
  'exceptions with their contexts': `
import board
class Trouble(Exception):
    def __init__(self, *args):
        super().__init__(*args)
        self.notes = [str(board.call(len(args)))]
def fail(n):
    try:
        if board.call(n) == 0:
            raise Trouble('deep', [n], str(n))
        fail(n - 1)
    except Trouble as trouble:
        trouble.notes.append(str(board.call(n)))
        raise
    finally:
        board.call(n)
for i in range(60):
    try:
        fail(8)
    except Trouble as trouble:
        assert trouble.args == ('deep', [0], '0'), trouble.args
        assert trouble.notes == ['3'] + [str(n) for n in range(9)], trouble.notes
print('ok')`,
  'class bodies, closures, bound methods': `
import board
for n in range(60):
    class Base:
        names = [str(board.call(i)) for i in range(5)]
        table = {name: board.call(len(name)) for name in names}
        def method(self, more):
            return self.value + [board.call(more)]
    class Derived(Base):
        extra = Base.names + [str(board.call(n))]
        def __init__(self, value):
            self.value = [board.call(value), str(value)]
    def counter(start):
        state = [start]
        def step():
            state[0] += board.call(1)
            return state[0]
        return step
    bound = Derived(n).method
    step = counter(n)
    assert bound(7) == [n, str(n), 7]
    assert [step() for i in range(4)] == [n + 1, n + 2, n + 3, n + 4]
    assert Derived.extra == ['0', '1', '2', '3', '4', str(n)] and Derived.table['3'] == 1
print('ok')`,
  'handlers called back from the board, nested': `
import board
log = []
def handler(n):
    here = [str(n)] * 3
    board.call(n)
    if n > 0:
        assert board.interrupt(n - 1) == n - 1
    log.append(here)
    return n
board.set_handler(handler)
for i in range(40):
    outer = {'value': [i, str(i)]}
    assert board.interrupt(4) == 4
    assert outer == {'value': [i, str(i)]}
    assert log == [[str(n)] * 3 for n in range(5)], log
    log.clear()
print('ok')`,
  'imports, compilation and formatting': `
import board, sys
for n in range(25):
    name = 'module_%d' % n
    with open(name + '.py', 'w') as file:
        file.write('import board\\nvalues = [str(board.call(i)) for i in range(6)]\\ndef f(x):\\n  return values[board.call(x)]\\n')
    loaded = __import__(name)
    assert loaded.f(4) == '4' and loaded.values == ['0', '1', '2', '3', '4', '5']
    names = {}
    exec('a = [board.call(i) for i in range(5)]', {'board': board}, names)
    assert names['a'] == [0, 1, 2, 3, 4]
    assert '{}-{:>5}-{!r}'.format(board.call(n), str(board.call(n)), [str(board.call(n))]) == '%d-%5d-%r' % (n, n, [str(n)])
    assert b''.join([bytes([board.call(i)]) for i in range(20)]) == bytes(range(20))
    del sys.modules[name]
print('ok')`,
} as const;

for (const [what, source] of Object.entries(programs)) {
  test.serial(`nothing that lives is lost: ${what}`, async (t) => {
    const random = createRandom(1).fork(what);
    for (const every of [1, 2, 3, 7]) {
      const offset = random.integer(0, every - 1);
      const rig = await start((call) => call % every === offset);
      t.is(rig.run(source), 'ok', `a collection at every call ${every}, from ${offset}`);
      t.true(rig.collections() > 20);
    }
    const anywhere = await start(() => random.next() < 0.3);
    t.is(anywhere.run(source), 'ok', 'a collection at three of ten calls');
    const atAllocations = await start(() => false);
    t.is(atAllocations.run(`import gc\ngc.threshold(128)\n${source}`), 'ok', 'in the middle of allocations');
    t.true(atAllocations.collections() > 300, String(atAllocations.collections()));
  });
}

test.serial('a long loop that allocates keeps memory flat', async (t) => {
  const rig = await start((call) => call % 50 === 0);
  const bytes = () => rig.interpreter.memory.buffer.byteLength;
  const loop = (count: number) => `
import board
kept = []
for i in range(${count}):
    garbage = [str(i)] * 200
    kept.append(garbage)
    if len(kept) > 20:
        kept.pop(0)
    board.call(i)
print(len(kept), kept[0][0])`;
  t.is(rig.run(loop(2_000)), '20 1980');
  const after = bytes();
  t.is(rig.run(loop(40_000)), '20 39980');
  t.is(bytes(), after);
});

test.serial(
  'without a collection the same loop fills the memory: it is the collector that keeps it flat',
  async (t) => {
    const rig = await start(() => false, false);
    t.throws(() => rig.run('for i in range(30000):\n    garbage = [str(i)] * 200'), {
      // Whether anything is left to print the exception with is a matter of bytes.
      message: /MemoryError|locked up/,
    });
  },
);

test.serial('a collection frees what is unreachable', async (t) => {
  const rig = await start(() => false);
  t.is(
    rig.run(`
import gc, board
def use():
    garbage = [bytearray(1000) for i in range(100)]
    return len(garbage)
before = gc.mem_alloc()
use()
used = gc.mem_alloc() - before
board.collect()
left = gc.mem_alloc() - before
print(used > 100000, left < 20000)`),
    'True True',
  );
});

test.serial(
  'with no memory left even to print the exception, the interpreter locks up where it can be ended',
  async (t) => {
    const rig = await start(() => false);
    t.throws(() => rig.run('chain = None\nwhile True:\n    chain = (chain,)'), { message: 'locked up' });
  },
);

test.serial('an allocation that the board refuses is a MemoryError, and the program may go on', async (t) => {
  const rig = await start(() => false);
  const refused: boolean[] = [];
  rig.onHeapLow((bytes, grows) => {
    rig.interpreter.heapLeft.value = Math.min(bytes, 900);
    if (bytes >= 1_000) refused.push(grows);
    return bytes >= 1_000;
  });
  rig.interpreter.heapLeft.value = 500;
  const printed = rig.run(`
kept = bytearray(400)
try:
    bytearray(5000)
except MemoryError as error:
    print(error)
try:
    for i in range(1000): kept.append(7)
except MemoryError as error:
    print(error)
print(len(kept) < 1000, kept[-1])`);
  t.regex(
    printed,
    /^memory allocation failed, allocating 5000 bytes\nmemory allocation failed, allocating 10\d\d bytes\nTrue 7$/,
  );
  t.deepEqual(refused, [false, true]);
});
