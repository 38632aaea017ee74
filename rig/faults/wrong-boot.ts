/**
 * A wrong boot.py on a board that runs MicroPython: put there over the prompt, and taken away again by what is left of a
 * prompt. The board's own is kept beside it under another name, so that it is there even if the rig is killed meanwhile.
 */

import { RawRepl, type RawReplOptions } from '../repl/raw-repl.js';
import { type DurationUs, seconds } from '../time/units.js';

/** `loop`: resets the chip at each start. `lock-up`: never ends. */
export type WrongBoot = 'loop' | 'lock-up';

const programs: Readonly<Record<WrongBoot, string>> = {
  // Such as one that gives up on its network, and tries again by a reset.
  loop: 'import machine, time\ntime.sleep_ms(200)\nmachine.reset()\n',
  // Such as one that waits for a network which is not there. It sleeps, so that no watchdog ends it.
  'lock-up': 'import time\nwhile True:\n    time.sleep_ms(100)\n',
};

/** What the rig calls the board's own boot.py while another is in its place. */
export const KEPT_BOOT = 'boot.py.rig';

/** Erasing a block of flash takes up to 0.4 s (datasheets of the usual chips). */
const STEP_LIMIT: DurationUs = seconds(5);
/** A loop is caught by one of its starts, each of which is a fraction of a second apart. */
export const RESCUE_LIMIT: DurationUs = seconds(10);

/** The chip is to be reset afterwards. Rejects as `RawRepl.enter` and `run` do. */
export async function putWrongBoot(options: RawReplOptions, kind: WrongBoot): Promise<void> {
  const repl = await RawRepl.enter(options);
  await repl.run(
    `import os
if '${KEPT_BOOT}' not in os.listdir('/') and 'boot.py' in os.listdir('/'):
    os.rename('/boot.py','/${KEPT_BOOT}')
f=open('/boot.py','w')
f.write(${JSON.stringify(programs[kind])})
f.close()
`,
    STEP_LIMIT,
  );
  repl.close();
}

/**
 * Catches the board by Ctrl-C wherever it is, and puts its own boot.py back. Resolves with what it printed when it was
 * caught; the chip is to be reset afterwards. Rejects with `TIMEOUT` when it cannot be caught.
 */
export async function takeWrongBoot(options: RawReplOptions): Promise<string> {
  const { repl, printed } = await RawRepl.catch(options, RESCUE_LIMIT);
  await repl.run(
    `import os
os.remove('/boot.py')
if '${KEPT_BOOT}' in os.listdir('/'):
    os.rename('/${KEPT_BOOT}','/boot.py')
`,
    STEP_LIMIT,
  );
  repl.close();
  return printed;
}
