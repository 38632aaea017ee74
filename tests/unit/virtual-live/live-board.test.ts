/** A virtual board beside the real world: what comes from outside is answered within real milliseconds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import {
  type LiveBoard,
  type LiveBoardOptions,
  startLiveBoard,
} from '../../../drivers/virtual/live-board.js';
import { socketGateway } from '../../../drivers/virtual/socket-gateway.js';
import { isRigError } from '../../../rig/errors.js';

/** Generous for a machine that is busy with other tests; each answer is due within tens of milliseconds. */
const LIMIT_MS = 15_000;

interface Live {
  readonly board: LiveBoard;
  /** All that the board sent. */
  printed(): string;
  /** Types, and waits until what is printed from then on contains `end`. */
  answer(typed: string, end: string): Promise<string>;
}

const encode = (string: string) => new Uint8Array(Buffer.from(string, 'latin1'));

async function withLive(
  files: Readonly<Record<string, string>>,
  body: (live: Live) => Promise<void>,
  options: Partial<LiveBoardOptions> = {},
): Promise<void> {
  const firmware = new Map(Object.entries(files).map(([path, content]) => [path, encode(content)]));
  const board = startLiveBoard({ firmware, seed: 5, ...options });
  let printed = '';
  let arrived: () => void = () => undefined;
  board.uart.onBytes((bytes) => {
    printed += Buffer.from(bytes).toString('latin1');
    arrived();
  });
  const answer = async (typed: string, end: string) => {
    const from = printed.length;
    const limitMs = performance.now() + LIMIT_MS;
    await board.uart.write(encode(typed));
    for (;;) {
      const at = printed.indexOf(end, from);
      if (at >= 0) return printed.slice(from, at + end.length);
      if (performance.now() > limitMs)
        throw new Error(`No ${JSON.stringify(end)} in: ${printed.slice(from)}`);
      await Promise.race([
        new Promise<void>((resolve) => {
          arrived = resolve;
        }),
        wait(200),
      ]);
    }
  };
  try {
    await body({ board, printed: () => printed, answer });
  } finally {
    await board.close();
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

test.serial('raw REPL over the pipe: each program is answered within milliseconds', async (t) => {
  await withLive({}, async ({ board, answer }) => {
    await board.powerOn();
    await answer('', '>>> ');
    await answer('\x01', 'exit\r\n>');
    const tookMs: number[] = [];
    // The board may be behind after its start, and is then faster than the wall clock; 16 ms are the adapter's, 2 ms the line's.
    for (let round = 0; round < 9 || (median(tookMs) < 16 && round < 500); round += 1) {
      const startMs = performance.now();
      t.is(await answer(`print(${round} * 7)\x04`, '\x04>'), `OK${round * 7}\r\n\x04\x04>`);
      tookMs.push(performance.now() - startMs);
    }
    t.log(`median ${median(tookMs).toFixed(1)} ms`);
    t.true(median(tookMs) >= 16, String(tookMs));
    t.true(median(tookMs) < 500, String(tookMs));
  });
});

test.serial('the ROM speaks at its own rate: at another it is noise', async (t) => {
  await withLive({}, async ({ board, answer, printed }) => {
    await board.uart.setBaud(74_880);
    await board.powerOn();
    t.regex(await answer('', 'boot mode:(3,6)'), /rst cause:1/);
    await board.uart.setBaud(115_200);
    await answer('', '>>> ');
    await board.reset(true);
    const from = printed().length;
    await board.reset(false);
    await answer('', '>>> ');
    t.notRegex(printed().slice(from), /rst cause/);
  });
});

test.serial('an edge from outside is answered by the firmware, and Ctrl-C does not end that', async (t) => {
  const main = `
import machine
ack = machine.Pin(4, machine.Pin.OUT, value=0)
syn = machine.Pin(5, machine.Pin.IN)
syn.irq(lambda pin: ack(pin()))
print('ready')
while True:
    pass
`;
  await withLive({ 'main.py': main }, async ({ board, answer }) => {
    await board.drive('syn', 0);
    await board.powerOn();
    let changed: (level: number) => void = () => undefined;
    board.onLevel('ack', (level) => changed(level));
    await answer('', 'ready');
    t.is(board.level('ack'), 0);
    const tookMs: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      if (round === 10) await answer('\x03', '>>> ');
      const level = round % 2 === 0 ? 1 : 0;
      const startMs = performance.now();
      const seen = new Promise<number>((resolve) => {
        changed = resolve;
      });
      await board.drive('syn', level);
      t.is(await seen, level);
      tookMs.push(performance.now() - startMs);
    }
    t.log(`median ${median(tookMs).toFixed(2)} ms`);
    t.true(median(tookMs) < 50, String(tookMs));
  });
});

/** Enters raw mode, runs a program, and prints what it said and how long it took. */
const CLIENT = `
const { connect } = require('node:net');
const socket = connect(Number(process.argv[1]), '127.0.0.1', () => socket.write('\\r\\x03\\x01'));
let all = '', step = 0, startMs = 0;
socket.on('data', (data) => {
  all += data.toString('latin1');
  if (step === 0 && all.endsWith('exit\\r\\n>')) {
    step = 1; all = ''; startMs = performance.now();
    socket.write('import os\\nprint(os.listdir())\\x04');
  } else if (step === 1 && all.endsWith('\\x04>')) {
    process.stdout.write(JSON.stringify({ all, tookMs: performance.now() - startMs }));
    socket.end();
  }
});
`;

test.serial('another process works the board over TCP', async (t) => {
  await withLive({ 'main.py': 'import time\nwhile True:\n    time.sleep(1)' }, async ({ board, answer }) => {
    const server = createServer((socket) => {
      socket.setNoDelay(true);
      socket.on('data', (data) => void board.uart.write(new Uint8Array(data)));
      board.uart.onBytes((bytes) => socket.write(bytes));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await board.powerOn();
    await wait(700);
    const client = spawn(process.execPath, ['-e', CLIENT, String((server.address() as AddressInfo).port)]);
    const { all, tookMs } = JSON.parse(await text(client.stdout));
    t.is(all, "OK['main.py']\r\n\x04\x04>");
    t.log(`${tookMs.toFixed(1)} ms`);
    t.true(tookMs < 1_000);
    server.close();
    t.is(await answer('\x02', '>>> ').then((banner) => banner.includes('MicroPython')), true);
  });
});

test.serial(
  'the board reaches a real server through the gateway, and loses it with the access point',
  async (t) => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (data) => socket.write(data.toString('latin1').toUpperCase()));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const main = `
import network, socket, time
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect('lab', 'secret-enough')
while not wlan.isconnected():
    time.sleep_ms(20)
s = socket.socket()
s.connect(('10.9.8.7', 4321))
s.write(b'hello')
print('got', s.read(5))
try:
    socket.socket().connect(('10.9.8.7', 99))
except OSError as e:
    print('refused', e.errno)
while wlan.isconnected():
    time.sleep_ms(20)
print('lost')
`;
    const gateway = socketGateway(({ port: wanted }) =>
      wanted === 4321 ? { host: '127.0.0.1', port } : undefined,
    );
    await withLive(
      { 'main.py': main },
      async ({ board, answer }) => {
        await board.powerOn();
        t.regex(await answer('', 'refused'), /got b'HELLO'/);
        await board.enter('access point off', async () => board.ports.accessPoint?.off());
        await answer('', 'lost');
        t.is(sockets.length, 1);
      },
      { gateway, wifi: { ssid: 'lab', passphrase: 'secret-enough' }, speed: 4 },
    );
    server.close();
    for (const socket of sockets) socket.destroy();
  },
);

test.serial('a closed board refuses, and one whose simulation breaks says so', async (t) => {
  const failures: string[] = [];
  await withLive(
    // Less than it takes to start the interpreter.
    {},
    async ({ board }) => {
      const lost = new Promise<string>((resolve) => {
        board.uart.onLost((error) => resolve(error.message));
      });
      await board.powerOn();
      t.regex(await lost, /virtual board is gone/);
      t.is(failures.length, 1);
      t.true(isRigError(await t.throwsAsync(board.uart.write(encode('a'))), 'TIMEOUT'));
    },
    { turnLimitMs: 1, failed: (error) => failures.push(error.message) },
  );
  let closed: LiveBoard | undefined;
  await withLive({}, async ({ board }) => {
    closed = board;
  });
  t.true(isRigError(await t.throwsAsync(closed?.powerOn() ?? Promise.resolve()), 'CLOSED'));
});
