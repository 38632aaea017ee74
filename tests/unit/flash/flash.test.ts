/** An image written to a chip by Espressif's package, over a serial port that is none. The package works in real time. */
import ava, { type ExecutionContext } from 'ava';
import {
  type BootControl,
  byHand,
  byLines,
  byModemLines,
  type PulledLine,
} from '../../../drivers/pi/flash/boot-control.js';
import { type FlashOptions, flashImage } from '../../../drivers/pi/flash/flash.js';
import { type ModemPipe, openPipe } from '../../../drivers/pi/serial/pipe.js';
import { isRigError } from '../../../rig/errors.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { makeImage } from '../../fixtures/esp-loader/image.js';
import { type ChipKind, esp8266, LoaderChip, MAC } from '../../fixtures/esp-loader/loader-chip.js';
import { FakePorts } from '../serial/fake-port.js';

const image = makeImage(70_001);

/** The package waits for answers by the clock on the wall: too many at once would be late for one another. */
const AT_ONCE = 4;
let running = 0;
const waiting: (() => void)[] = [];

const test = (name: string, body: (t: ExecutionContext) => Promise<void>): void =>
  ava(name, async (t) => {
    if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      await body(t);
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  });

interface Bench {
  readonly chip: LoaderChip;
  readonly ports: FakePorts;
  readonly pipe: ModemPipe;
  readonly steps: string[];
  readonly progress: [number, number][];
  flash(options?: Partial<FlashOptions>): ReturnType<typeof flashImage>;
}

/** A chip at the other end of a port; DTR and RTS hold GPIO0 and reset as on a NodeMCU board. */
async function makeBench(kind: ChipKind = esp8266): Promise<Bench> {
  const chip = new LoaderChip(kind);
  const ports = new FakePorts();
  const clock = new SystemClock();
  const pipe = await openPipe('/dev/ttyUSB7', 115_200, ports.open);
  ports.onWritten = (bytes) => setImmediate(() => chip.receive(bytes, ports.baud));
  chip.onSent = (bytes, baud) => ports.baud === baud && ports.deafTo !== baud && ports.arrives(bytes);
  ports.onModemLines = ({ dtr, rts }) => {
    chip.gpio0 = !(dtr && !rts);
    if (rts && !dtr) chip.holdReset();
    else chip.releaseReset();
  };
  const steps: string[] = [];
  const progress: [number, number][] = [];
  const flash: Bench['flash'] = (options = {}) =>
    flashImage({
      pipe,
      control: byModemLines(pipe, clock),
      clock,
      image,
      baud: 115_200,
      romBaud: 74_880,
      keepFiles: false,
      flashMode: 'keep',
      signal: new AbortController().signal,
      listeners: {
        step: (text) => steps.push(text),
        progress: (sent, total) => progress.push([sent, total]),
      },
      ...options,
    });
  return { chip, ports, pipe, steps, progress, flash };
}

const line = (change: (level: 0 | 1) => void): PulledLine => ({
  pull: async () => change(0),
  release: async () => change(1),
});

const linesOf = (chip: LoaderChip): BootControl =>
  byLines(
    line((level) => (level === 0 ? chip.holdReset() : chip.releaseReset())),
    line((level) => {
      chip.gpio0 = level === 1;
    }),
    new SystemClock(),
  );

/** The image as it must stand in the flash: its header names the flash's size, 4 MB. */
function assertWritten(t: ExecutionContext, chip: LoaderChip, sizeByte = 0x40): void {
  const expected = image.slice();
  expected[3] = sizeByte;
  t.deepEqual(Buffer.from(chip.flash.subarray(0, image.length)), Buffer.from(expected));
}

test('an image is written and proved, all else is erased, and the firmware is started by a reset', async (t) => {
  const { chip, flash, steps, progress } = await makeBench();
  t.deepEqual(await flash(), { name: 'ESP8266EX', mac: MAC, flashBytes: 4 * 1024 * 1024 });
  assertWritten(t, chip);
  t.true(chip.flash.subarray(image.length + 4_096).every((byte) => byte === 0xff));
  t.is(chip.state, 'firmware');
  t.regex(
    steps.join('\n'),
    /ESP8266EX, MAC 84:0d:8e:cd:ef:ab, flash of 4096 KB.*Verified.*Resetting the board\.$/s,
  );
  const [last] = progress.slice(-1);
  t.is(last?.[0], last?.[1]);
  t.true(progress.length > 2);
});

test('the bench’s lines start the loader, and the ROM that repeats its refusals is understood', async (t) => {
  const { chip, flash } = await makeBench({ ...esp8266, echoesUnknown: true });
  await flash({ control: linesOf(chip) });
  assertWritten(t, chip);
  t.is(chip.state, 'firmware');
  t.true(chip.gpio0);
});

test('the board’s files stay where only what the image needs is erased', async (t) => {
  const { chip, flash } = await makeBench();
  await flash({ keepFiles: true });
  assertWritten(t, chip);
  t.is(chip.flash[1024 * 1024], 0x55);
});

test('a higher rate is agreed on with the chip, and a mode put into the image’s header', async (t) => {
  const { chip, flash, ports } = await makeBench({
    ...esp8266,
    flashId: 0x14_40_ef,
  });
  await flash({ baud: 460_800, flashMode: 'dio' });
  t.true(ports.log.includes('baud 460800'));
  t.deepEqual([...chip.flash.subarray(0, 4)], [0xe9, 1, 2, 0x20]);
});

test('a rate that the adapter or the chip cannot do is given up for the loader’s own', async (t) => {
  const { chip, flash, steps, ports } = await makeBench();
  chip.onCommand = (operation) => {
    // The chip changes to it; what the host receives then is noise.
    if (operation === 0x0f) ports.deafTo = 921_600;
  };
  await flash({ baud: 921_600 });
  assertWritten(t, chip);
  t.true(steps.some((step) => /does not answer at 921600 baud\. Starting again at 115200/.test(step)));
});

const failed = async (
  t: ExecutionContext,
  bench: Bench,
  pattern: RegExp,
  options: Partial<FlashOptions> = {},
) => {
  const error = await t.throwsAsync(bench.flash(options));
  t.true(isRigError(error), String(error));
  t.regex(error?.message ?? '', pattern);
  return error;
};

test('an image that is too large for the flash is refused before anything is erased', async (t) => {
  const bench = await makeBench({ ...esp8266, flashId: 0x10_40_ef });
  // 64 KB: the smallest size that the package knows is 256 KB.
  await failed(t, bench, /does not tell its size/);
  const small = await makeBench({ ...esp8266, flashId: 0x12_40_ef });
  await failed(t, small, /300000 bytes.*262144.*Nothing was written/, { image: makeImage(300_000) });
  t.true(small.chip.flash.every((byte) => byte === 0x55));
  t.is(small.chip.state, 'firmware');
});

test('another chip is refused by its name, and reset', async (t) => {
  const bench = await makeBench({ ...esp8266, magic: 0x00f0_1d83 });
  await failed(t, bench, /ESP32, not an ESP8266/);
  t.is(bench.chip.state, 'firmware');
});

test('a chip that nobody knows is refused', async (t) => {
  await failed(t, await makeBench({ ...esp8266, magic: 0x1234_5678 }), /cannot be identified.*0x12345678/);
});

test('a flash that does not keep what is written is found by its hash', async (t) => {
  const bench = await makeBench();
  bench.chip.wornOut = image.length - 1;
  await failed(t, bench, /MD5.*half written.*flash it again/);
  t.is(bench.chip.state, 'firmware');
});

test('a chip that never answers is given up, with what to check', async (t) => {
  const bench = await makeBench();
  bench.ports.onModemLines = () => undefined;
  const error = await failed(t, bench, /No loader answers on \/dev\/ttyUSB7.*TX and RX/);
  t.true(isRigError(error, 'TIMEOUT'));
});

test('a cable pulled half-way ends it at once', async (t) => {
  const bench = await makeBench();
  let pulledMs = 0;
  bench.chip.onCommand = (operation) => {
    if (operation !== 0x11 || pulledMs > 0) return;
    pulledMs = performance.now();
    bench.ports.unplug();
  };
  const error = await failed(t, bench, /ttyUSB7: unplugged.*half written/);
  t.true(isRigError(error, 'BENCH'));
  t.true(performance.now() - pulledMs < 3_000);
});

test('whoever gives up half-way does not wait, and the board is reset', async (t) => {
  const bench = await makeBench();
  const giveUp = new AbortController();
  bench.chip.onCommand = (operation) => {
    if (operation === 0x11) giveUp.abort();
  };
  const error = await failed(t, bench, /cancelled.*half written/, { signal: giveUp.signal });
  t.true(isRigError(error, 'CANCELLED'));
  t.is(bench.chip.state, 'firmware');
});

test('a board that starts in its loader again is told', async (t) => {
  const bench = await makeBench();
  const control = linesOf(bench.chip);
  const held = async () => {
    bench.chip.gpio0 = false;
    bench.chip.holdReset();
    bench.chip.releaseReset();
  };
  await failed(t, bench, /written and verified, but .*boot mode 1.*GPIO0/, {
    control: { ...control, hardReset: held },
  });
});

test('a board whose ROM is silent after the reset is told', async (t) => {
  const bench = await makeBench();
  const control = { ...linesOf(bench.chip), hardReset: async () => undefined };
  await failed(t, bench, /written and verified, but the ROM printed nothing readable within 2 s/, {
    control,
  });
});

test('a person is told what to do, and waited for', async (t) => {
  const bench = await makeBench();
  const { chip, steps } = bench;
  const clock = new SystemClock();
  const person = byHand({}, clock);
  const press = (gpio0: boolean) => {
    chip.gpio0 = gpio0;
    chip.holdReset();
    chip.releaseReset();
    chip.gpio0 = true;
  };
  setTimeout(() => press(false), 300);
  const listeners = {
    step: (text: string) => {
      steps.push(text);
      if (/^Press and release reset/.test(text)) setTimeout(() => press(true), 50);
    },
    progress: () => undefined,
  };
  await bench.flash({ control: person, listeners });
  assertWritten(t, chip);
  t.regex(steps[0] ?? '', /Hold GPIO0 low/);
});
