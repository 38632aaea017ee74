/** The board's asyncio loop: order of tasks, time, cancelling, waiting and errors, as MicroPython's v3 has them. */
import test from 'ava';
import { bootBoard } from '../../fixtures/esp8266-modules/fake-board.js';

const prelude = `
import uasyncio as asyncio
from utime import ticks_ms, ticks_diff
start = ticks_ms()
def at():
    return ticks_diff(ticks_ms(), start)
`;

async function output(program: string): Promise<string[]> {
  const board = await bootBoard();
  return board.run(prelude + program).split('\n');
}

test.serial('tasks take turns in the order in which they became due', async (t) => {
  const lines = await output(`
async def worker(name, ms):
    for i in range(2):
        await asyncio.sleep_ms(ms)
        print(name, i, at() // 10)
async def main():
    asyncio.create_task(worker('a', 30))
    asyncio.create_task(worker('b', 20))
    await asyncio.sleep_ms(100)
    return 'done'
print(asyncio.run(main()))`);
  t.deepEqual(lines, ['b 0 2', 'a 0 3', 'b 1 4', 'a 1 6', 'done']);
});

test.serial('tasks that are due at once run first come, first served, one a pass', async (t) => {
  const lines = await output(`
async def worker(name):
    for i in range(2):
        print(name, i)
        await asyncio.sleep_ms(0)
async def main():
    await asyncio.gather(*[worker(n) for n in 'abc'])
asyncio.run(main())`);
  t.deepEqual(lines, ['a 0', 'b 0', 'c 0', 'a 1', 'b 1', 'c 1']);
});

test.serial('a loop that polls without pause does not keep a timed task waiting', async (t) => {
  const lines = await output(`
flag = False
async def setter():
    global flag
    await asyncio.sleep_ms(50)
    flag = True
async def main():
    asyncio.create_task(setter())
    while not flag:
        await asyncio.sleep_ms(0)
    print(50 <= at() <= 51)
asyncio.run(main())`);
  t.deepEqual(lines, ['True']);
});

test.serial('a timer interrupt reaches a loop that never goes idle', async (t) => {
  const lines = await output(`
from machine import Timer
seen = []
Timer(-1).init(period=10, callback=lambda timer: seen.append(at()))
async def main():
    while len(seen) < 3:
        await asyncio.sleep_ms(0)
asyncio.run(main())
print(seen)`);
  t.deepEqual(lines, ['[10, 20, 30]']);
});

test.serial('an awaited task gives its value, or raises what it raised', async (t) => {
  const lines = await output(`
async def good():
    await asyncio.sleep_ms(1)
    return 42
async def bad():
    await asyncio.sleep_ms(1)
    raise ValueError('no')
async def main():
    task = asyncio.create_task(good())
    print(task.done(), await task, task.done())
    try:
        await asyncio.create_task(bad())
    except ValueError as e:
        print('caught', e)
asyncio.run(main())`);
  t.deepEqual(lines, ['False 42 True', 'caught no']);
});

test.serial('a cancelled sleep ends at once, and the task may clean up', async (t) => {
  const lines = await output(`
async def sleeper():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print('cancelled', at() // 10)
        raise
    finally:
        print('finally')
async def main():
    task = asyncio.create_task(sleeper())
    await asyncio.sleep_ms(20)
    print(task.cancel())
    try:
        await task
    except asyncio.CancelledError:
        print('gone', task.done(), task.cancel())
asyncio.run(main())`);
  t.deepEqual(lines, ['True', 'cancelled 2', 'finally', 'gone True False']);
});

test.serial('a task that waits for a stream, an event or a lock can be cancelled', async (t) => {
  const lines = await output(`
import io
class Quiet(io.IOBase):
    def ioctl(self, request, arg):
        return 0
async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    event = asyncio.Event()
    for coro in (asyncio.StreamReader(Quiet()).read(1), event.wait(), lock.acquire()):
        task = asyncio.create_task(coro)
        await asyncio.sleep_ms(1)
        task.cancel()
        await asyncio.sleep_ms(1)
        print(task.done(), len(asyncio.core._io_queue.map))
asyncio.run(main())`);
  t.deepEqual(lines, ['True 0', 'True 0', 'True 0']);
});

test.serial('wait_for gives the value in time, and cancels what is late', async (t) => {
  const lines = await output(`
async def work(ms):
    try:
        await asyncio.sleep_ms(ms)
        return 'value'
    except asyncio.CancelledError:
        print('stopped')
        raise
async def main():
    print(await asyncio.wait_for(work(5), 1))
    try:
        await asyncio.wait_for_ms(work(500), 30)
    except asyncio.TimeoutError:
        print('timeout', (at() - 5) // 10)
    print(await asyncio.wait_for(work(5), None))
asyncio.run(main())`);
  t.deepEqual(lines, ['value', 'stopped', 'timeout 3', 'value']);
});

test.serial('wait_for lets the exception of its task through, and its own cancelling', async (t) => {
  const lines = await output(`
async def bad():
    await asyncio.sleep_ms(1)
    raise OSError(104)
async def forever():
    await asyncio.sleep(10)
async def waits():
    try:
        await asyncio.wait_for(forever(), 20)
    except asyncio.CancelledError:
        print('cancelled')
async def main():
    try:
        await asyncio.wait_for(bad(), 1)
    except OSError as e:
        print(e.errno)
    task = asyncio.create_task(waits())
    await asyncio.sleep_ms(1)
    task.cancel()
    await asyncio.sleep_ms(1)
asyncio.run(main())`);
  t.deepEqual(lines, ['104', 'cancelled']);
});

test.serial('gather returns in the order given, and exceptions when asked to', async (t) => {
  const lines = await output(`
async def value(n):
    await asyncio.sleep_ms(10 - n)
    if n == 2:
        raise ValueError(n)
    return n
async def main():
    print(await asyncio.gather(value(1), value(3)))
    print(await asyncio.gather(value(1), value(2), return_exceptions=True))
    try:
        await asyncio.gather(value(1), value(2))
    except ValueError as e:
        print('raised', e)
asyncio.run(main())`);
  t.deepEqual(lines, ['[1, 3]', '[1, ValueError(2,)]', 'raised 2']);
});

test.serial('events, locks and the flag that an interrupt sets', async (t) => {
  const lines = await output(`
from machine import Timer
async def waiter(event, name):
    await event.wait()
    print(name, event.is_set())
async def guarded(lock, name):
    async with lock:
        print(name, 'in')
        await asyncio.sleep_ms(5)
        print(name, 'out')
async def main():
    event = asyncio.Event()
    for n in 'ab':
        asyncio.create_task(waiter(event, n))
    await asyncio.sleep_ms(1)
    event.set()
    await asyncio.sleep_ms(5)
    lock = asyncio.Lock()
    await asyncio.gather(guarded(lock, 'x'), guarded(lock, 'y'))
    flag = asyncio.ThreadSafeFlag()
    begun = at()
    Timer(-1).init(period=25, mode=Timer.ONE_SHOT, callback=lambda timer: flag.set())
    await flag.wait()
    print('flag', at() - begun)
asyncio.run(main())`);
  t.deepEqual(lines, ['a True', 'b True', 'x in', 'x out', 'y in', 'y out', 'flag 25']);
});

test.serial('an exception that nobody awaits is printed as MicroPython does', async (t) => {
  const lines = await output(`
async def bad():
    raise ValueError('lost')
async def main():
    asyncio.create_task(bad())
    await asyncio.sleep_ms(5)
    print('goes on')
asyncio.run(main())`);
  t.is(lines[0], "Task exception wasn't retrieved");
  t.regex(lines[1] ?? '', /^future: <Task> coro= <generator object 'bad'/);
  t.is(lines[2], 'Traceback (most recent call last):');
  t.deepEqual(lines.slice(-2), ['ValueError: lost', 'goes on']);
});

test.serial('an exception handler gets what nobody awaits, and may stop the loop', async (t) => {
  const lines = await output(`
loop = asyncio.get_event_loop(runq_len=16, waitq_len=16)
def handler(loop, context):
    print(context['message'], repr(context['exception']), context['future'].done())
    loop.stop()
async def bad():
    await asyncio.sleep_ms(5)
    raise ValueError('lost')
loop.set_exception_handler(handler)
print(loop.get_exception_handler() is handler)
loop.create_task(bad())
loop.run_forever()
print('stopped', at())`);
  t.deepEqual(lines, ['True', "Task exception wasn't retrieved ValueError('lost',) True", 'stopped 5']);
});

test.serial('a new event loop has none of the old tasks', async (t) => {
  const lines = await output(`
async def old():
    while True:
        await asyncio.sleep_ms(1)
async def main(text):
    await asyncio.sleep_ms(5)
    print(text, len(asyncio.core._io_queue.map))
async def first():
    asyncio.create_task(old())
    raise KeyboardInterrupt
try:
    asyncio.run(first())
except KeyboardInterrupt:
    print('interrupted')
loop = asyncio.new_event_loop()
loop.run_until_complete(main('fresh'))
try:
    asyncio.current_task()
except RuntimeError as e:
    print(e)`);
  t.deepEqual(lines, ['interrupted', 'fresh 0', 'no running event loop']);
});

test.serial('an object whose __iter__ is a generator can be awaited', async (t) => {
  const lines = await output(`
class Ready:
    def __iter__(self):
        yield from asyncio.sleep_ms(15)
        return 'ready'
    __await__ = __iter__
class Self:
    async def run(self):
        return await self
    def __iter__(self):
        while at() < 40:
            yield from asyncio.sleep_ms(1)
        return at()
async def main():
    print(await Ready(), at())
    print(await Self().run())
asyncio.run(main())`);
  t.deepEqual(lines, ['ready 15', '40']);
});

test.serial('the board is asked once a pass, idle or busy', async (t) => {
  const lines = await output(`
passes = 0
real = asyncio.core._idle
def counted(ms):
    global passes
    passes += 1
    real(ms)
asyncio.core._idle = counted
async def main():
    for i in range(10):
        await asyncio.sleep_ms(0)
    before = passes
    await asyncio.sleep_ms(10)
    print(before, passes - before)
asyncio.run(main())`);
  t.deepEqual(lines, ['11 2']);
});

test.serial('a main task that nothing in asyncio can wake waits for what is scheduled', async (t) => {
  t.deepEqual(
    await output(`
import micropython
event = asyncio.Event()
def later(n):
    if n:
        micropython.schedule(later, n - 1)
    else:
        event.set()
async def main():
    later(50)
    await event.wait()
    return 'woken'
print(asyncio.run(main()))`),
    ['woken'],
  );
});

test.serial('tasks that wait for the main task run when it has ended', async (t) => {
  t.deepEqual(
    await output(`
loop = asyncio.get_event_loop()
async def first():
    await asyncio.sleep(0)
async def second(task):
    await task
    print('second')
one = loop.create_task(first())
two = loop.create_task(second(one))
loop.run_until_complete(one)
loop.run_until_complete(two)`),
    ['second'],
  );
});

test.serial('what is no coroutine is refused', async (t) => {
  t.deepEqual(
    await output(`
try:
    asyncio.create_task(3)
except TypeError as e:
    print(e)`),
    ['coroutine expected'],
  );
});
