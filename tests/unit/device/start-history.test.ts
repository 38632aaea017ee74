/** What is made of a chip's starts: wrong boot modes, boot loops, lock-ups, and none of them. */
import test from 'ava';
import { LOOP_STARTS, StartHistory, UNANSWERED_RESETS } from '../../../rig/device/start-history.js';
import { describeTrouble, interruptedPlace } from '../../../rig/device/start-trouble.js';
import { instant } from '../../../rig/time/units.js';

/** A chip that starts at these milliseconds. */
function starting(cause: number, atMs: readonly number[], mode = 3): StartHistory {
  const history = new StartHistory();
  for (const at of atMs) history.sawRom(instant(at * 1_000), cause, mode);
  return history;
}

test('starts that the rig did not make are a loop from the third on, unless the program works in between', (t) => {
  t.is(starting(3, [0, 400]).trouble(), undefined);
  const history = starting(3, [0, 400, 800]);
  t.like(history.trouble(), { kind: 'boot loop', cause: 3, starts: LOOP_STARTS, periodUs: 400_000 });
  history.programWorked();
  t.is(history.trouble(), undefined);
  history.sawRom(instant(10_000_000), 4, 3);
  t.is(history.trouble(), undefined, 'one watchdog is no loop');
});

test('resets of the rig are no loop, and hide none', (t) => {
  const history = new StartHistory();
  for (let start = 0; start < 20; start += 1) {
    history.expectOwn();
    history.sawRom(instant(start * 30_000_000), 2, 3);
  }
  t.is(history.trouble(), undefined);
  for (const atMs of [700_000, 700_500, 701_000]) history.sawRom(instant(atMs * 1_000), 4, 3);
  history.expectOwn();
  history.sawRom(instant(702_000_000), 2, 3);
  t.like(history.trouble(), { kind: 'boot loop', cause: 4, periodUs: 500_000 });
  t.is(history.since(instant(700_500_000)).length, 2);
});

/** Resets of the rig that nothing follows. */
function pressing(history: StartHistory, resets: number): StartHistory {
  for (let press = 0; press < resets; press += 1) history.expectOwn();
  return history;
}

test('resets that the ROM does not answer are no start, whatever was seen before', (t) => {
  const history = pressing(starting(2, [0]), UNANSWERED_RESETS - 1);
  t.is(history.trouble(), undefined);
  t.deepEqual(pressing(history, 1).trouble(), { kind: 'no start', resets: UNANSWERED_RESETS });
  history.sawRom(instant(1), 2, 3);
  t.is(history.trouble(), undefined);
  t.is(pressing(starting(2, [0], 1), 5).trouble()?.kind, 'no start', 'not where it stood before');
  const working = pressing(starting(2, [0]), 5);
  working.programWorked();
  t.is(working.trouble(), undefined);
});

test('where no ROM is heard at all, its silence counts only on a bench that is to hear it', (t) => {
  t.is(pressing(new StartHistory(), 5).trouble(), undefined);
  const trouble = pressing(new StartHistory({ romSpeaks: true }), 5).trouble();
  t.regex(
    trouble === undefined ? '' : describeTrouble(trouble),
    /^No start: .* 5 times.* cannot be put down to the firmware\. Check the supply, the reset wire/,
  );
});

test('each cause of a loop has its name and its next step', (t) => {
  const told = (cause: number) => {
    const trouble = starting(cause, [0, 300, 600]).trouble();
    return trouble === undefined ? '' : describeTrouble(trouble);
  };
  t.regex(told(1), /^Boot loop: .* 3 times .* 0\.3 s apart.*supply gives way.* Measure the rail/);
  t.regex(told(2), /the rig did not press/);
  t.regex(told(3), /its program resets it.* boot\.py first/);
  t.regex(told(4), /watchdog: its program hangs/);
  t.regex(told(7), /rst cause 7/);
});

test('the last start alone tells of straps: freed and reset, it is over', (t) => {
  const history = starting(2, [0], 1);
  const trouble = history.trouble();
  t.deepEqual(trouble, { kind: 'boot mode', mode: 1 });
  t.regex(
    trouble === undefined ? '' : describeTrouble(trouble),
    /UART bootloader.*Free both bus lines.*reset/,
  );
  history.expectOwn();
  history.sawRom(instant(1), 2, 3);
  t.is(history.trouble(), undefined);
});

test('a program that Ctrl-C finds where it should not be is a lock-up, until the next start', (t) => {
  const history = starting(2, [0]);
  history.interruptedAt({ file: 'boot.py', line: 7 });
  history.interruptedAt({ file: 'main.py', line: 1 });
  const trouble = history.trouble();
  t.regex(trouble === undefined ? '' : describeTrouble(trouble), /^Lock-up: .* in boot\.py, line 7\./);
  history.sawRom(instant(1), 2, 3);
  t.is(history.trouble(), undefined);
});

test('the place is the file that was run, from the first traceback of a KeyboardInterrupt', (t) => {
  const traceback = (why: string, ...frames: readonly string[]) =>
    `Traceback (most recent call last):\r\n${frames.map((frame) => `  File ${frame}\r\n`).join('')}${why}\r\n`;
  t.is(interruptedPlace(traceback('ValueError: no', '"boot.py", line 1, in <module>')), undefined);
  t.deepEqual(
    interruptedPlace(
      traceback('KeyboardInterrupt: ', '"boot.py", line 3, in <module>', '"lib/wifi.py", line 40, in join') +
        traceback('OSError: 2', '"main.py", line 1, in <module>') +
        traceback('KeyboardInterrupt: ', '"main.py", line 4, in <module>'),
    ),
    { file: 'boot.py', line: 3 },
  );
});
