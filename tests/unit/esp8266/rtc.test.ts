/** The real-time clock: how wrong it goes, when it overflows, and what of it survives which reset. */
import test from 'ava';
import { OVERFLOW_US, Rtc } from '../../../drivers/virtual/esp8266/chip/rtc.js';
import { createRandom } from '../../../rig/random.js';
import { seconds } from '../../../rig/time/units.js';
import { withBoard } from './board-rig.js';

const POWER_ON = 1;
const RESET_PIN = 2;
const SOFTWARE = 3;
const HOUR_US = 3_600_000_000;
const MINUTE_US = 60_000_000;

const started = (seed = 1, ageUs = 0): Rtc => {
  const rtc = new Rtc(createRandom(seed));
  rtc.start(POWER_ON, 0, ageUs);
  return rtc;
};

/** Seconds per minute. */
const driftOf = (rtc: Rtc) => rtc.readUs(MINUTE_US) / 1_000_000 - 60;

test('it drifts by seconds per minute, by the seed', (t) => {
  const drifts = Array.from({ length: 40 }, (_, seed) => driftOf(started(seed)));
  t.true(drifts.every((drift) => Math.abs(drift) >= 0.49 && Math.abs(drift) <= 3.01));
  t.true(drifts.some((drift) => drift > 1) && drifts.some((drift) => drift < -1));
  t.is(driftOf(started(5)), driftOf(started(5)));
});

test('it overflows after 7:45 h by its own time, unless it is asked in between', (t) => {
  t.is(Math.round(OVERFLOW_US / MINUTE_US), 7 * 60 + 45);
  const forgotten = started();
  t.true(forgotten.readUs(9 * HOUR_US) < 2 * HOUR_US);
  const asked = started();
  let last = 0;
  for (let hour = 7; hour <= 100; hour += 7) {
    const now = asked.readUs(hour * HOUR_US);
    t.true(now > last);
    t.true(Math.abs(now - hour * HOUR_US) < 0.06 * hour * HOUR_US);
    last = now;
  }
});

test('one that is older when it starts has not been asked yet', (t) => {
  const old = started(1, OVERFLOW_US - MINUTE_US);
  t.true(old.readUs(2 * MINUTE_US) < 2 * MINUTE_US, 'overflowed unseen');
  const asked = started(1, OVERFLOW_US - MINUTE_US);
  t.true(asked.readUs(1_000_000) > 7 * HOUR_US);
  t.true(asked.readUs(2 * MINUTE_US) > 7 * HOUR_US);
});

test('what a reset leaves: its own everything, the pin the memory, the supply nothing', (t) => {
  const rtc = started();
  rtc.setUs(1_000 * HOUR_US, HOUR_US);
  rtc.userMemory = Uint8Array.of(1, 2);
  rtc.start(SOFTWARE, 2 * HOUR_US, 0);
  t.true(rtc.readUs(2 * HOUR_US) > 1_000.9 * HOUR_US);
  rtc.start(RESET_PIN, 3 * HOUR_US, 0);
  const afterPin = rtc.readUs(3 * HOUR_US);
  t.true(afterPin > 998 * HOUR_US && afterPin < 1_000 * HOUR_US, 'the counter began anew');
  t.deepEqual(rtc.userMemory, Uint8Array.of(1, 2));
  rtc.start(POWER_ON, 4 * HOUR_US, 0);
  t.is(rtc.readUs(4 * HOUR_US), 0);
  t.is(rtc.userMemory.length, 0);
});

const MAIN = `
import machine, time
rtc = machine.RTC()
print('cause', machine.reset_cause(), 'year', time.localtime()[0], rtc.memory(), time.time() > 27000)
rtc.datetime((2024, 5, 6, 0, 7, 8, 9, 250))
rtc.memory(b'kept')
print('set', rtc.datetime()[:7], time.time_ns() % 1000000000 // 10000000)
time.sleep(1)
if machine.reset_cause() == 0:
    machine.reset()
`;

test.serial('a program sets it, and finds time and memory again after its own reset', async (t) => {
  const rig = await withBoard({ 'main.py': MAIN }, async (board) => {
    board.board.ageClock(OVERFLOW_US - MINUTE_US);
    board.board.powerOn();
    t.true(await board.printed('cause 4'));
    await board.wait(seconds(1));
    board.board.powerOff();
    await board.wait(seconds(1));
    board.board.powerOn();
    t.true(await board.printed('cause 0', board.lines.length));
  });
  const said = rig.texts().filter((text) => /^(cause|set)/.test(text));
  t.deepEqual(said.slice(0, 3), [
    "cause 0 year 2000 b'' True",
    'set (2024, 5, 6, 0, 7, 8, 9) 25',
    "cause 4 year 2024 b'kept' True",
  ]);
  t.is(
    said.findLast((text) => text.startsWith('cause 0')),
    "cause 0 year 2000 b'' True",
  );
});
