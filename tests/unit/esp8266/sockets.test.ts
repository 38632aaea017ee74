/** The device's sockets, bus and serial line, with the bench at the other end scripted. */
import test from 'ava';
import { bootTimes, UART_FIFO_BYTES } from '../../../drivers/virtual/esp8266/chip/costs.js';
import { errno } from '../../../drivers/virtual/esp8266/chip/errno.js';
import { I2cController } from '../../../drivers/virtual/esp8266/chip/i2c.js';
import { RECEIVE_BUFFERS } from '../../../drivers/virtual/esp8266/chip/receive-queue.js';
import { socketEvent } from '../../../drivers/virtual/esp8266/chip/socket.js';
import { Sockets } from '../../../drivers/virtual/esp8266/chip/sockets.js';
import { Uart } from '../../../drivers/virtual/esp8266/chip/uart.js';
import { deviceRecord, hostRecord } from '../../../drivers/virtual/esp8266/lockstep/records.js';
import { FakeMemory, type HostEvent, makeCpu } from './fake-memory.js';

const SEND_BUFFER = 1_072;

function setUp(events: readonly HostEvent[] = []) {
  const memory = new FakeMemory(events);
  const cpu = makeCpu(memory, (record) => sockets.accept(record));
  const printed: string[] = [];
  const sockets = new Sockets(cpu, (_baud, text) => printed.push(text));
  const give = (kind: number, a: number, b = 0, bytes = new Uint8Array(0)) =>
    sockets.accept({ kind, atUs: 0, a, b, bytes });
  const connected = () => {
    const id = sockets.create();
    sockets.connect(id, '192.168.4.1', 8_123);
    give(hostRecord.socketConnected, id);
    return id;
  };
  const told = () => {
    memory.deliver();
    return memory.told.map(({ kind, a, b, bytes }) => [kind, a, b, bytes.length]);
  };
  return { memory, cpu, sockets, give, connected, told, printed };
}

test('a socket that is connecting becomes writable when it is connected, and connects once', (t) => {
  const { sockets, give } = setUp();
  const id = sockets.create();
  t.is(sockets.connect(id, '192.168.4.1', 8_123), 0);
  t.is(sockets.connect(id, '192.168.4.1', 8_123), -errno.EALREADY);
  t.is(sockets.poll(id, socketEvent.writable), 0);
  give(hostRecord.socketConnected, id);
  t.is(sockets.poll(id, socketEvent.writable | socketEvent.readable), socketEvent.writable);
});

test('a refused connection shows its error once', (t) => {
  const { sockets, give } = setUp();
  const id = sockets.create();
  sockets.connect(id, '192.168.4.1', 8_123);
  give(hostRecord.socketFailed, id, errno.ECONNREFUSED);
  t.is(sockets.poll(id, socketEvent.writable), socketEvent.error);
  t.is(sockets.receive(id, new Uint8Array(4)), -errno.ECONNREFUSED);
  t.is(sockets.takeError(id), 0);
  t.is(sockets.send(id, new Uint8Array(4)), -errno.EBADF);
});

test('what is of no use says so unasked: a socket that is new, was reset, or was told its error', (t) => {
  const { sockets, give, connected } = setUp();
  t.is(sockets.poll(sockets.create(), socketEvent.readable), socketEvent.hangUp);
  const id = connected();
  give(hostRecord.socketFailed, id, errno.ECONNRESET);
  t.is(sockets.poll(id, socketEvent.readable), socketEvent.hangUp);
  t.is(sockets.poll(id, socketEvent.writable), socketEvent.writable | socketEvent.hangUp);
  sockets.takeError(id);
  t.is(sockets.poll(id, socketEvent.readable), socketEvent.invalid);
});

test('a socket that found no way to the network may try again', (t) => {
  const { sockets, give } = setUp();
  const id = sockets.create();
  sockets.connect(id, '192.168.4.1', 8_123);
  give(hostRecord.socketFailed, id, errno.EHOSTUNREACH);
  t.is(sockets.wait(id, socketEvent.writable, 1_000), socketEvent.hangUp);
  t.is(sockets.takeError(id), errno.EHOSTUNREACH);
  t.is(sockets.connect(id, '192.168.4.1', 8_123), 0);
});

test('a wait for room to send ends in time, although the peer has closed its side', (t) => {
  const { sockets, give, connected, cpu } = setUp();
  const id = connected();
  sockets.send(id, new Uint8Array(SEND_BUFFER));
  give(hostRecord.socketPeerClosed, id);
  const before = cpu.now();
  t.is(sockets.wait(id, socketEvent.writable, 500), 0);
  t.true(cpu.now() - before >= 500_000);
});

test('the send buffer takes two segments, then nothing until the peer acknowledges', (t) => {
  const { sockets, give, connected, told } = setUp();
  const id = connected();
  t.is(sockets.send(id, new Uint8Array(1_000)), 1_000);
  t.is(sockets.send(id, new Uint8Array(1_000)), SEND_BUFFER - 1_000);
  t.is(sockets.send(id, new Uint8Array(1)), -errno.EAGAIN);
  t.is(sockets.poll(id, socketEvent.writable), 0);
  give(hostRecord.socketAcked, id, 10);
  t.is(sockets.poll(id, socketEvent.writable), socketEvent.writable);
  t.is(sockets.send(id, new Uint8Array(11)), 10);
  t.deepEqual(
    told().filter(([kind]) => kind === deviceRecord.socketSend),
    [1_000, SEND_BUFFER - 1_000, 10].map((length) => [deviceRecord.socketSend, id, 0, length]),
  );
});

test('received bytes come out in order across chunks; then EAGAIN, then the end of the stream', (t) => {
  const { sockets, give, connected } = setUp();
  const id = connected();
  t.is(sockets.receive(id, new Uint8Array(1)), -errno.EAGAIN);
  give(hostRecord.socketData, id, 0, Uint8Array.of(1, 2, 3));
  give(hostRecord.socketData, id, 0, Uint8Array.of(4, 5));
  give(hostRecord.socketPeerClosed, id);
  const got: number[] = [];
  for (const length of [2, 2, 9]) {
    const buffer = new Uint8Array(length);
    const count = sockets.receive(id, buffer);
    got.push(...buffer.subarray(0, count));
  }
  t.deepEqual(got, [1, 2, 3, 4, 5]);
  t.is(sockets.receive(id, new Uint8Array(1)), 0);
  t.is(sockets.poll(id, socketEvent.readable), socketEvent.readable, 'no hang-up: a read tells');
  t.is(sockets.poll(id, socketEvent.writable), socketEvent.writable, 'nor does a writer hang');
});

test('what was read is told the network when the buffer is empty, or a segment has been read', (t) => {
  const { sockets, give, connected, told } = setUp();
  const id = connected();
  give(hostRecord.socketData, id, 0, new Uint8Array(1_000));
  for (let index = 0; index < 1_000; index += 1) sockets.receive(id, new Uint8Array(1));
  const consumed = told().filter(([kind]) => kind === deviceRecord.socketConsumed);
  t.deepEqual(
    consumed.map(([, , bytes]) => bytes),
    [536, 464],
  );
});

test('what was not read when an error came is gone: the error shows at once, and then the socket is none', (t) => {
  const { sockets, give, connected } = setUp();
  const id = connected();
  give(hostRecord.socketData, id, 0, Uint8Array.of(9));
  give(hostRecord.socketFailed, id, errno.ECONNRESET);
  const buffer = new Uint8Array(8);
  t.is(sockets.receive(id, buffer), -errno.ECONNRESET);
  t.is(sockets.receive(id, buffer), -errno.EBADF);
  t.is(sockets.send(id, buffer), -errno.EBADF);
});

test('a connected socket says that it is, one that never was says that too', (t) => {
  const { sockets, connected } = setUp();
  t.is(sockets.connect(connected(), '192.168.4.1', 8_123), -errno.EISCONN);
  const fresh = sockets.create();
  t.is(sockets.receive(fresh, new Uint8Array(1)), -errno.ENOTCONN);
  t.is(sockets.send(fresh, new Uint8Array(1)), -errno.ENOTCONN);
});

/** Segments of one byte for `id`. */
const flood = ({ give }: ReturnType<typeof setUp>, id: number, segments: number) => {
  for (let count = 0; count < segments; count += 1) give(hostRecord.socketData, id, 0, Uint8Array.of(count));
};

test('unread segments fill the receive queue, however short; the next one ends all reception, for ever', (t) => {
  const rig = setUp();
  const { sockets, connected, cpu, told, printed } = rig;
  cpu.addSource(sockets.queue);
  const [first, second] = [connected(), connected()];
  flood(rig, first, RECEIVE_BUFFERS - 1);
  flood(rig, second, 1);
  cpu.sleepUntil(cpu.now() + 5_000_000);
  t.deepEqual(printed, [], 'full is not yet too full');
  flood(rig, second, 1);
  t.true(sockets.queue.isBlocked);
  cpu.sleepUntil(cpu.now() + 3_500_000);
  t.deepEqual(printed, Array(4).fill('LmacRxBlk:1\r\n'), 'once a second');
  t.is(told().filter(([kind]) => kind === deviceRecord.radioBlocked).length, 1);
  sockets.closeAll();
  const later = connected();
  flood(rig, later, 1);
  t.is(sockets.receive(later, new Uint8Array(1)), -errno.EAGAIN, 'closing every socket does not help');
  cpu.sleepUntil(cpu.now() + 2_000_000);
  t.is(printed.length, 6);
});

test('what is read, closed or reset in time leaves the receive queue', (t) => {
  const rig = setUp();
  const { sockets, connected, give } = rig;
  const buffer = new Uint8Array(4);
  const read = connected();
  flood(rig, read, RECEIVE_BUFFERS);
  sockets.receive(read, buffer.subarray(0, 2));
  flood(rig, read, 2);
  sockets.close(read);
  const reset = connected();
  flood(rig, reset, RECEIVE_BUFFERS);
  give(hostRecord.socketFailed, reset, errno.ECONNRESET);
  const last = connected();
  give(hostRecord.socketData, last, 0, new Uint8Array(6));
  flood(rig, last, RECEIVE_BUFFERS - 1);
  sockets.receive(last, buffer);
  t.false(sockets.queue.isBlocked);
  flood(rig, last, 1);
  t.true(sockets.queue.isBlocked, 'a segment that was read in part still holds its buffer');
});

test('a blocking wait ends with the event, with its timeout, or with the chip', (t) => {
  const data: HostEvent = { atUs: 5_000, kind: hostRecord.socketData, a: 1, bytes: Uint8Array.of(1) };
  const { cpu, sockets, connected } = setUp([data]);
  const id = connected();
  t.is(sockets.wait(id, socketEvent.readable, 1), 0);
  t.true(cpu.now() >= 1_000 && cpu.now() < 2_000);
  t.is(sockets.wait(id, socketEvent.readable, -1), socketEvent.readable);
  t.is(Math.round(cpu.now()), 5_000);

  const stopped = setUp([{ atUs: 9_000, kind: hostRecord.stop }]);
  const waiting = stopped.connected();
  t.is(stopped.sockets.wait(waiting, socketEvent.readable, -1), 0);
  t.true(stopped.cpu.stopped);
});

test('five sockets at a time; a closed one frees its place, and is closed once', (t) => {
  const { sockets, told } = setUp();
  const ids = Array.from({ length: 5 }, () => sockets.create());
  t.is(sockets.create(), -errno.ENOMEM);
  const [first = 0] = ids;
  sockets.close(first);
  sockets.close(first);
  t.true(sockets.create() > 0);
  t.is(told().filter(([kind]) => kind === deviceRecord.socketClose).length, 1);
  t.is(sockets.receive(first, new Uint8Array(1)), -errno.EBADF);
  t.is(sockets.send(first, new Uint8Array(1)), -errno.EBADF);
  t.is(sockets.poll(first, socketEvent.readable), socketEvent.invalid);
});

test('the bus takes nine bits a byte at its frequency, and nobody answering is ENODEV', (t) => {
  const cpu = makeCpu(new FakeMemory());
  const bus = new I2cController(cpu);
  t.is(
    bus.read(0x12, () => new Uint8Array(3)),
    -errno.ENODEV,
  );
  t.is(bus.write(0x12, Uint8Array.of(1)), -errno.ENODEV);
  bus.accept({ kind: hostRecord.i2cAddress, atUs: 0, a: 0x12, b: 0, bytes: new Uint8Array(0) });
  const read = (hertz: number, length: number) => {
    bus.configure({ scl: 0, sda: 2, hertz, timeoutUs: 50_000 });
    const startUs = cpu.now();
    bus.read(0x12, () => new Uint8Array(length));
    return cpu.now() - startUs;
  };
  // A fourth of the frequency: each byte takes three times 22.5 µs more.
  const difference = read(100_000, 10) - read(400_000, 10);
  t.true(Math.abs(difference - 11 * 67.5) < 1e-6, String(difference));
});

test('a target that the host arms anew during a write acknowledges what is armed then', (t) => {
  const rearm: HostEvent = { atUs: 400, kind: hostRecord.i2cArmReceive, a: 2 };
  const memory = new FakeMemory([rearm]);
  const cpu = makeCpu(memory, (record) => bus.accept(record));
  const bus = new I2cController(cpu);
  bus.accept({ kind: hostRecord.i2cAddress, atUs: 0, a: 0x12, b: 0, bytes: new Uint8Array(0) });
  bus.accept({ kind: hostRecord.i2cArmReceive, atUs: 0, a: 20, b: 0, bytes: new Uint8Array(0) });
  t.is(bus.write(0x12, new Uint8Array(20)), 2);
  t.is(bus.write(0x12, new Uint8Array(20)), 0, 'Nothing more is armed.');
});

test('print returns at once while the FIFO has room, and then goes at the speed of the line', (t) => {
  const memory = new FakeMemory();
  const cpu = makeCpu(memory);
  const uart = new Uart(cpu);
  cpu.addSource(uart);
  for (let index = 0; index < UART_FIFO_BYTES; index += 1) uart.print(0x41);
  t.true(cpu.now() < 200, String(cpu.now()));
  const startUs = cpu.now();
  for (let index = 0; index < 1_000; index += 1) uart.print(0x41);
  const byteUs = (cpu.now() - startUs) / 1_000;
  t.true(Math.abs(byteUs - 86.8) < 1, String(byteUs));
});

test('a line feed goes out as two characters, a line that is not ended after the latency', (t) => {
  const memory = new FakeMemory();
  const cpu = makeCpu(memory);
  const uart = new Uart(cpu);
  cpu.addSource(uart);
  for (const byte of new TextEncoder().encode('a\nrest')) uart.print(byte);
  cpu.sleepUntil(50_000);
  uart.printAt(bootTimes.romBaud, 'ROM\r\n');
  cpu.sleepUntil(100_000);
  memory.deliver();
  const printed = memory.told.map(({ a, bytes }) => [a, new TextDecoder().decode(bytes)]);
  t.deepEqual(printed, [
    [bootTimes.baud, 'a\r\n'],
    [bootTimes.baud, 'rest'],
    [bootTimes.romBaud, 'ROM\r\n'],
  ]);
});
