/** The bus lines of the virtual bench as boot straps, and the reset button that looks at them. */
import test from 'ava';
import { createVirtualBench, type VirtualBench } from '../../../drivers/virtual/bench.js';
import { virtualBusLines } from '../../../drivers/virtual/bus-lines.js';
import { VirtualReset } from '../../../drivers/virtual/reset.js';
import { Wire } from '../../../drivers/virtual/wire.js';
import { isRigError } from '../../../rig/errors.js';
import type { BenchPorts } from '../../../rig/ports.js';
import { createRandom } from '../../../rig/random.js';
import { ms, seconds } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';

type Ports = Required<BenchPorts>;

interface Seen {
  readonly bench: VirtualBench;
  readonly ports: Ports;
  /** All that the board printed. */
  text(): string;
}

function isWhole(ports: BenchPorts): ports is Ports {
  return ports.power !== undefined && ports.reset !== undefined;
}

async function withBench(main: string, body: (seen: Seen) => Promise<void>): Promise<void> {
  const files = new Map([['main.py', new TextEncoder().encode(main)]]);
  const bench = createVirtualBench({
    random: createRandom(7),
    firmware: { name: 'test', sha256: '', files },
  });
  const { ports } = bench;
  if (!isWhole(ports)) throw new Error('The virtual bench lacks a port.');
  let printed = '';
  ports.console.onChunk(({ bytes }) => {
    printed += Buffer.from(bytes).toString('latin1');
  });
  try {
    await bench.run(() => body({ bench, ports, text: () => printed }));
  } finally {
    await bench.close();
  }
}

const MAIN = "print('alive')";

for (const [line, mode] of [
  ['scl', 1],
  ['sda', 2],
] as const) {
  test.serial(
    `${line} held low at power-on: boot mode ${mode} until a reset with both lines high`,
    async (t) => {
      await withBench(MAIN, async ({ bench, ports, text }) => {
        await bench.bus[line].pull();
        await ports.power.on();
        await bench.clock.sleep('boot', seconds(2));
        await bench.bus[line].release();
        await bench.clock.sleep('afterwards', seconds(2));
        t.regex(text(), new RegExp(`rst cause:1, boot mode:\\(${mode},`));
        t.notRegex(text(), /alive/);
        await ports.reset.press(ms(10));
        await bench.clock.sleep('boot', seconds(2));
        t.regex(text(), /rst cause:2, boot mode:\(3,6\)[\s\S]*alive/);
      });
    },
  );

  test.serial(
    `${line} held low: reset is refused with the reason, and the board stays in reset`,
    async (t) => {
      await withBench(MAIN, async ({ bench, ports, text }) => {
        await ports.power.on();
        await bench.clock.sleep('boot', seconds(2));
        const before = text().length;
        await bench.bus[line].pull();
        const error = await t.throwsAsync(ports.reset.press(ms(10)));
        t.true(isRigError(error, 'BENCH'));
        t.regex(
          error?.message ?? '',
          new RegExp(`${line.toUpperCase()} of the bus reads low.*boot mode ${mode}`),
        );
        await bench.bus[line].release();
        await bench.clock.sleep('held', seconds(2));
        t.is(text().slice(before), '');
        await ports.reset.press(ms(10));
        await bench.clock.sleep('boot', seconds(2));
        t.regex(text().slice(before), /boot mode:\(3,6\)[\s\S]*alive/);
      });
    },
  );
}

test.serial(
  'what the board does to the lines shows on them, and its straps are free once it is stopped',
  async (t) => {
    await withBench(
      'import machine\nmachine.Pin(2, machine.Pin.OUT, value=0)',
      async ({ bench, ports, text }) => {
        await ports.power.on();
        await bench.clock.sleep('boot', seconds(1));
        t.is(await bench.bus.sda.read(), 0);
        await ports.reset.press(ms(10));
        await bench.clock.sleep('boot', seconds(1));
        t.regex(text(), /rst cause:2, boot mode:\(3,6\)/);
      },
    );
  },
);

test('something that holds SDA until it is clocked is freed before reset is released', async (t) => {
  const clock = new VirtualClock();
  const wires = { scl: new Wire(), sda: new Wire() };
  let clocks = 0;
  wires.scl.onChange((level) => {
    clocks += level;
    if (clocks === 5) wires.sda.drive('stuck device', undefined);
  });
  wires.sda.drive('stuck device', 0);
  const told: string[] = [];
  const board = { holdReset: () => told.push('hold'), releaseReset: () => told.push('release') };
  const reset = new VirtualReset(clock, board, virtualBusLines(wires));
  await clock.run(() => reset.press(ms(10)));
  t.deepEqual(told, ['hold', 'release']);
  t.deepEqual([wires.scl.level, wires.sda.level], [1, 1]);
});
