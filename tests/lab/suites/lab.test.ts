/** The lab itself: each of its kernel interfaces does what the suites rely on, by tools that the rig has no part in. */
import test from 'ava';
import { must, Program, tool } from '../inside/program.js';
import { AP_INTERFACE, CONTROL, Radios } from '../inside/radios.js';
import { BOARD_PORT, FarEnd, plugUsb, USB_PORT, unplugUsb } from '../inside/serial-port.js';
import { SimulatedBus } from '../inside/simulated-bus.js';
import { SimulatedChip } from '../inside/simulated-chip.js';
import { until } from '../inside/wait.js';

test('lines: gpioget, gpioset and gpiomon see what the simulated wires do, and the other way round', async (t) => {
  const chip = await SimulatedChip.create('lab-lines', ['SYN', 'ACK']);
  try {
    chip.pull('ACK', 1);
    t.is((await must('gpioget', chip.device, '1')).trim(), '1');
    const setter = new Program('gpioset', ['--mode=signal', chip.device, '0=1']);
    await until('SYN high', () => chip.level('SYN') === 1 || undefined);
    t.regex(await must('gpioinfo', chip.device), /"SYN"\s+"gpioset"\s+output/);
    await setter.end('SIGTERM');
    t.regex(await must('gpioinfo', chip.device), /"SYN"\s+unused/);
    const monitor = new Program('gpiomon', [
      '--line-buffered',
      '--num-events=2',
      '--format=%e',
      chip.device,
      '1',
    ]);
    await until('gpiomon', async () => /gpiomon/.test(await must('gpioinfo', chip.device)) || undefined);
    chip.pull('ACK', 0);
    await monitor.prints(/0/);
    chip.pull('ACK', 1);
    t.deepEqual((await monitor.ended).output.trim().split(/\s+/), ['0', '1']);
  } finally {
    await chip.remove();
  }
  t.notRegex(await must('gpiodetect'), /lab-lines/);
});

test('I2C: the tools find the device, read and write its registers, and miss what is not there', async (t) => {
  const bus = await SimulatedBus.create(7);
  try {
    const registers = new Map([[2, 0x1234]]);
    let pointer = 0;
    bus.devices.set(0x40, {
      written: ([register = 0, high, low]) => {
        pointer = register;
        if (high !== undefined && low !== undefined) registers.set(register, high * 256 + low);
      },
      read: (lengthBytes) => {
        const value = registers.get(pointer) ?? 0;
        return [value >> 8, value & 0xff].slice(0, lengthBytes);
      },
    });
    t.regex(await must('i2cdetect', '-y', '-r', '7', '0x3e', '0x42'), /40: 40 -- --/);
    t.is((await must('i2cget', '-y', '7', '0x40', '2', 'w')).trim(), '0x3412');
    t.is((await must('i2ctransfer', '-y', '7', 'w1@0x40', '2', 'r2')).trim(), '0x12 0x34');
    await must('i2ctransfer', '-y', '7', 'w3@0x40', '5', '0xca', '0xfe');
    t.is(registers.get(5), 0xcafe);
    t.not((await tool('i2cget', '-y', '7', '0x41', '2', 'w')).status, 0);
    bus.busyAddress = 0x40;
    t.regex(await must('i2cdetect', '-y', '-r', '7', '0x3e', '0x42'), /40: UU -- --/);
    bus.busyAddress = undefined;
    bus.hold();
    t.not((await tool('i2cget', '-y', '7', '0x40', '2', 'w')).status, 0);
  } finally {
    await bus.remove();
  }
  t.not((await tool('i2cget', '-y', '7', '0x40', '2', 'w')).status, 0);
});

test('UART: bytes go both ways between the port and its far end', async (t) => {
  const far = await FarEnd.open('uart');
  try {
    await must('stty', '-F', BOARD_PORT, '115200', 'raw', '-echo');
    const reader = new Program('head', ['-c', '6', BOARD_PORT]);
    await until('reader', async () => {
      const fds = await tool('sh', '-c', `ls -l /proc/${reader.child.pid}/fd`);
      return fds.output.includes(BOARD_PORT) || undefined;
    });
    far.send('boot\r\n');
    t.is((await reader.ended).output, 'boot\r\n');
    await must('sh', '-c', `printf hello >${BOARD_PORT}`);
    await until('hello', () => far.received().toString() === 'hello' || undefined);
  } finally {
    far.close();
  }
  t.pass();
});

test('USB serial: the port comes and goes with its plug', async (t) => {
  await plugUsb();
  const far = await FarEnd.open('usb');
  await must('stty', '-F', USB_PORT, '115200', 'raw', '-echo');
  await must('sh', '-c', `printf hello >${USB_PORT}`);
  await until('hello', () => far.received().toString() === 'hello' || undefined);
  far.close();
  await unplugUsb();
  t.not((await tool('stty', '-F', USB_PORT)).status, 0);
});

test('WiFi: a station joins, its packets arrive, and hostapd takes the network off the air and back', async (t) => {
  const radios = await Radios.create();
  const hostapd = (...words: string[]) => must('hostapd_cli', '-p', CONTROL, '-i', AP_INTERFACE, ...words);
  try {
    await radios.startStation();
    t.regex(await hostapd('all_sta'), new RegExp(radios.stationMac));
    t.is(await radios.pings(3), 3);
    t.regex(await hostapd('disable'), /OK/);
    await radios.associated(false);
    t.regex(await hostapd('enable'), /OK/);
    await radios.associated(true);
    t.is(await radios.pings(3), 3);
  } finally {
    await radios.remove();
  }
});
