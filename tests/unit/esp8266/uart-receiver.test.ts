/** UART0's receiver: characters arrive at the line's speed, and what nobody reads in time is lost. */
import test from 'ava';
import { costs } from '../../../drivers/virtual/esp8266/chip/costs.js';
import { INPUT_BYTES, UartReceiver } from '../../../drivers/virtual/esp8266/chip/uart-receiver.js';
import { FakeMemory, makeCpu } from './fake-memory.js';

const CTRL_C = 3;

function setUp() {
  const cpu = makeCpu(new FakeMemory());
  const receiver = new UartReceiver(cpu);
  cpu.addSource(receiver);
  const text = (count: number) => new TextDecoder().decode(receiver.read(count));
  return { cpu, receiver, text };
}

const encode = (text: string) => new TextEncoder().encode(text);

test('characters arrive one after the other, at the speed of the line', (t) => {
  const { cpu, receiver, text } = setUp();
  receiver.typed(encode('abcd'));
  t.is(receiver.available(), 0);
  cpu.sleepUntil(2.5 * costs.uartByteUs);
  t.is(receiver.available(), 2);
  receiver.typed(encode('e'));
  cpu.sleepUntil(5.1 * costs.uartByteUs);
  t.is(receiver.available(), 5);
  t.is(text(2), 'ab');
  t.is(text(9), 'cde');
});

test('twice the baud rate takes half the time, and is what was measured last', (t) => {
  const { cpu, receiver } = setUp();
  receiver.typed(encode('ab'), 230_400);
  cpu.sleepUntil(1.01 * costs.uartByteUs);
  t.deepEqual([receiver.available(), receiver.baud], [2, 230_400]);
});

test('what arrives while the buffer is full is lost, and the buffer takes more once it is read', (t) => {
  const { cpu, receiver, text } = setUp();
  receiver.typed(encode('a'.repeat(200) + 'b'.repeat(200)));
  cpu.sleepUntil(401 * costs.uartByteUs);
  t.is(receiver.available(), INPUT_BYTES);
  t.is(text(INPUT_BYTES), 'a'.repeat(200) + 'b'.repeat(56));
  receiver.typed(encode('c'));
  cpu.sleepUntil(403 * costs.uartByteUs);
  t.is(text(9), 'c');
});

test('the interrupt character is not received, and overtakes what waits to be read', (t) => {
  const { cpu, receiver, text } = setUp();
  receiver.typed(Uint8Array.of(0x61, CTRL_C, 0x62));
  cpu.sleepUntil(4 * costs.uartByteUs);
  t.false(cpu.interrupted);
  t.is(text(9), 'a\u0003b');

  receiver.interruptCharacter = () => CTRL_C;
  receiver.typed(Uint8Array.of(0x61, CTRL_C, 0x62));
  cpu.sleepUntil(1_000_000);
  t.true(cpu.interrupted);
  t.true(cpu.now() < 7 * costs.uartByteUs);
  t.is(text(9), 'a');
});
