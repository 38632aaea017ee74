/** A wrong boot.py on a virtual board: the board's own comes back, whatever stops the rig meanwhile. */
import test, { type ExecutionContext } from 'ava';
import { createVirtualBench } from '../../../drivers/virtual/bench.js';
import { isRigError } from '../../../rig/errors.js';
import { KEPT_BOOT, putWrongBoot, takeWrongBoot } from '../../../rig/faults/wrong-boot.js';
import type { UartConsole } from '../../../rig/ports.js';
import { createRandom } from '../../../rig/random.js';
import { RawRepl } from '../../../rig/repl/raw-repl.js';
import type { Clock } from '../../../rig/time/clock.js';
import { seconds } from '../../../rig/time/units.js';

const never = new AbortController().signal;

interface Board {
  readonly console: UartConsole;
  readonly clock: Clock;
  /** The names and texts of the boot.py that are on the board. */
  boots(): Promise<string>;
}

const boardTest = (
  name: string,
  files: Readonly<Record<string, string>>,
  body: (t: ExecutionContext, board: Board) => Promise<void>,
) =>
  test.serial(name, async (t) => {
    const bench = createVirtualBench({
      random: createRandom(1),
      firmware: {
        name: 'tests',
        sha256: '',
        files: new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)])),
      },
    });
    const { console, clock } = bench;
    // Interrupted, and not started over: that would run boot.py.
    const run = async (program: string) => {
      const { repl } = await RawRepl.catch({ console, clock, signal: never });
      try {
        return (await repl.run(program, seconds(5))).replaceAll('\r', '');
      } finally {
        repl.close();
      }
    };
    const boots = () =>
      run(
        "import os\nfor n in sorted(os.listdir('/')):\n if n.startswith('boot.py'):print(n,open('/'+n).read())",
      );
    try {
      await bench.run(async () => {
        await bench.ports.power?.on();
        await clock.sleep('boot', seconds(1));
        await body(t, { console, clock, boots });
      });
    } finally {
      await bench.close();
    }
  });

const OWN = '# own\n';
const inHand = ({ console, clock }: Board) => ({ console, clock, signal: never });

/** A console that aborts `stop` once the whole of `text` has been sent. */
function stoppingAt(text: string, { console }: Board, stop: AbortController): UartConsole {
  let sent = '';
  return {
    onChunk: (listener) => console.onChunk(listener),
    onNotice: (listener) => console.onNotice(listener),
    expectRom: (within) => console.expectRom(within),
    write: async (bytes) => {
      await console.write(bytes);
      sent += new TextDecoder().decode(bytes);
      if (sent.includes(text)) stop.abort();
    },
  };
}

for (const [when, text] of [
  ['in the middle of the program that replaces it', "open('/boot.py')"],
  ['while that program runs', ')\n\x04'],
] as const) {
  boardTest(`stopped ${when}, the rig puts boot.py back`, { 'boot.py': OWN }, async (t, board) => {
    const stop = new AbortController();
    const console = stoppingAt(text, board, stop);
    const putting = putWrongBoot({ ...inHand(board), console, signal: stop.signal }, 'loop');
    t.true(isRigError(await t.throwsAsync(putting), 'CANCELLED'));
    t.is(await board.boots(), `boot.py ${OWN}\n`);
  });
}

boardTest(
  'a boot.py that was kept by a rig which was killed gives way to a newer one',
  {
    'boot.py': '# newer\n',
    [KEPT_BOOT]: OWN,
  },
  async (t, board) => {
    await putWrongBoot(inHand(board), 'lock-up');
    await takeWrongBoot(inHand(board));
    t.is(await board.boots(), 'boot.py # newer\n\n');
  },
);

boardTest('a board without a boot.py has none afterwards', {}, async (t, board) => {
  await putWrongBoot(inHand(board), 'lock-up');
  t.regex(await board.boots(), /^boot\.py import time/);
  await takeWrongBoot(inHand(board));
  t.is(await board.boots(), '');
});
