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

/**
 * Python that finds out whose boot.py there is, so that a board's own is never lost: neither by a rig that was killed
 * before it put it back, nor by one that was stopped before it had put a wrong one there.
 */
const WHOSE_BOOT = `import os
files=os.listdir('/')
text=None
if 'boot.py' in files:
    with open('/boot.py') as f:
        text=f.read(200)
ours=text is not None and (${Object.values(programs)
  .map((program) => `${JSON.stringify(program)}.startswith(text)`)
  .join(' or ')})
`;

const PUT = (kind: WrongBoot): string => `${WHOSE_BOOT}
if text is not None and not ours:
    if '${KEPT_BOOT}' in files:
        os.remove('/${KEPT_BOOT}')
    os.rename('/boot.py','/${KEPT_BOOT}')
with open('/boot.py','w') as f:
    f.write(${JSON.stringify(programs[kind])})
`;

const TAKE = `${WHOSE_BOOT}
if ours:
    os.remove('/boot.py')
if (ours or text is None) and '${KEPT_BOOT}' in files:
    os.rename('/${KEPT_BOOT}','/boot.py')
`;

/**
 * The chip is to be reset afterwards. Rejects as `RawRepl.enter` and `run` do, also when `signal` aborts; then the board
 * has its own boot.py, unless it could not be caught any more.
 */
export async function putWrongBoot(options: RawReplOptions, kind: WrongBoot): Promise<void> {
  const repl = await RawRepl.enter(options);
  try {
    await repl.run(PUT(kind), STEP_LIMIT);
  } catch (error) {
    // Nobody knows how far it came.
    await takeWrongBoot(options);
    throw error;
  } finally {
    repl.close();
  }
}

/**
 * Catches the board by Ctrl-C wherever it is, and puts its own boot.py back, also when `signal` has aborted: a board with a
 * wrong one is of no use to anybody. Does nothing to a boot.py that is not the rig's. Resolves with what the board printed
 * when it was caught; the chip is to be reset afterwards. Rejects with `TIMEOUT` when it cannot be caught.
 */
export async function takeWrongBoot(options: RawReplOptions): Promise<string> {
  const signal = new AbortController().signal;
  const { repl, printed } = await RawRepl.catch({ ...options, signal });
  try {
    await repl.run(TAKE, STEP_LIMIT);
    return printed;
  } finally {
    repl.close();
  }
}
