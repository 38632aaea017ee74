/** An upload onto the virtual board while the rig's firmware runs on it: what works there is what a board would see. */
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { loadFirmware } from '../../../cli/firmware.js';
import { uploadFilesOf } from '../../../cli/upload-files.js';
import { createVirtualBench } from '../../../drivers/virtual/bench.js';
import { createRandom } from '../../../rig/random.js';
import { runUpload } from '../../../rig/repl/upload-session.js';
import { ConsoleWatch } from '../../../rig/run/console-watch.js';
import { ms, seconds } from '../../../rig/time/units.js';

const linkFirmware = fileURLToPath(new URL('../../../../firmware/link', import.meta.url));
const main = 'import link.compat\nprint("link from", link.compat.__file__)\n';

/** A board that runs the given files, from power-on. */
function makeBoard(files: ReadonlyMap<string, Uint8Array>) {
  const bench = createVirtualBench({
    random: createRandom(3),
    firmware: { name: 'test', sha256: '', files },
  });
  const lines: string[] = [];
  const watch = new ConsoleWatch({ line: (line) => lines.push(line), rom: () => undefined });
  const { console, reset, power } = bench.ports;
  if (console === undefined || reset === undefined || power === undefined)
    throw new Error('The bench lacks ports.');
  console.onChunk((chunk) => watch.accept(chunk));
  const upload = (
    onto: ReadonlyMap<string, Uint8Array>,
    restart: (() => Promise<void>) | undefined,
    mirror = false,
  ) =>
    runUpload({
      console,
      clock: bench.clock,
      signal: new AbortController().signal,
      files: onto,
      mirror,
      restart,
      isEsp8266: true,
      onStep: () => undefined,
      onProgress: () => undefined,
    });
  return { bench, lines, upload, reset, power };
}

test('compiled firmware replaces the sources that run, and runs', async (t) => {
  const sources = loadFirmware(linkFirmware).files;
  const compiled = new Map(await uploadFilesOf(sources, false));
  compiled.set('main.py', new TextEncoder().encode(main));
  const { bench, lines, upload, reset, power } = makeBoard(sources);
  try {
    await bench.run(async () => {
      await power.on();
      await bench.clock.sleep('boot', seconds(2));
      const startUs = bench.clock.now();
      const result = await upload(compiled, () => reset.press(ms(200)));
      t.deepEqual([...result.written].sort(), [...compiled.keys()].sort());
      t.is(result.removed.length, sources.size - 1, 'every source but main.py made room for its bytecode');
      t.log(
        `${((bench.clock.now() - startUs) / 1_000_000).toFixed(1)} s of bench time for ${compiled.size} files`,
      );
      await bench.clock.sleep('start', seconds(2));
      t.true(lines.includes('link from link/compat.mpy'), lines.slice(-5).join('\n'));
      const again = await upload(compiled, undefined);
      t.deepEqual(again.written, []);
      t.is(again.unchanged.length, compiled.size);
    });
  } finally {
    await bench.close();
  }
});

test('a mirror leaves the board with the directory and nothing else', async (t) => {
  const text = (content: string) => new TextEncoder().encode(content);
  const { bench, upload, power } = makeBoard(
    new Map([
      ['main.py', text('while True: pass\n')],
      ['old/thing.py', text('1')],
    ]),
  );
  const wanted = new Map([['main.py', text('print("new")\n')]]);
  try {
    await bench.run(async () => {
      await power.on();
      await bench.clock.sleep('boot', seconds(2));
      const result = await upload(wanted, undefined, true);
      t.deepEqual(result.written, ['main.py']);
      t.deepEqual(result.removed, ['old/thing.py']);
      t.deepEqual((await upload(wanted, undefined)).left, []);
    });
  } finally {
    await bench.close();
  }
});

const endless = {
  'resets the chip at once': 'import machine\nmachine.reset()\n',
  'resets the chip after a while': 'import machine, time\ntime.sleep_ms(1500)\nmachine.reset()\n',
  'never ends': 'while True: pass\n',
  'never ends, whatever is thrown at it now and then':
    'n = 3\nwhile n:\n  try:\n    while True: pass\n  except KeyboardInterrupt: n -= 1\nwhile True: pass\n',
} as const;

for (const [what, boot] of Object.entries(endless)) {
  test(`a board whose boot.py ${what} is caught, and gets another`, async (t) => {
    const text = (content: string) => new TextEncoder().encode(content);
    const { bench, lines, upload, power, reset } = makeBoard(
      new Map([
        ['boot.py', text(boot)],
        ['main.py', text('print("old")\n')],
      ]),
    );
    const wanted = new Map([['main.py', text('print("free")\n')]]);
    try {
      await bench.run(async () => {
        await power.on();
        await bench.clock.sleep('boot', seconds(2));
        const result = await upload(wanted, () => reset.press(ms(200)), true);
        t.deepEqual([result.written, result.removed], [['main.py'], ['boot.py']]);
        await bench.clock.sleep('start', seconds(2));
        t.true(lines.includes('free'), lines.slice(-5).join('\n'));
      });
    } finally {
      await bench.close();
    }
  });
}
