/** Every module name that firmware of the MicroPython 1.13–1.27 era imports is there, and says it is an ESP8266. */
import test from 'ava';
import { bootBoard } from '../../fixtures/esp8266-modules/fake-board.js';

const NAMES = [
  'array uarray binascii ubinascii collections ucollections errno uerrno gc hashlib uhashlib heapq uheapq io uio',
  'json ujson math micropython os uos random urandom re ure select uselect socket usocket ssl ussl struct ustruct',
  'sys usys time utime uctypes uzlib vfs cryptolib ucryptolib websocket uwebsocket machine umachine network esp',
  'asyncio asyncio.core asyncio.stream asyncio.event asyncio.lock asyncio.funcs',
  'uasyncio uasyncio.core uasyncio.stream uasyncio.event uasyncio.lock uasyncio.funcs',
  'ntptime flashbdev inisetup _boot port_diag webrepl onewire ds18x20 dht neopixel apa106 upip urequests requests utimeq btree lwip _onewire _webrepl espnow aioespnow websocket_helper upysh mip',
  'umqtt umqtt.simple umqtt.robust',
]
  .join(' ')
  .split(' ');

test.serial('every module name of the port can be imported', async (t) => {
  const board = await bootBoard();
  for (const name of NAMES) t.notThrows(() => board.run(`import ${name}`), name);
});

test.serial('modules that the interpreter has and the port has not cannot be imported', async (t) => {
  const board = await bootBoard();
  const names = 'abc copy datetime functools itertools logging pathlib string types unittest zlib';
  for (const name of names.split(' ')) {
    t.throws(() => board.run(`import ${name}`), { message: new RegExp(`no module named '${name}'`) });
  }
  t.is(
    board.run("import binascii\nprint(hasattr(binascii, 'table_a2b_base64'))"),
    'False',
    'it is the one in C',
  );
});

test.serial('what is C on a chip has no file', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run('import sys, os, machine\nprint(sys, os, machine)'),
    "<module 'sys'> <module 'os'> <module 'machine'>",
  );
});

test.serial('the u-names are the same modules as the plain ones', async (t) => {
  const board = await bootBoard();
  for (const name of [
    'time',
    'os',
    'sys',
    'select',
    'asyncio',
    'random',
    'errno',
    'struct',
    'json',
    'collections',
  ]) {
    const same = `import ${name}, u${name}\nprint(all(getattr(u${name}, n) is getattr(${name}, n) for n in dir(u${name}) if n[0] != '_'))`;
    t.is(board.run(same), 'True', name);
  }
});

test.serial('names are taken from a u-module, as firmware does', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run(`
import uasyncio as asyncio, uasyncio.core as core
from uasyncio import StreamReader, Event, Lock, wait_for, wait_for_ms, gather, CancelledError, TimeoutError
from uasyncio.core import Task
from utime import ticks_ms, ticks_diff
print(asyncio.core is core, asyncio.StreamReader is StreamReader)`),
    'True True',
  );
});

test.serial('sys says that it is an ESP8266', async (t) => {
  const board = await bootBoard();
  t.is(
    board.run(
      'import sys\nprint(sys.platform, sys.implementation.name, sys.implementation.version[:2], repr(sys.path[1]))',
    ),
    "esp8266 micropython (1, 27) ''",
  );
  t.is(board.run('import os\nprint(os.uname().sysname, os.uname()[4])'), 'esp8266 ESP module with ESP8266');
});

test.serial('a module in flash hides a frozen one but not one of the port', async (t) => {
  const board = await bootBoard({ 'urequests.py': 'mine = True', 'network.py': 'mine = True' });
  t.is(
    board.run('import urequests, network\nprint(hasattr(urequests, "mine"), hasattr(network, "mine"))'),
    'True False',
  );
});

test.serial('flash may bring its own asyncio', async (t) => {
  const board = await bootBoard({ 'asyncio/__init__.py': 'mine = True' });
  t.is(board.run('import asyncio, uasyncio\nprint(asyncio.mine, uasyncio.mine)'), 'True True');
});

test.serial('what the board lacks says so when it is used', async (t) => {
  const board = await bootBoard();
  const uses = [
    'import ussl; ussl.wrap_socket(None, server_side=True)',
    'import machine; machine.PWM(machine.Pin(4))',
    'import machine; machine.SPI(1)',
    'import onewire; onewire.OneWire(None)',
    'import ntptime; ntptime.settime()',
    'import webrepl; webrepl.start()',
  ];
  for (const use of uses) t.throws(() => board.run(use), { message: /OSError.*virtual board/s }, use);
});
