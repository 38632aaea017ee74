/** `umqtt`, which the port has frozen, with a broker that is scripted. */
import test from 'ava';
import { bootBoard } from '../../fixtures/esp8266-modules/fake-board.js';

/** A packet of MQTT in hexadecimal digits, as the client sends it. */
const hex = (bytes: readonly number[]) => Buffer.from(bytes).toString('hex');
const packet = (...bytes: number[]) => String.fromCharCode(...bytes);

const answer = ({ incoming }: { readonly incoming: number[] }, bytes: string) =>
  incoming.push(...Buffer.from(bytes, 'latin1'));

const ACCEPTED = packet(0x20, 2, 0, 0);
const MESSAGE = `${packet(0x32, 10, 0, 1)}t${packet(0, 7)}hello`;

test.serial('an MQTT client connects, subscribes, receives, acknowledges and publishes', async (t) => {
  const board = await bootBoard();
  const sent: (readonly number[])[] = [];
  board.sockets.onConnect = (socket) => {
    sent.push(socket.sent);
    answer(
      socket,
      `${ACCEPTED}${packet(0x90, 3, 0, 1, 0)}${MESSAGE}${packet(0x40, 2, 0, 2)}${packet(0xd0, 0)}`,
    );
  };
  t.is(
    board.run(`
from umqtt.simple import MQTTClient
m = MQTTClient('id', '10.0.0.1', keepalive=60, user='me', password='pw')
m.set_last_will('gone', 'x')
m.set_callback(print)
print(m.connect())
m.subscribe('t')
m.wait_msg()
m.publish('u', 'y' * 130, qos=1)
m.ping()
print(m.check_msg(), m.check_msg())
m.disconnect()`),
    "0\nb't' b'hello'\nNone None",
  );
  const text = (value: string) => hex([0, value.length, ...Buffer.from(value)]);
  t.is(
    hex(sent[0] ?? []),
    [
      `101f${text('MQTT')}04c6003c${text('id')}${text('gone')}${text('x')}${text('me')}${text('pw')}`,
      `82060001${text('t')}00`,
      '40020007',
      `328701${text('u')}0002${'79'.repeat(130)}`,
      'c000',
      'e000',
    ].join(''),
  );
});

test.serial(
  'the robust client connects anew, without clearing its session, when the broker hangs up',
  async (t) => {
    const board = await bootBoard();
    const sent: (readonly number[])[] = [];
    board.sockets.onConnect = (socket) => {
      sent.push(socket.sent);
      answer(socket, sent.length === 1 ? ACCEPTED : `${ACCEPTED}${MESSAGE}`);
      socket.peerClosed = sent.length === 1;
    };
    t.is(
      board.run(`
from umqtt.robust import MQTTClient
m = MQTTClient('id', '10.0.0.1')
m.set_callback(print)
m.connect()
m.wait_msg()`),
      "b't' b'hello'",
    );
    const flags = sent.map((bytes) => bytes[9]);
    t.deepEqual(flags, [2, 0]);
  },
);
