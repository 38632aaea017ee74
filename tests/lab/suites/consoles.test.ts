/** The contract of the console, on a UART of the kernel's and on one behind USB that is pulled and plugged. */
import { openConsole } from '../../../drivers/pi/serial/console.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import {
  type PluggableConsoleBench,
  testConsoleOpening,
  testForbiddenConsole,
  testPluggableConsole,
  testUartConsole,
} from '../../contract/console-suite.js';
import { becomeNobody, becomeRootAgain } from '../inside/another-user.js';
import { BOARD_PORT, FarEnd, plugUsb, USB_PORT, unplugUsb } from '../inside/serial-port.js';

const open = (path: string, clock = new SystemClock()) =>
  openConsole({ driver: 'serial', path, baud: 115_200, romBaud: 74_880, modemLines: 'unconnected' }, clock);

async function asNobody(body: () => Promise<void>): Promise<void> {
  becomeNobody();
  try {
    await body();
  } finally {
    becomeRootAgain();
  }
}

async function withConsole(
  port: 'uart' | 'usb',
  body: (bench: PluggableConsoleBench) => Promise<void>,
): Promise<void> {
  const clock = new SystemClock();
  const far = await FarEnd.open(port);
  const console = await open(port === 'uart' ? BOARD_PORT : USB_PORT, clock);
  try {
    await body({
      clock,
      console,
      devicePrints: async (text) => far.send(text),
      deviceReceived: () => [...far.received()],
      unplug: unplugUsb,
      plugIn: plugUsb,
    });
  } finally {
    await console.close();
    far.close();
  }
}

async function withUsb(body: () => Promise<void>): Promise<void> {
  await plugUsb();
  try {
    await body();
  } finally {
    await unplugUsb().catch(() => undefined);
  }
}

testUartConsole('UART', (body) => withConsole('uart', body));
testConsoleOpening('UART', (body) => body({ path: BOARD_PORT, open }));
testForbiddenConsole('UART', (body) => body({ path: BOARD_PORT, open, asStranger: asNobody }));

testUartConsole('USB serial', (body) => withUsb(() => withConsole('usb', body)));
testPluggableConsole('USB serial', (body) => withUsb(() => withConsole('usb', body)));
testConsoleOpening('USB serial', (body) => withUsb(() => body({ path: USB_PORT, open })));
