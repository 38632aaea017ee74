/** Firmware that cannot work: each run ends by itself, blames the device, and shows what its console said. */
import test from 'ava';
import { BRING_UP_LIMIT } from '../../rig/run/runner.js';
import { type DurationUs, toMs } from '../../rig/time/units.js';
import { steady } from '../../scenarios/steady.js';
import { flashOf, rehearse } from './rehearsal.js';

/** Bring-up is given up after its limit; then teardown takes a moment of the bench's time. */
const BENCH_LIMIT_MS = toMs(BRING_UP_LIMIT) + 2_000;
/** The slowest, a board that prints without end, takes 5 s on an idle machine. */
const WALL_LIMIT_MS = 240_000;

const SYNCHRONISE = `
from machine import Pin
import time
syn = Pin(5, Pin.IN)
ack = Pin(4, Pin.OUT, value=1)
time.sleep_ms(100)
ack(0)
while syn():
    time.sleep_ms(100)
`;

interface DeadBoard {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly reason: RegExp;
}

const DID_NOT_COME_UP = /^The device did not come up within 120 s: /;

const boards: readonly DeadBoard[] = [
  {
    what: 'loops for ever',
    files: { 'main.py': 'while True: pass\n' },
    reason: /did not come up.*\n(.*\n)*.*rst cause:2/,
  },
  {
    what: 'prints, then loops for ever',
    files: { 'main.py': 'print("alive")\nwhile True: pass\n' },
    reason: /\| alive$/,
  },
  {
    what: 'catches every exception and goes on',
    files: { 'main.py': 'while True:\n  try:\n    while True: pass\n  except BaseException: pass\n' },
    reason: DID_NOT_COME_UP,
  },
  {
    what: 'raises at import',
    files: { 'main.py': 'import app\n', 'app.py': 'raise ValueError("no luck")\n' },
    reason: /File "app\.py", line 1, in <module>\n {2}\| ValueError: no luck\n/,
  },
  {
    what: 'raises in boot.py',
    files: {
      'boot.py': 'raise RuntimeError("bad boot")\n',
      'main.py': 'import time\nwhile True: time.sleep(1)\n',
    },
    reason: /\| RuntimeError: bad boot/,
  },
  {
    what: 'waits for ever in boot.py',
    files: { 'boot.py': 'import time\nwhile True:\n    time.sleep_ms(100)\n', 'main.py': 'print("main")\n' },
    reason: /Lock-up: .* Ctrl-C found it in boot\.py, line [23]\. .*os\.remove\('boot\.py'\)/,
  },
  {
    what: 'resets itself in boot.py',
    files: { 'boot.py': 'import machine, time\ntime.sleep_ms(1200)\nmachine.reset()\n' },
    reason: /Boot loop: .*1\.5 s apart.*rst cause 3, software.* Ctrl-C found it in boot\.py, line 2\./,
  },
  {
    what: 'has a syntax error in main.py',
    files: { 'main.py': 'print("x"\nwhile True pass\n' },
    reason: /File "main\.py", line 2\n {2}\| SyntaxError: invalid syntax/,
  },
  {
    what: 'ends at once',
    files: { 'main.py': 'print("bye")\n' },
    reason: /\| bye\n/,
  },
  {
    what: 'prints without end',
    files: { 'main.py': 'n = 0\nwhile True:\n    print("line", n, "x" * 200)\n    n += 1\n' },
    reason: /\| line \d+ x+/,
  },
  {
    what: 'prints without end and without a line end',
    files: { 'main.py': 'while True: print("0123456789", end="")\n' },
    reason: /\| [0-9]+$/,
  },
  {
    what: 'keeps ack high, so that it never synchronises',
    files: {
      'main.py':
        'from machine import Pin\nimport time\nPin(4, Pin.OUT, value=1)\nprint("up")\nwhile True: time.sleep(1)\n',
    },
    reason: /\| up$/,
  },
  {
    what: 'synchronises but never answers an exchange',
    files: { 'main.py': `${SYNCHRONISE}print("synchronised")\nwhile True: time.sleep(1)\n` },
    reason: /not sent a line after 5 reboots.*step 2 of an exchange.*\n(.*\n)*.*\| synchronised$/,
  },
  {
    what: 'hangs in its interrupt handler',
    files: {
      'main.py': `${SYNCHRONISE}
def hang(pin):
    print("handler")
    while True: pass
syn.irq(handler=hang, trigger=Pin.IRQ_RISING)
while True: time.sleep(1)
`,
    },
    reason: /not sent a line after 5 reboots.*\n(.*\n)*.*\| handler$/,
  },
  {
    what: 'resets itself again and again',
    files: { 'main.py': 'import machine, time\nprint("again")\ntime.sleep(2)\nmachine.reset()\n' },
    reason: /\d\d ROM messages were seen\. Boot loop: (.*\n)*.*\| again/,
  },
  {
    what: 'fills its memory',
    files: { 'main.py': 'held = []\nwhile True: held.append(bytes(10000))\n' },
    reason: /\| MemoryError: memory allocation failed/,
  },
  {
    what: 'fills its memory with one object that doubles',
    files: { 'main.py': 'b = b"x"\nwhile True: b += b\n' },
    reason: /\| MemoryError: memory allocation failed/,
  },
  {
    what: 'fills its flash',
    files: { 'main.py': 'f = open("x", "w")\nwhile True: f.write("y" * 1000)\n' },
    reason: /\| OSError: (28|\[Errno 28\] ENOSPC)/,
  },
  {
    what: 'calls itself without end',
    files: { 'main.py': 'def f(): f()\nf()\n' },
    reason: /\| RuntimeError: maximum recursion depth exceeded/,
  },
  {
    what: 'computes without end inside a single call',
    files: { 'main.py': 'n = 1\nn = (n << 70000) - 1\nx = n * n\n' },
    reason:
      /^The device did not come up within 120 s: .*\n(.*\n)*.*rst cause:4, boot mode:\(3,6\)\n {2}\| wdt reset/,
  },
];

for (const { what, files, reason } of boards) {
  test.serial(`a board whose firmware ${what} ends the run as FAIL, with its last words`, async (t) => {
    const { result, wallMs } = await rehearse({
      scenario: steady,
      seed: 1,
      flash: flashOf(files),
    });
    t.is(result.outcome, 'FAIL');
    t.regex(result.reason ?? '', reason);
    t.regex(result.reason ?? '', /The console's last lines:\n( {2}\| .*(\n|$)){1,6}$/);
    t.true(result.benchMs <= BENCH_LIMIT_MS, `${result.benchMs} ms of bench time`);
    t.true(wallMs <= WALL_LIMIT_MS, `${wallMs} ms of wall time`);
  });
}

test.serial(
  'a reset wire that is off is told by the ROM, which does not answer: the firmware gets no blame',
  async (t) => {
    const { result } = await rehearse({
      scenario: steady,
      seed: 1,
      flash: flashOf({ 'main.py': 'while True: pass\n' }),
      aroundBench: (bench) => {
        const reset = {
          press: (pulse: DurationUs) => bench.clock.sleep('off', pulse),
          release: async () => {},
        };
        return { ...bench, ports: { ...bench.ports, reset } };
      },
    });
    t.is(result.outcome, 'ERROR', result.reason);
    t.regex(result.reason ?? '', /No start: .* [34] times.*Check the supply, the reset wire/);
  },
);

test.serial('garbage, however much, is no fill of the memory', async (t) => {
  const main = 'for i in range(600): b = bytes(10000)\nprint("all made")\n';
  const { result } = await rehearse({ scenario: steady, seed: 1, flash: flashOf({ 'main.py': main }) });
  t.regex(result.reason ?? '', /\| all made\n/);
});
