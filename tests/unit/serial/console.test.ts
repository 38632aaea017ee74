/** How the console follows a board whose ROM and firmware print at different rates, and a port that comes and goes. */
import test, { type ExecutionContext } from 'ava';
import {
  openConsole,
  REOPEN_LIMIT,
  ROM_TAIL,
  type SerialConsole,
} from '../../../drivers/pi/serial/console.js';
import type { ConsoleSection } from '../../../rig/bench-file/bench-file.js';
import { isRigError } from '../../../rig/errors.js';
import type { ConsoleNotice } from '../../../rig/ports.js';
import { announceBoots } from '../../../rig/run/announce-boots.js';
import { type DurationUs, ms, seconds, toSeconds, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { FakePorts } from './fake-port.js';
import { receivedAt } from './uart-wire.js';

const ROM = '\r\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n\r\n';
const LOADING = 'load 0x40100000, len 31168, room 16 \r\ntail 0\r\nchksum 0x1d\r\ncsum 0x1d\r\n~ld\r\n';
const section: ConsoleSection = {
  driver: 'serial',
  path: '/dev/ttyUSB7',
  baud: 115_200,
  romBaud: 74_880,
  modemLines: 'unconnected',
};

interface Bench {
  readonly clock: VirtualClock;
  readonly ports: FakePorts;
  readonly console: SerialConsole;
  readonly notices: ConsoleNotice[];
  /** The device prints at `baud`; the port receives it at the rate that it is set to. */
  prints(text: string, baud: number): void;
  /** What was heard, as text. */
  heard(): string;
  pass(time: DurationUs): Promise<void>;
}

const benchTest = (
  name: string,
  body: (t: ExecutionContext, bench: Bench) => Promise<void>,
  settings: Partial<ConsoleSection> = {},
): void =>
  test(name, async (t) => {
    const clock = new VirtualClock();
    const ports = new FakePorts();
    await clock.run(async () => {
      const console = await openConsole({ ...section, ...settings }, clock, ports.open);
      const notices: ConsoleNotice[] = [];
      console.onNotice((notice) => notices.push(notice));
      let heard = '';
      console.onChunk(({ bytes }) => {
        heard += Buffer.from(bytes).toString('latin1');
      });
      const prints = (text: string, baud: number) => ports.arrives(receivedAt(ports.baud, text, baud));
      const pass = (time: DurationUs) => clock.sleep('test', time);
      await body(t, { clock, ports, console, notices, prints, heard: () => heard, pass });
      await console.close();
      t.deepEqual(clock.pending(), []);
    });
  });

benchTest(
  'an announced boot is read at the rate of the ROM, the firmware behind it at its own',
  async (t, bench) => {
    const { ports, console, prints, heard, pass, notices } = bench;
    t.is(ports.baud, 115_200);
    await console.expectRom(seconds(1));
    t.is(ports.baud, 74_880);
    await pass(ms(50));
    prints(ROM, 74_880);
    await pass(ms(20));
    prints(LOADING, 74_880);
    await pass(ms(1));
    t.is(ports.baud, 115_200, 'at once behind ~ld');
    prints('MicroPython v1.27.0\r\n>>> ', 115_200);
    t.is(heard(), `${ROM}${LOADING}MicroPython v1.27.0\r\n>>> `);
    t.deepEqual(notices, []);
  },
);

benchTest(
  'a ROM that prints no ~ld is left a while after its boot mode',
  async (t, { ports, console, prints, pass }) => {
    await console.expectRom(seconds(1));
    await pass(ms(50));
    prints(ROM, 74_880);
    await pass(us(ROM_TAIL - 1_000));
    t.is(ports.baud, 74_880);
    await pass(ms(2));
    t.is(ports.baud, 115_200);
  },
);

benchTest(
  'a boot that does not happen is waited for as long as was said',
  async (t, { ports, console, pass, notices }) => {
    await console.expectRom(ms(700));
    await pass(ms(699));
    t.is(ports.baud, 74_880);
    await pass(ms(2));
    t.is(ports.baud, 115_200);
    t.deepEqual(notices, []);
  },
);

benchTest('what the device printed before it was reset does not hide the ROM’s message', async (t, bench) => {
  const { console, prints, heard, pass, notices } = bench;
  await console.expectRom(seconds(1));
  prints('Traceback (most recent call last):\r\n  File "main.py", line 1', 115_200);
  await pass(ms(200));
  prints(ROM, 74_880);
  t.true(heard().endsWith(ROM));
  await pass(seconds(1));
  t.deepEqual(notices, []);
});

benchTest(
  'a second boot announced within the first is waited for, too',
  async (t, { ports, console, prints, pass, heard }) => {
    await console.expectRom(ms(300));
    await pass(ms(200));
    await console.expectRom(ms(300));
    await pass(ms(200));
    t.is(ports.baud, 74_880);
    prints(ROM, 74_880);
    t.is(heard(), ROM);
  },
);

benchTest('a boot that nobody announced cannot be read, which is told once', async (t, bench) => {
  const { ports, prints, heard, notices, pass } = bench;
  prints('running\r\n', 115_200);
  prints(ROM + LOADING, 74_880);
  await pass(ms(300));
  t.is(ports.baud, 115_200);
  t.notRegex(heard(), /boot mode/);
  t.deepEqual(
    notices.map(({ kind }) => kind),
    ['unreadable'],
  );
  t.regex(notices[0]?.detail ?? '', /ttyUSB7.*115200.*74880.*cannot be read/);
  prints('MicroPython v1.27.0 on 2025-12-09; ESP module with ESP8266\r\n', 115_200);
  prints(ROM, 74_880);
  t.is(notices.length, 2, 'and again for the next');
});

benchTest(
  'an announced boot with nothing readable at the ROM’s rate is told',
  async (t, { console, prints, notices, pass }) => {
    await console.expectRom(ms(500));
    prints('the firmware goes on printing as if nothing had happened\r\n', 115_200);
    await pass(seconds(1));
    t.regex(notices[0]?.detail ?? '', /romBaud/);
    t.is(notices.length, 1);
  },
);

benchTest(
  'text in any language, and the colours of a terminal, are readable',
  async (t, { ports, notices }) => {
    ports.arrives('\u001b[31mÜber den Wolken – 気温 25 °C – 🛰\u001b[0m\r\n'.repeat(20));
    t.deepEqual(notices, []);
  },
);

benchTest(
  'where ROM and firmware print at the same rate, the rate is left alone',
  async (t, { ports, console, pass }) => {
    await console.expectRom(ms(100));
    await pass(ms(200));
    t.deepEqual(ports.log, ['open 115200']);
  },
  { romBaud: 115_200 },
);

benchTest('modem lines that are not connected are left alone', async (t, { ports, console }) => {
  t.is(console.modemReset, undefined);
  await console.close();
  t.deepEqual(ports.log, ['open 115200', 'close']);
});

benchTest(
  'modem lines that hold reset and GPIO0 are let go of',
  async (t, { ports, pass, console }) => {
    t.deepEqual(ports.log, ['open 115200', 'dtr false, rts false']);
    await console.modemReset?.press(ms(200));
    t.deepEqual(ports.log.splice(2), ['dtr false, rts true', 'dtr false, rts false']);
    ports.unplug();
    t.true(isRigError(await t.throwsAsync(async () => console.modemReset?.release()), 'BENCH'));
    ports.pluggedIn = true;
    await pass(seconds(1));
    t.deepEqual(ports.log.slice(2), ['open 115200', 'dtr false, rts false']);
  },
  { modemLines: 'dtr-rts' },
);

benchTest(
  'a port that went away is looked for, less and less often, and given up in the end',
  async (t, bench) => {
    const { ports, console, notices, pass, clock } = bench;
    ports.unplug();
    await pass(seconds(3));
    // 100, 300, 700, 1,500, 2,500 ms after it was lost.
    t.is(ports.log.filter((entry) => entry === 'refused').length, 5);
    await pass(us(REOPEN_LIMIT + 1_000_000));
    t.deepEqual(
      notices.map(({ kind }) => kind),
      ['lost', 'gone'],
    );
    const attempts = ports.log.length;
    ports.pluggedIn = true;
    await pass(seconds(10));
    t.is(ports.log.length, attempts);
    t.deepEqual(clock.pending(), []);
    const error = await t.throwsAsync(console.write(Uint8Array.of(1)));
    t.true(isRigError(error, 'BENCH'));
    t.regex(error?.message ?? '', new RegExp(`${toSeconds(REOPEN_LIMIT)} s`));
  },
);

benchTest(
  'a boot announced while the port was away is read when it is back',
  async (t, { ports, console, prints, heard, pass }) => {
    ports.unplug();
    await console.expectRom(seconds(5));
    ports.pluggedIn = true;
    await pass(seconds(1));
    t.is(ports.baud, 74_880);
    prints(ROM + LOADING, 74_880);
    t.is(heard(), ROM + LOADING);
    await pass(ms(1));
    t.is(ports.baud, 115_200);
  },
);

test('a supply that comes up slowly under reset is announced for as long as that takes', async (t) => {
  const windows: number[] = [];
  const bench = announceBoots(
    {
      syn: unused(),
      ack: unused(),
      i2c: unused(),
      network: unused(),
      console: { ...unused(), expectRom: async (within) => void windows.push(within) },
      power: { on: async () => undefined, off: async () => undefined, rail: async () => undefined },
    },
    seconds(5),
  );
  await bench.power?.on();
  t.deepEqual(windows, [seconds(6)]);
});

benchTest(
  'reset and power announce the boots that they cause, and no others',
  async (t, { ports, console, clock, pass }) => {
    const log: string[] = [];
    const note = (what: string) => async () => {
      log.push(`${what} at ${ports.baud}`);
    };
    const bench = announceBoots({
      syn: unused(),
      ack: unused(),
      i2c: unused(),
      network: unused(),
      console,
      reset: {
        press: (pulse) => clock.sleep('pulse', pulse).then(note('pressed')),
        release: note('released'),
      },
      power: { on: note('on'), off: note('off'), rail: async () => undefined },
    });
    await bench.power?.on();
    await pass(seconds(2));
    await bench.power?.on();
    await bench.power?.off();
    await bench.power?.on();
    await pass(seconds(2));
    await bench.reset?.release();
    await bench.reset?.press(seconds(3));
    t.deepEqual(log, [
      'on at 74880',
      'on at 115200',
      'off at 115200',
      'on at 74880',
      'released at 115200',
      'pressed at 74880',
    ]);
    await console.close();
    await t.notThrowsAsync(async () => bench.reset?.press(ms(1)), 'a console that fails holds nothing up');
  },
);

/** A port that the test does not touch. */
function unused<Port extends object>(): Port {
  return new Proxy({} as Port, {
    get: (_target, name) => {
      throw new Error(`"${String(name)}" was not expected`);
    },
  });
}
