/** `rig board`: the virtual board at a prompt, in a pipe, and on a TCP port where the rig's own raw-REPL client works it. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { runBoardPipe } from '../../../cli/board-pipe.js';
import type { ByteInput } from '../../../cli/surroundings.js';
import { startLiveBoard } from '../../../drivers/virtual/live-board.js';
import { isRigError } from '../../../rig/errors.js';
import type { ConsoleChunk, UartConsole } from '../../../rig/ports.js';
import { BoardFiles } from '../../../rig/repl/board-files.js';
import { RawRepl } from '../../../rig/repl/raw-repl.js';
import { uploadFiles } from '../../../rig/repl/upload.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { seconds } from '../../../rig/time/units.js';
import { runInProcess } from './in-process.js';
import { standIn } from './stand-in.js';

const folder = mkdtempSync(join(tmpdir(), 'rig-board-'));
test.after.always(() => rmSync(folder, { recursive: true }));
const options = { composition: standIn('pass', folder), workingDirectory: folder };
const encode = (string: string) => Uint8Array.from(Buffer.from(string, 'latin1'));

/** Standard input that holds a text and ends. */
const piped = (typed: string): ByteInput => ({
  isTty: false,
  listen: (listener, ended) => {
    if (typed !== '') listener(encode(typed));
    ended?.();
    return () => undefined;
  },
});

/** A keyboard. */
class Keyboard implements ByteInput {
  readonly isTty = true;
  type: (keys: string) => void = () => undefined;

  listen(listener: (bytes: Uint8Array) => void): () => void {
    this.type = (keys) => listener(encode(keys));
    return () => {
      this.type = () => undefined;
    };
  }
}

test.serial(
  'in a pipe each line is typed when the board waits for it, and the end is when it rests',
  async (t) => {
    const input = piped('import time\ntime.sleep(0.5);print(6*7)\nprint(2)\n');
    const { status, output, errors } = await runInProcess(['board', '--bare'], { ...options, input });
    t.is(status, 0, errors);
    t.regex(output, /rst cause:1.*\n(.*\n)*.*MicroPython v1\.27\.0/);
    t.true(output.includes('>>> time.sleep(0.5);print(6*7)\n42\n>>> print(2)\n2\n>>> \n'), output);
  },
);

test.serial('in a terminal Ctrl-C, Ctrl-D and paste mode are the board’s; Ctrl-] leaves', async (t) => {
  const input = new Keyboard();
  const steps: [string, string][] = [
    ['for more information', '\x05print("pas"\n"ted")\r\x04'],
    ['\npasted', 'while True: print("loo" + "ping")\r\r'],
    ['looping', '\x03'],
    ['KeyboardInterrupt', '\x04'],
    ['soft reboot', '\x1d'],
  ];
  let printed = '';
  const { status, errors } = await runInProcess(['board', '--bare'], {
    ...options,
    input,
    onPrinted: (more) => {
      printed += more;
      const [step] = steps;
      if (step === undefined || !printed.includes(step[0])) return;
      printed = '';
      steps.shift();
      input.type(step[1]);
    },
  });
  t.is(status, 0, errors);
  t.deepEqual(steps, []);
  t.regex(errors, /^rig: Virtual ESP8266 with an empty flash, seed 7\. Ctrl-\] leaves/);
});

test.serial('a board that hangs ends it, and says why', async (t) => {
  // Less than it takes to start the interpreter.
  const board = startLiveBoard({ firmware: new Map(), seed: 1, turnLimitMs: 1 });
  const output = { write: () => undefined, isTty: false, columns: () => 100 };
  const surroundings = { input: piped('1\n'), output, onInterrupt: () => () => undefined };
  const ended = t.throwsAsync(runBoardPipe({ board, surroundings }));
  await board.powerOn();
  const error = await ended;
  t.true(isRigError(error, 'BENCH') || isRigError(error, 'TIMEOUT'), String(error));
  t.regex(String(error), /hangs inside a single call/);
  await board.close();
});

test.serial(
  'without options it boots the rig’s own firmware; at the end of input it rests and ends',
  async (t) => {
    writeFileSync(join(folder, 'main.py'), 'print("own firmware")\n');
    const { status, output } = await runInProcess(['board'], { ...options, input: piped('') });
    t.is(status, 0);
    t.true(output.includes('own firmware\n'));
  },
);

test.serial('what the board connects to at the host’s address is this machine', async (t) => {
  const server = createServer((socket) => socket.end('from outside\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  mkdirSync(join(folder, 'net'));
  writeFileSync(
    join(folder, 'net', 'main.py'),
    `import network, socket, time
w = network.WLAN(network.STA_IF)
w.active(True)
w.connect('rig', 'correct horse battery')
while not w.isconnected():
    time.sleep_ms(20)
s = socket.socket()
s.connect(('192.168.4.1', ${port}))
print(s.readline())
try:
    socket.socket().connect(('192.168.4.2', ${port}))
except OSError as e:
    print('no way', e.errno)
`,
  );
  let printed = '';
  const { status } = await runInProcess(['board', '--firmware', 'net'], {
    ...options,
    input: { isTty: false, listen: () => () => undefined },
    onPrinted: (more, interrupt) => {
      printed += more;
      if (printed.includes('no way')) interrupt();
    },
  });
  server.close();
  t.is(status, 0);
  t.true(printed.includes("b'from outside\\n'"), printed);
});

/** A raw-REPL client's console over a socket. */
function consoleOver(port: number) {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  const clock = new SystemClock();
  const listeners = new Set<(chunk: ConsoleChunk) => void>();
  socket.on('data', (data) => {
    for (const listener of listeners)
      listener({ bytes: new Uint8Array(data), atUs: clock.now(), baud: 115_200 });
  });
  const console: UartConsole = {
    onChunk: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onNotice: () => () => undefined,
    expectRom: () => Promise.resolve(),
    write: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
  };
  return { socket, clock, console };
}

/** Starts `rig board --tcp 0`, does the work, and interrupts it. */
async function onTcp(words: readonly string[], work: (port: number) => Promise<void>) {
  let interrupt = () => undefined as unknown;
  let failure: unknown;
  const ended = await runInProcess(['board', '--bare', '--tcp', '0', ...words], {
    ...options,
    onStart: (stop) => {
      interrupt = stop;
    },
    onPrinted: (more) => {
      const [, port] = /socket:\/\/127\.0\.0\.1:(\d+)/.exec(more) ?? [];
      if (port === undefined) return;
      work(Number(port))
        .catch((error: unknown) => {
          failure = error;
        })
        .finally(() => interrupt());
    },
  });
  if (failure !== undefined) throw failure;
  return ended;
}

test.serial('over TCP files go to the board and are read back, programs run, resets reset', async (t) => {
  const files = new Map([
    ['app.py', encode('print("app")\n')],
    ['lib/deep/data.bin', Uint8Array.from({ length: 1_500 }, (_none, index) => (index * 7) & 0xff)],
  ]);
  const { status } = await onTcp([], async (port) => {
    const { socket, clock, console } = consoleOver(port);
    const { signal } = new AbortController();
    await clock.run(async () => {
      let repl = await RawRepl.enter({ console, clock, signal });
      const { written } = await uploadFiles({ repl, files, mirror: false, onProgress: () => undefined });
      t.deepEqual([...written].sort(), [...files.keys()].sort());
      const listing = await (await BoardFiles.open(repl)).list();
      t.deepEqual([...listing.files].sort(), [
        ['app.py', 13],
        ['lib/deep/data.bin', 1_500],
      ]);
      const back = await repl.run(
        'import binascii\nprint(binascii.hexlify(open("lib/deep/data.bin","rb").read()).decode())',
        seconds(10),
      );
      t.is(back.trim(), Buffer.from(files.get('lib/deep/data.bin') ?? []).toString('hex'));
      t.is(await repl.run('import app', seconds(10)), 'app\r\n');
      await repl.launch('import machine,time\ntime.sleep_ms(200)\nmachine.reset()');
      await clock.sleep('boot', seconds(1));
      repl = await RawRepl.enter({ console, clock, signal });
      t.is(await repl.run('import machine\nprint(machine.reset_cause())', seconds(10)), '4\r\n');
      t.deepEqual([...(await (await BoardFiles.open(repl)).list()).files.keys()].sort(), [...files.keys()]);
    });
    socket.destroy();
  });
  t.is(status, 0);
});

test.serial('a second client is refused with a line; the next one after the first is served', async (t) => {
  const { status, errors } = await onTcp([], async (port) => {
    const first = connect(port, '127.0.0.1');
    await once(first, 'connect');
    t.regex(
      await text(connect(port, '127.0.0.1')),
      /^rig: the board's UART is taken by 127\.0\.0\.1:\d+; one client/,
    );
    first.destroy();
    const third = connect(port, '127.0.0.1');
    third.write('\r\x03print("th" + "ird")\r');
    let seen = '';
    for await (const chunk of third) {
      seen += chunk.toString();
      if (seen.includes('third')) break;
    }
    t.true(seen.includes('third'));
    const other = await runInProcess(['board', '--tcp', String(port)], options);
    t.is(other.status, 2);
    t.regex(other.errors, /another program has that port/);
  });
  t.is(status, 0);
  t.regex(errors, /has the UART/);
});

test.serial(
  'a client that speaks RFC 2217 resets the board by RTS, and reads the ROM at its rate',
  async (t) => {
    const { status } = await onTcp([], async (port) => {
      const client = connect(port, '127.0.0.1');
      const control = (value: number) => [255, 250, 44, 5, value, 255, 240];
      const baud74880 = [255, 250, 44, 1, 0, 1, 0x24, 0x80, 255, 240];
      client.write(Uint8Array.from([255, 251, 44, ...baud74880, ...control(11), ...control(12)]));
      let seen = '';
      for await (const chunk of client) {
        seen += chunk.toString('latin1');
        if (seen.includes('boot mode:(3,6)')) break;
      }
      t.regex(seen, /rst cause:2/);
    });
    t.is(status, 0);
  },
);

test.serial('what cannot be meant is refused', async (t) => {
  writeFileSync(join(folder, 'empty'), '');
  const wrong: [string[], RegExp][] = [
    [['--tcp', 'x'], /"x" is not a whole number/],
    [['--tcp', '65536'], /out of range, which is 0 to 65535/],
    [['--bare', '--firmware', 'a'], /Leave one of them out/],
    [['--firmware', 'nowhere'], /no such file or directory/],
    [['--bench', 'nowhere.yaml'], /no such file/],
    [['--seed', '-1'], /out of range/],
  ];
  for (const [words, message] of wrong) {
    const { status, errors } = await runInProcess(['board', ...words], options);
    t.is(status, 2, words.join(' '));
    t.regex(errors, message);
  }
});
