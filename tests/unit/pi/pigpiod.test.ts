/** What goes over pigpiod's socket, byte by byte, and what its status words mean. */
import { createServer, type Server, type Socket } from 'node:net';
import test from 'ava';
import { connectBsc } from '../../../drivers/pi/i2c/bsc-link.js';
import { answering, decodeStatus, emptying } from '../../../drivers/pi/i2c/bsc-registers.js';
import { isRigError } from '../../../rig/errors.js';
import { SystemClock } from '../../../rig/time/system-clock.js';

/** A server on the loopback interface that does with each connection as told. */
async function withServer(
  serve: (socket: Socket) => void,
  body: (port: number) => Promise<void>,
): Promise<void> {
  const server: Server = createServer({ noDelay: true }, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await body(typeof address === 'object' && address !== null ? address.port : 0);
  server.close();
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const clock = new SystemClock();

test('a transfer is four little-endian words and its bytes, and so is the answer, in whatever pieces it comes', async (t) => {
  const asked: Buffer[] = [];
  const answer = hex('72000000 05031200 00000000 06000000 06041100 aabb');
  const serve = (socket: Socket) =>
    socket.on('data', (bytes) => {
      asked.push(bytes);
      for (const byte of answer) socket.write(Buffer.of(byte));
    });
  await withServer(serve, async (port) => {
    const calls = await connectBsc({ host: '127.0.0.1', port }, clock);
    for (let round = 0; round < 2; round += 1) {
      const done = await calls.transfer(answering(0x12), Uint8Array.of(0xab, 0xcd));
      t.deepEqual(done, { copiedBytes: 17, transmitLevel: 16, received: Uint8Array.of(0xaa, 0xbb) });
    }
    calls.close();
    const question = hex('72000000 05031200 00000000 02000000 abcd');
    t.deepEqual(Buffer.concat(asked), Buffer.concat([question, question]));
  });
});

test('a daemon that refuses the command is BENCH, with the version to have', async (t) => {
  const serve = (socket: Socket) =>
    socket.on('data', () => socket.write(hex('72000000 05031200 00000000 a8ffffff')));
  await withServer(serve, async (port) => {
    const calls = await connectBsc({ host: '127.0.0.1', port }, clock);
    const error = await t.throwsAsync(calls.transfer(answering(0x12), new Uint8Array(0)));
    t.true(isRigError(error, 'BENCH'));
    t.regex(error.message, /too old for BSCX.*version 75/);
    calls.close();
    t.true(isRigError(await t.throwsAsync(calls.transfer(0, new Uint8Array(0))), 'CLOSED'));
  });
});

test('an answer that is longer than any, or to another command, is no daemon’s', async (t) => {
  for (const answer of ['72000000 05031200 00000000 ffffff7f', '11000000 00000000 00000000 00000000']) {
    await withServer(
      (socket) => socket.on('data', () => socket.write(hex(answer))),
      async (port) => {
        const calls = await connectBsc({ host: '127.0.0.1', port }, clock);
        const error = await t.throwsAsync(calls.transfer(answering(0x12), new Uint8Array(0)));
        t.true(isRigError(error, 'BENCH'));
        t.false(calls.isOpen);
      },
    );
  }
});

test('control words are those of the documentation', (t) => {
  // abyz.me.uk/rpi/pigpio/cif.html#bscXfer: 0x305 enables I2C, transmit and receive; the address is in bits 16 to 22.
  t.is(answering(0x13), (0x13 << 16) | 0x305);
  t.is(emptying(0x13), (0x13 << 16) | 0x084);
});

test('status words that users have posted are read as they were meant', (t) => {
  const none = new Uint8Array(0);
  // pigpio#511: an idle peripheral answers 18. pigpio#291: with five bytes written time after time, 1030.
  t.deepEqual(decodeStatus(18, none), { copiedBytes: 0, transmitLevel: 0, received: none });
  t.deepEqual(decodeStatus(1_030, none), { copiedBytes: 0, transmitLevel: 16, received: none });
});
