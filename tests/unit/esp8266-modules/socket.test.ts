/** `socket` as lwIP's on the chip: blocking, time-limited and non-blocking, with the errors that firmware looks for. */
import test from 'ava';
import { bootBoard, type FakeBoard } from '../../fixtures/esp8266-modules/fake-board.js';
import { ports } from '../../fixtures/esp8266-modules/fake-sockets.js';

const prelude = `
import usocket as socket, utime as time, uselect as select
def error(f, *args):
    try:
        return f(*args)
    except OSError as e:
        return 'OSError', e.args[0]
def connected():
    s = socket.socket()
    s.connect(socket.getaddrinfo('server', 8123)[0][-1])
    return s
`;

function lines(board: FakeBoard, program: string): string[] {
  return board.run(prelude + program).split('\n');
}

test.serial('a blocking connect takes as long as the handshake, or fails as lwIP says', async (t) => {
  const board = await bootBoard();
  t.deepEqual(
    lines(
      board,
      `
print(socket.getaddrinfo('server', 8123))
start = time.ticks_ms()
s = connected()
print(time.ticks_diff(time.ticks_ms(), start))
print(error(socket.socket().connect, ('10.0.0.1', ${ports.refused})))
s = socket.socket()
s.settimeout(0.5)
print(error(s.connect, ('10.0.0.1', ${ports.silent})))
print(error(socket.getaddrinfo, 'nowhere', 80))`,
    ),
    ["[(2, 1, 0, '', ('10.0.0.1', 8123))]", '20', "('OSError', 111)", "('OSError', 110)", "('OSError', -2)"],
  );
});

test.serial('a connect that does not block says so, and poll tells when it stands', async (t) => {
  const board = await bootBoard();
  t.deepEqual(
    lines(
      board,
      `
s = socket.socket()
s.setblocking(False)
print(error(s.connect, ('10.0.0.1', 8123)))
poller = select.poll()
poller.register(s, select.POLLOUT)
print(poller.poll(5), poller.poll(0))
print(poller.poll(-1)[0][1])`,
    ),
    ["('OSError', 115)", '[] []', '4'],
  );
});

test.serial('reads of a socket that does not block: None, a part of a line, the end', async (t) => {
  const board = await bootBoard();
  board.sockets.onConnect = (socket) => {
    board.clock.at(10, () => socket.receive('ab'));
    board.clock.at(20, () => socket.receive('c\nrest\n'));
    board.clock.at(30, () => {
      socket.peerClosed = true;
    });
  };
  t.deepEqual(
    lines(
      board,
      `
s = connected()
s.setblocking(False)
print(s.readline(), s.read(), s.read(4), s.readinto(bytearray(4)), error(s.recv, 4))
time.sleep_ms(12)
print(s.readline(), s.readline())
time.sleep_ms(10)
print(s.readline(), s.read(4), s.read(4), s.read(4))
time.sleep_ms(10)
print(s.readline(), s.recv(4), s.read(), s.readinto(bytearray(4)))`,
    ),
    ["None None None None ('OSError', 11)", "b'ab' None", "b'c\\n' b'rest' b'\\n' None", "b'' b'' b'' 0"],
  );
});

test.serial('a blocking read waits for all it was asked for, recv for anything', async (t) => {
  const board = await bootBoard();
  board.sockets.onConnect = (socket) => {
    for (const [ms, text] of [
      [10, 'one '],
      [20, 'two'],
      [30, '\nthree'],
    ] as const) {
      board.clock.at(ms, () => socket.receive(text));
    }
    board.clock.at(40, () => {
      socket.peerClosed = true;
    });
  };
  t.deepEqual(lines(board, 's = connected()\nprint(s.recv(100), s.readline(), s.read(2), s.read(9))'), [
    "b'one ' b'two\\n' b'th' b'ree'",
  ]);
});

test.serial('a read with a time limit ends with ETIMEDOUT, a reset with ECONNRESET', async (t) => {
  const board = await bootBoard();
  board.sockets.onConnect = (socket) => {
    board.clock.at(200, () => {
      socket.error = 104;
    });
  };
  t.deepEqual(
    lines(
      board,
      `
s = connected()
s.settimeout(0.1)
start = time.ticks_ms()
print(error(s.recv, 1), time.ticks_diff(time.ticks_ms(), start))
s.settimeout(None)
print(error(s.readline), time.ticks_diff(time.ticks_ms(), start))`,
    ),
    ["('OSError', 110) 100", "('OSError', 104) 200"],
  );
});

test.serial('send takes what fits; write goes on until all is sent', async (t) => {
  const board = await bootBoard();
  const sent: string[] = [];
  board.sockets.onConnect = (socket) => {
    socket.room = 10;
    for (const ms of [50, 100]) board.clock.at(ms, () => Object.assign(socket, { room: 10 }));
    board.clock.at(150, () => sent.push(socket.text()));
  };
  t.deepEqual(
    lines(
      board,
      `
s = connected()
s.setblocking(False)
print(s.send('0123456'), s.send(b'789abcdef'), error(s.send, b'x'), s.write(b'x'))
s.setblocking(True)
print(s.write(memoryview(b'ABCDEFGHIJKLMNO')))
time.sleep_ms(100)`,
    ),
    ["7 3 ('OSError', 11) None", '15'],
  );
  t.deepEqual(sent, ['0123456789ABCDEFGHIJKLMNO']);
});

test.serial('text that is not ASCII is sent as UTF-8, all of it', async (t) => {
  const board = await bootBoard();
  board.sockets.onConnect = (socket) => board.clock.at(10, () => board.calls.push(socket.text()));
  t.deepEqual(lines(board, "s = connected()\nprint(s.write('grün'))\ntime.sleep_ms(20)"), ['5']);
  t.is(board.calls.at(-1), 'grün');
});

test.serial('a closed socket is closed for good, and there are only a few', async (t) => {
  const board = await bootBoard();
  t.deepEqual(
    lines(
      board,
      `
s = connected()
s.close()
s.close()
print(error(s.recv, 1), error(s.send, b'x'), s.ioctl(3, 1))
kept = [socket.socket() for _ in range(5)]
print(error(socket.socket))
with kept[0]:
    pass
print(error(lambda: socket.socket().bind(('', 80))))`,
    ),
    ["('OSError', 9) ('OSError', 9) 32", "('OSError', 12)", "('OSError', 98)"],
  );
  t.is(board.sockets.count, 5);
});

test.serial('urequests fetches over the board socket', async (t) => {
  const board = await bootBoard();
  board.sockets.onConnect = (socket) => {
    board.clock.at(5, () => {
      board.calls.push(socket.text());
      socket.receive('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n{"a": 1}');
      socket.peerClosed = true;
    });
  };
  t.is(
    board.run(
      "import urequests\nr = urequests.get('http://server:8080/x/y')\nprint(r.status_code, r.reason, r.json())",
    ),
    "200 OK {'a': 1}",
  );
  t.is(board.calls.at(-1), 'GET /x/y HTTP/1.0\r\nHost: server:8080\r\n\r\n');
});
