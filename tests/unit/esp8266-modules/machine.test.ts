/** `machine` and `network`: pins and their interrupts, timers, the I2C bus, and the WiFi interfaces. */
import test from 'ava';
import { bootBoard } from '../../fixtures/esp8266-modules/fake-board.js';

test.serial('a pin has its number, one object, and its level', async (t) => {
  const board = await bootBoard();
  board.setPin(4, 0);
  t.is(
    board.run(`
from machine import Pin
a = Pin(5, Pin.OUT, value=1)
b = Pin(4, Pin.IN, Pin.PULL_UP)
print(Pin(5) is a, Pin(a) is a, a, a(), b.value())
a(0)
a.value(True)
a.off()
a.on()`),
    'True True Pin(5) 1 0',
  );
  t.deepEqual(board.calls, [
    'pin_write(5, 1)',
    'pin_mode(5, 1, 0, 0)',
    'pin_mode(4, 0, 1, 0)',
    'pin_write(5, 0)',
    'pin_write(5, 1)',
    'pin_write(5, 0)',
    'pin_write(5, 1)',
  ]);
});

test.serial('the pins of the flash chip, and those that are none, are refused', async (t) => {
  const board = await bootBoard();
  const program = `
from machine import Pin
refused = []
for n in range(-1, 18):
    try:
        Pin(n)
    except ValueError as e:
        refused.append(n)
        text = str(e)
print(refused, text)`;
  t.is(board.run(program), '[-1, 6, 7, 8, 9, 10, 11, 17] invalid pin');
});

test.serial('an edge runs the handler with the pin; other edges and pins do not', async (t) => {
  const board = await bootBoard();
  board.setPin(5, 0);
  board.setPin(4, 0);
  board.run(`
from machine import Pin
seen = []
irq = Pin(5, Pin.IN).irq(handler=lambda pin: seen.append((pin, pin())), trigger=Pin.IRQ_RISING, hard=True)`);
  board.setPin(5, 1);
  board.setPin(5, 0);
  board.setPin(4, 1);
  t.is(board.run('print(seen, irq.trigger())'), '[(Pin(5), 1)] 1');
  board.run('Pin(5).irq(handler=None)');
  board.setPin(5, 1);
  t.is(board.run('print(len(seen))'), '1');
});

test.serial('a handler that raises is printed, and stays armed as on the chip', async (t) => {
  const board = await bootBoard();
  board.setPin(5, 0);
  board.clock.at(10, () => board.setPin(5, 1));
  board.clock.at(20, () => board.setPin(5, 0));
  const printed = board.run(`
from machine import Pin
import utime
count = 0
def handler(pin):
    global count
    count += 1
    raise ValueError('in handler')
Pin(5).irq(handler)
utime.sleep_ms(30)
print(count)`);
  t.is(printed.split('ValueError: in handler').length, 3);
  t.is(printed.split('\n').at(-1), '2');
});

test.serial('timers fire once or again and again, until they are stopped', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run(`
from machine import Timer
import utime
start = utime.ticks_ms()
seen = []
a = Timer(-1)
b = Timer(-1)
a.init(period=10, mode=Timer.PERIODIC, callback=lambda timer: seen.append('a'))
b.init(period=25, mode=Timer.ONE_SHOT, callback=lambda timer: seen.append('b' if timer is b else '?'))
utime.sleep_ms(35)
a.deinit()
utime.sleep_ms(100)
print(seen)`),
    "['a', 'a', 'b', 'a']",
  );
});

test.serial('the I2C bus reads and writes at an address', async (t) => {
  const board = await bootBoard();
  board.i2cData = [3, 0x80, 7, 8];
  t.is(
    board.run(`
from machine import I2C, SoftI2C, Pin
i2c = I2C(scl=Pin(0), sda=Pin(2), freq=100000)
buf = bytearray(2)
i2c.readfrom_into(0x12, buf)
print(buf, i2c.readfrom(0x12, 3), i2c.writeto(0x12, b'ab'), i2c.writeto(0x12, 'é'), i2c.scan())
i2c.readfrom_into(0x12, memoryview(buf)[1:])
print(buf, i2c.writevto(0x12, [b'a', bytearray(b'b')]), i2c.readfrom_mem(0x12, 0x1f, 2))
i2c.writeto_mem(0x12, 0x102, b'z', addrsize=16)
try:
    i2c.writeto(0x33, b'')
except OSError as e:
    print(e.args[0])`),
    "bytearray(b'\\x03\\x80') b'\\x03\\x80\\x07' 2 2 [18]\nbytearray(b'\\x03\\x03') 2 b'\\x03\\x80'\n19",
  );
  t.deepEqual(
    board.calls.filter((call) => call.startsWith('i2c_w') || call.startsWith('i2c_init')),
    [
      'i2c_init(0, 2, 100000, 50000)',
      'i2c_write(18, 97 98, 1)',
      'i2c_write(18, 195 169, 1)',
      'i2c_write(18, 97 98, 1)',
      'i2c_write(18, 31, 0)',
      'i2c_write(18, 1 2 122, 1)',
      'i2c_write(51, , 1)',
    ],
  );
});

test.serial('two buses on different pins are told apart', async (t) => {
  const board = await bootBoard();
  board.run(`
from machine import SoftI2C, Pin
a = SoftI2C(Pin(0), Pin(2))
b = SoftI2C(scl=Pin(5), sda=Pin(4))
a.writeto(0x12, b'x')
a.writeto(0x12, b'x')
b.writeto(0x12, b'x')`);
  t.deepEqual(
    board.calls.filter((call) => call.startsWith('i2c_init')),
    [
      'i2c_init(0, 2, 400000, 50000)',
      'i2c_init(5, 4, 400000, 50000)',
      'i2c_init(0, 2, 400000, 50000)',
      'i2c_init(5, 4, 400000, 50000)',
    ],
  );
});

test.serial('clocks, identity and reset', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run(`
import machine
machine.freq(160000000)
try:
    machine.freq(1)
except ValueError as e:
    print(e)
print(machine.freq(), machine.unique_id(), machine.reset_cause() == machine.PWRON_RESET)
state = machine.disable_irq()
machine.enable_irq(state)
machine.RTC().datetime((2026, 3, 4, 2, 5, 6, 7, 0))
machine.reset()`),
    "frequency can only be either 80Mhz or 160MHz\n160000000 b'\\x01\\x02\\x03\\x00' True",
  );
  t.deepEqual(board.calls, ['interrupts(0)', 'interrupts(1)', 'rtc_set(825915967, 0)', 'reset()']);
});

test.serial('a pulse is measured, and a missing one told', async (t) => {
  const board = await bootBoard();
  board.setPin(5, 0);
  board.clock.at(1, () => board.setPin(5, 1));
  board.clock.at(3, () => board.setPin(5, 0));
  t.is(
    board.run(`
from machine import Pin, time_pulse_us
us = time_pulse_us(Pin(5), 1)
print(1950 < us < 2050, time_pulse_us(Pin(5), 1, 1000))`),
    'True -2',
  );
});

test.serial('the WiFi interfaces are two objects with the answers of the port', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run(`
import network
sta = network.WLAN(network.STA_IF)
ap = network.WLAN(network.AP_IF)
print(network.WLAN(network.STA_IF) is sta, sta is ap, sta.active(), ap.active())
sta.active(True)
sta.connect('bench', 'secret')
sta.connect()
print(sta.active(), sta.isconnected(), sta.status() == network.STAT_GOT_IP, sta.status('rssi'))
print(sta.ifconfig())
print(sta.config('mac'), sta.config('essid'), sta.config('rssi'))
print(sta.scan())
try:
    ap.connect('x', 'y')
except OSError as e:
    print(e)`),
    [
      'True False False False',
      'True True True -61',
      "('10.0.0.2', '255.255.255.0', '10.0.0.1', '10.0.0.1')",
      "b'\\\\\\xcf\\x7f\\x01\\x02\\x03' bench -61",
      "[(b'bench', b'\\x02\\x00rig0', 6, -61, 3, 0)]",
      'STA required',
    ].join('\n'),
  );
  t.deepEqual(board.calls, ['wifi_connect(bench, secret)', 'wifi_connect(, )']);
});

test.serial('a deep sleep lasts as long as it is told, or until the alarm that is to end it', async (t) => {
  const board = await bootBoard();
  board.run(`
import machine
machine.deepsleep()
machine.deepsleep(5000)
rtc = machine.RTC()
rtc.irq(trigger=rtc.ALARM0, wake=machine.DEEPSLEEP)
rtc.alarm(rtc.ALARM0, 10000)
machine.deepsleep()
machine.deepsleep(5000)
machine.lightsleep(4000)
machine.deepsleep()
machine.lightsleep(7000)
machine.deepsleep()
import esp
esp.deepsleep(3000000)`);
  t.deepEqual(
    board.calls,
    [0, 5_000, 10_000, 5_000, 6_000, 1, 3_000].map((sleepMs) => `deep_sleep(${sleepMs})`),
  );
});
