/**
 * A virtual board that runs MicroPython's tests through its REPL, in virtual time, as upstream's run-tests.py runs them
 * on a board at a serial port: interrupt, raw mode, soft reset, the test, its output.
 */
import { createVirtualBench, type VirtualBench } from '../../drivers/virtual/bench.js';
import { messageOf } from '../../rig/errors.js';
import type { UartConsole } from '../../rig/ports.js';
import { createRandom } from '../../rig/random.js';
import { RawRepl } from '../../rig/repl/raw-repl.js';
import { ms, seconds } from '../../rig/time/units.js';
import { withLineFeeds } from './expectation.js';
import { START_MARK, type Trial } from './verdict.js';

/** Of the board's time. The longest computations of the tests take a chip minutes. */
const TEST_LIMIT = seconds(600);
const BOOT_TIME = seconds(1);
/** The longest output of a test is 170 KB. */
const OUTPUT_LIMIT_BYTES = 1024 * 1024;

export interface TestBoard {
  /** A test has hung it: the next test needs another board. */
  readonly isLost: boolean;
  /** Runs a test's source, on a freshly started interpreter. Rejects when the board does not get that far. */
  try(source: string): Promise<Trial>;
}

/** Boots a board with these files in its flash, and closes it after `use`. */
export async function withTestBoard<T>(
  files: ReadonlyMap<string, Uint8Array>,
  use: (board: TestBoard) => Promise<T>,
): Promise<T> {
  const bench = createVirtualBench({
    random: createRandom(1),
    firmware: { name: 'tests', sha256: '', files },
  });
  try {
    return await bench.run(async () => {
      await bench.ports.power?.on();
      await bench.clock.sleep('boot', BOOT_TIME);
      return await use(testBoard(bench, bench.console));
    });
  } finally {
    await bench.close();
  }
}

function testBoard(bench: VirtualBench, console: UartConsole): TestBoard {
  const lost = new AbortController();
  let reason = '';
  bench.onBroken((error) => {
    reason = error.message;
    lost.abort();
  });
  const enter = (): Promise<RawRepl> =>
    RawRepl.enter({
      console,
      clock: bench.clock,
      signal: lost.signal,
      outputLimitBytes: OUTPUT_LIMIT_BYTES,
    });
  return {
    get isLost() {
      return lost.signal.aborted;
    },
    async try(source) {
      // A test may leave the interpreter so that only a reset helps.
      const repl = await enter().catch(() => restart(bench).then(enter));
      try {
        const { output, failure } = await repl.execute(marked(source), TEST_LIMIT);
        return { output: withLineFeeds(output), failure: withLineFeeds(failure) };
      } catch (error) {
        return { output: '', failure: `${messageOf(error)} ${reason}\n` };
      } finally {
        repl.close();
      }
    },
  };
}

/** A first line that is a comment stays the first: it may say the encoding. */
function marked(source: string): string {
  return `print('${START_MARK}')${source.startsWith('#') ? '' : '\n'}${source}`;
}

async function restart(bench: VirtualBench): Promise<void> {
  await bench.ports.reset?.press(ms(200));
  await bench.clock.sleep('boot', BOOT_TIME);
}
