/** The firmware's end of the wires against a scripted client (docs/protocol.md §3), in MicroPython. */
import test from 'ava';
import { loadFirmware } from './firmware-modules.js';

const call = await loadFirmware('responder_checks');

const NO_DATA = [[0, 0], ''];

test('an exchange carries a payload each way, and ends with ack low', (t) => {
  const sent = [[16, 0], 'from the device\n'];
  t.deepEqual(call('both_ways'), [[sent], 'from the client\n', true, 0]);
});

test('the device holds the client off while it has two unread payloads, and gives them in order', (t) => {
  t.deepEqual(call('hold_off_of_the_device'), [
    [0, 0x80, 0x80, 0, 0x80],
    ['first', 'second', 'third', null],
  ]);
});

test('the device keeps its payload while the client holds off, and takes no second one', (t) => {
  t.deepEqual(call('hold_off_of_the_client'), [null, [NO_DATA, [[5, 0], 'kept\n']]]);
});

test('a line of 450 bytes goes in three payloads', (t) => {
  t.deepEqual(call('long_line'), [200, 200, 50]);
});

test('payloads of every length arrive unchanged both ways', (t) => {
  t.deepEqual(call('every_length'), []);
});

test('a payload of more than 200 bytes ends the exchange, and the application learns of it', (t) => {
  t.deepEqual(call('too_long'), ['payload of more than 200 bytes announced', true, 1]);
});

test('an interrupt that comes late does nothing', (t) => {
  t.deepEqual(call('late_interrupt'), [0, true]);
});

test('no exchange is lost when the next one begins just as the interrupt is armed again', (t) => {
  for (const pause of [1, 2, 3, 4, 5, 10]) t.is(call('back_to_back', pause), 5, `pause of ${pause} steps`);
});

test('the handler allocates nothing once a payload of that length has come', (t) => {
  t.deepEqual(call('handler_allocates'), [['None', 'None', 'None'], true, 9]);
});
