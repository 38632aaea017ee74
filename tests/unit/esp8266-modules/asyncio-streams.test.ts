/** asyncio's streams over Python objects, and over the board's sockets. */
import test from 'ava';
import { bootBoard } from '../../fixtures/esp8266-modules/fake-board.js';
import { ports } from '../../fixtures/esp8266-modules/fake-sockets.js';

/** A channel written in Python, as link firmware has it: str in, whole buffers out, 0 when it cannot take any. */
const CHANNEL = `
import uasyncio as asyncio, io
class Channel(io.IOBase):
    def __init__(self):
        self.lines = []
        self.out = []
        self.busy = False
    def ioctl(self, request, arg):
        ready = 0
        if request == 3:
            if arg & 1 and self.lines:
                ready |= 1
            if arg & 4 and not self.busy:
                ready |= 4
        return ready
    def readline(self):
        return self.lines.pop(0) if self.lines else None
    def read(self, n):
        return self.readline()
    def write(self, buf):
        if self.busy:
            return 0
        self.busy = True
        self.out.append(bytes(buf))
        return len(buf)
channel = Channel()
reader = asyncio.StreamReader(channel)
writer = asyncio.StreamWriter(channel, {})
async def drainer():
    while True:
        await asyncio.sleep_ms(10)
        channel.busy = False
`;

test.serial('a line comes when the object has one, str or not', async (t) => {
  const board = await bootBoard();
  const lines = board.run(`${CHANNEL}
async def feeder():
    await asyncio.sleep_ms(10)
    channel.lines.append('hello\\n')
    await asyncio.sleep_ms(10)
    channel.lines += ['in ', 'parts\\n']
async def main():
    asyncio.create_task(feeder())
    print(await reader.readline())
    print(await reader.readline())
asyncio.run(main())`);
  t.is(lines, "b'hello\\n'\nb'in parts\\n'");
});

test.serial('what the object does not take waits until it is writable', async (t) => {
  const board = await bootBoard();
  const lines = board.run(`${CHANNEL}
async def main():
    asyncio.create_task(drainer())
    for text in ('one', 'two', 'three'):
        writer.write(text)
        await writer.drain()
    print(channel.out)
asyncio.run(main())`);
  t.is(lines, "[b'one', b'two', b'three']");
});

test.serial('one task may read while another writes the same object', async (t) => {
  const board = await bootBoard();
  const lines = board.run(`${CHANNEL}
async def read():
    print(await asyncio.wait_for(reader.readline(), 1))
async def write():
    writer.write('x')
    writer.write('y')
    await writer.drain()
    print('written')
    channel.lines.append('z\\n')
async def main():
    asyncio.create_task(drainer())
    await asyncio.gather(read(), write())
    print(len(asyncio.core._io_queue.map))
asyncio.run(main())`);
  t.is(lines, "written\nb'z\\n'\n0");
});

test.serial('a read that takes too long is given up, and the object can be read again', async (t) => {
  const board = await bootBoard();
  const lines = board.run(`${CHANNEL}
async def main():
    try:
        await asyncio.wait_for_ms(reader.readline(), 20)
    except asyncio.TimeoutError:
        print('timeout')
    channel.lines.append('late\\n')
    print(await asyncio.wait_for_ms(reader.readline(), 20))
asyncio.run(main())`);
  t.is(lines, "timeout\nb'late\\n'");
});

test.serial('open_connection talks to a peer, to the end of the stream', async (t) => {
  const board = await bootBoard();
  board.sockets.onConnect = (socket) => {
    socket.receive('part');
    board.clock.at(30, () => socket.receive('ial\nrest'));
    board.clock.at(60, () => {
      socket.peerClosed = true;
    });
    board.clock.at(40, () => board.calls.push(`sent ${socket.text()}`));
  };
  const lines = board.run(`
import uasyncio as asyncio
async def main():
    r, w = await asyncio.open_connection('server', 8123)
    w.write(b'id\\n')
    await w.drain()
    print(await r.readline(), await r.readexactly(2), await r.read())
    w.close()
    await w.wait_closed()
asyncio.run(main())`);
  t.is(lines, "b'partial\\n' b're' b'st'");
  t.true(board.calls.includes('sent id\n'));
  t.is(board.sockets.count, 0);
});

test.serial('a refused connection and a reset raise what lwIP says', async (t) => {
  const board = await bootBoard();
  board.sockets.onConnect = (socket) => {
    board.clock.at(30, () => {
      socket.error = 104;
    });
  };
  const lines = board.run(`
import uasyncio as asyncio
async def main():
    for port in (${ports.refused}, 8123):
        try:
            r, w = await asyncio.open_connection('10.0.0.1', port)
            print('connected', await r.readline())
        except OSError as e:
            print(e.errno)
asyncio.run(main())`);
  t.is(lines, '111\n104');
});

test.serial('a server whose port is taken leaves no socket behind', async (t) => {
  const board = await bootBoard();
  const lines = board.run(`
import uasyncio as asyncio
try:
    asyncio.run(asyncio.start_server(None, '0.0.0.0', 80))
except OSError as e:
    print(e.errno)`);
  t.is(lines, '98');
  t.is(board.sockets.count, 0);
});
