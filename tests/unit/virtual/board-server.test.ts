/** What programs do with the board's sockets beside connecting: listening, running out of them, looking for networks. */
import test from 'ava';
import { createVirtualBench, type VirtualBench } from '../../../drivers/virtual/bench.js';
import { isRigError } from '../../../rig/errors.js';
import type { Connection } from '../../../rig/ports.js';
import { createRandom } from '../../../rig/random.js';
import { later, ms, seconds } from '../../../rig/time/units.js';

const PROGRAM = `
import asyncio, esp, network, socket, time

def error(f, *args):
    # Gives the number of the error that a call raises.
    try:
        return f(*args)
    except OSError as e:
        return e.errno

w = network.WLAN(network.STA_IF)
w.active(True)
print("scan", w.scan())
w.connect("rig", "correct horse battery")
while not w.isconnected():
    time.sleep_ms(100)

s = socket.socket()
print("not listening", error(s.accept))
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("0.0.0.0", 80))
t = socket.socket()
print("second", error(t.bind, ("0.0.0.0", 80)))
t.close()
s.listen(1)
s.settimeout(0.5)
print("nobody", error(s.accept))
s.setblocking(False)
print("not yet", error(s.accept))
s.settimeout(None)
print("ready")
c, who = s.accept()
print("from", who[0], who[1] > 1023)
c.write(b"echo " + c.readline())
c.close()
s.close()
print("closed")

kept = []
free = esp.freemem()
try:
    while True:
        kept.append(socket.socket())
except OSError as e:
    print("sockets", len(kept), e.errno, free - esp.freemem())
for k in kept:
    k.close()
k = socket.socket()
print("refused", error(k.connect, ("192.168.4.1", 9)), error(k.send, b"x"))
k.close()

async def serve(reader, writer):
    writer.write(b"async " + await reader.readline())
    await writer.drain()
    writer.close()
    await writer.wait_closed()

async def main():
    server = await asyncio.start_server(serve, "0.0.0.0", 81)
    print("serving")
    await asyncio.sleep(1)
    server.close()
    await server.wait_closed()
    print("served")

asyncio.run(main())
`;

/** Waits until the board's console has shown `text`. */
async function shows(bench: VirtualBench, printed: () => string, text: string): Promise<void> {
  const untilUs = later(bench.clock.now(), seconds(30));
  while (!printed().includes(text) && bench.clock.now() < untilUs) await bench.clock.sleep('test', ms(20));
}

async function answer(connection: Connection, line: string): Promise<string> {
  await connection.write(Buffer.from(line));
  let text = '';
  for (let chunk = await connection.read(); chunk !== undefined; chunk = await connection.read()) {
    text += Buffer.from(chunk).toString();
  }
  connection.destroy();
  return text;
}

test('a program listens, is called by the host, runs out of sockets and finds the network', async (t) => {
  const bench = createVirtualBench({
    random: createRandom(3),
    firmware: {
      name: 'server',
      sha256: '0'.repeat(64),
      files: new Map([['main.py', Buffer.from(PROGRAM)]]),
    },
  });
  let printed = '';
  bench.console.onChunk(({ bytes }) => {
    printed += Buffer.from(bytes).toString('latin1');
  });
  const shown = (text: string) => shows(bench, () => printed, text);
  try {
    await bench.run(async () => {
      await bench.ports.power?.on();
      await shown('ready');
      const early = await t.throwsAsync(bench.dial(81));
      t.true(isRigError(early, 'CLOSED'));
      t.is(await answer(await bench.dial(80), 'hello\n'), 'echo hello\n');
      await shown('closed');
      await t.throwsAsync(bench.dial(80), { message: /refused/ }, 'the port is closed with its socket');
      await shown('serving');
      const both = await Promise.all([bench.dial(81), bench.dial(81)]);
      t.deepEqual(await Promise.all(both.map((connection, index) => answer(connection, `${index}\n`))), [
        'async 0\n',
        'async 1\n',
      ]);
      await shown('served');
      await t.throwsAsync(bench.dial(81), { message: /refused/ });
    });
  } finally {
    await bench.close();
  }
  const lines = printed.split('\r\n');
  const of = (word: string) => lines.find((line) => line.startsWith(`${word} `)) ?? printed;
  t.is(of('scan'), "scan [(b'rig', b'\\x02\\x00rig0', 6, -60, 3, 0)]");
  t.is(of('not listening'), 'not listening 22');
  t.is(of('second'), 'second 98');
  t.is(of('nobody'), 'nobody 110');
  t.is(of('not yet'), 'not yet 11');
  t.is(of('from'), 'from 192.168.4.1 True');
  t.is(of('sockets'), 'sockets 5 12 1000');
  t.is(of('refused'), 'refused 111 9');
});
