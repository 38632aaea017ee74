/** The processor as the bench sees it: its time, its rests, its interrupts, and how it stops. */
import test from 'ava';
import { costs, REFERENCE_HZ } from '../../../drivers/virtual/esp8266/chip/costs.js';
import { BoardStopped, type Program } from '../../../drivers/virtual/esp8266/chip/cpu.js';
import { Pins } from '../../../drivers/virtual/esp8266/chip/pins.js';
import { PollingWatch } from '../../../drivers/virtual/esp8266/chip/polling-watch.js';
import { Timers } from '../../../drivers/virtual/esp8266/chip/timers.js';
import { deviceRecord, hostRecord, RELEASED } from '../../../drivers/virtual/esp8266/lockstep/records.js';
import { FakeMemory, type HostEvent, makeCpu } from './fake-memory.js';

/** MicroPython's JUMP: a bytecode before which handlers run. */
const JUMP = 0x42;
const FALLING = 2;
const RISING = 1;
const OUTPUT = 1;
const INPUT = 0;

const pinLevel = (atUs: number, gpio: number, level: number): HostEvent => ({
  atUs,
  kind: hostRecord.pinLevel,
  a: gpio,
  b: level,
});
const stop = (atUs: number): HostEvent => ({ atUs, kind: hostRecord.stop });

/** An interpreter, as the processor sees it. */
const program = (fuel: { value: number }, has: Partial<Program> = {}): Program => ({
  fuel,
  raiseKeyboardInterrupt: () => undefined,
  ...has,
});

/** A processor with pins and timers, whose handlers note when they ran. */
function setUp(events: readonly HostEvent[] = [], handler: (what: string) => void = () => undefined) {
  const memory = new FakeMemory(events);
  const served: string[] = [];
  const serve = (what: string) => {
    served.push(`${what} at ${Math.round(cpu.now())}`);
    handler(what);
  };
  const cpu = makeCpu(memory, (record) => {
    if (record.kind === hostRecord.pinLevel) pins.outsideChanged(record.a, record.b);
  });
  const pins = new Pins(cpu, (pin) => serve(`pin ${pin}`));
  const timers = new Timers(
    () => cpu.now(),
    (timer) => serve(`timer ${timer}`),
  );
  cpu.addSource(timers);
  cpu.addInterrupt(pins);
  cpu.addInterrupt(timers);
  return { memory, cpu, pins, timers, served };
}

test('work costs time by the clock frequency, stated time does not', (t) => {
  const { cpu } = setUp();
  cpu.work(100);
  t.is(cpu.now(), 100);
  cpu.frequencyHz = 2 * REFERENCE_HZ;
  cpu.work(100);
  t.is(cpu.now(), 150);
  cpu.spend(100);
  t.is(cpu.now(), 250);
});

test('bytecodes take time, and the fuel given never reaches past the horizon', (t) => {
  const { cpu } = setUp([pinLevel(10_000, 5, 0)]);
  const fuel = { value: 0 };
  cpu.attachInterpreter(program(fuel));
  t.is(fuel.value, 10_000 / costs.bytecodeUs);
  fuel.value -= 400;
  t.is(cpu.now(), 1_000);
  cpu.frequencyHz = 2 * REFERENCE_HZ;
  t.is(fuel.value, (9_000 * 2) / costs.bytecodeUs);
  fuel.value -= 400;
  t.is(cpu.now(), 1_500);
});

test('what is spent across the horizon is spent in full, and the bench catches up on the way', (t) => {
  const { cpu, memory, pins } = setUp([pinLevel(300, 5, 0), pinLevel(600, 5, 1)]);
  cpu.spend(1_000);
  t.is(cpu.now(), 1_000);
  t.is(memory.handOvers.length, 2);
  t.is(pins.read(5), 1);
});

test('a sleep ends on time whatever happens meanwhile; handlers run in it', (t) => {
  const { cpu, pins, served } = setUp([pinLevel(300, 5, 0), pinLevel(600, 12, 0)]);
  pins.setTrigger(5, FALLING);
  cpu.sleepUntil(1_000);
  t.is(cpu.now(), 1_000);
  // 25 µs from the edge to the handler.
  t.deepEqual(served, ['pin 5 at 325']);
});

test('a wait for an event ends with the first one, or with its time', (t) => {
  const { cpu } = setUp([pinLevel(300, 5, 0)]);
  cpu.waitForEvent(1_000);
  t.is(cpu.now(), 300);
  cpu.waitForEvent(1_000);
  t.is(cpu.now(), 1_000);
});

test('handlers do not interrupt each other: the second runs after the first', (t) => {
  let depth = 0;
  let worst = 0;
  const { cpu, pins, served } = setUp([pinLevel(100, 5, 0), pinLevel(200, 12, 0)], (what) => {
    depth += 1;
    worst = Math.max(worst, depth);
    if (what === 'pin 5') cpu.spend(1_000);
    depth -= 1;
  });
  pins.setTrigger(5, FALLING);
  pins.setTrigger(12, FALLING);
  cpu.sleepUntil(5_000);
  t.is(worst, 1);
  t.deepEqual(served, ['pin 5 at 125', 'pin 12 at 1150']);
});

test('with interrupts off an edge is kept until they are on again', (t) => {
  const { cpu, pins, served } = setUp([pinLevel(100, 5, 0)]);
  pins.setTrigger(5, FALLING);
  t.true(cpu.setInterruptsEnabled(false));
  cpu.sleepUntil(1_000);
  t.deepEqual(served, []);
  t.false(cpu.setInterruptsEnabled(true));
  cpu.sleepUntil(cpu.now() + 10);
  t.deepEqual(served, ['pin 5 at 1035']);
});

for (const [what, act] of [
  ['a sleep', ({ cpu }) => cpu.sleepUntil(10_000)],
  ['a sleep without end', ({ cpu }) => cpu.sleepUntil(Number.POSITIVE_INFINITY)],
  ['a wait', ({ cpu }) => cpu.waitForEvent(10_000)],
  ['time being spent', ({ cpu }) => cpu.spend(10_000)],
  [
    'polling',
    ({ cpu, pins }) => {
      while (!cpu.stopped) pins.read(5);
    },
  ],
] as [string, (rig: ReturnType<typeof setUp>) => void][]) {
  test(`a stop ends ${what} at its instant, and bytecodes after it`, (t) => {
    const rig = setUp([stop(777)]);
    const fuel = { value: 0 };
    rig.cpu.attachInterpreter(program(fuel));
    act(rig);
    t.true(rig.cpu.stopped);
    t.true(Math.abs(rig.cpu.now() - 777) < 10, String(rig.cpu.now()));
    t.is(fuel.value, 0);
    t.throws(() => rig.cpu.outOfFuel(JUMP), { instanceOf: BoardStopped });
    const handOvers = rig.memory.handOvers.length;
    rig.pins.write(4, 1);
    rig.cpu.sleepUntil(1_000_000);
    t.is(rig.memory.handOvers.length, handOvers, 'A stopped chip does nothing more.');
  });
}

test('an interpreter out of fuel gets the horizon handled, interrupts served, and more fuel', (t) => {
  const { cpu, pins, served } = setUp([pinLevel(1_000, 5, 0), pinLevel(3_000, 5, 1)]);
  pins.setTrigger(5, FALLING);
  const fuel = { value: 0 };
  cpu.attachInterpreter(program(fuel));
  const startUs = cpu.now();
  fuel.value = -1;
  cpu.outOfFuel(JUMP);
  // The bytecode that took the last fuel has been run: up to 2.5 µs beyond the horizon.
  t.regex(served.join(), /^pin 5 at 102[5-8]$/);
  t.true(startUs < 10 && cpu.now() < 1_100);
  t.is(fuel.value, Math.floor((3_000 - cpu.now()) / costs.bytecodeUs));
});

test('Ctrl-C ends a wait, and becomes an exception at the next jump, before any handler', (t) => {
  for (const wait of ['sleepUntil', 'waitForEvent'] as const) {
    const raised: string[] = [];
    const { cpu, pins, timers, served } = setUp([], (what) => raised.push(what));
    const fuel = { value: 0 };
    const raiseKeyboardInterrupt = () => raised.push('KeyboardInterrupt');
    cpu.attachInterpreter(program(fuel, { raiseKeyboardInterrupt }));
    const keyboard = { nextUs: () => dueUs, fire: () => cpu.interruptProgram() };
    let dueUs = 5_000;
    cpu.addSource({
      ...keyboard,
      fire: () => {
        dueUs = Number.POSITIVE_INFINITY;
        keyboard.fire();
      },
    });
    pins.setTrigger(5, FALLING);
    cpu[wait](1_000_000);
    t.true(cpu.now() >= 5_000 && cpu.now() < 5_010);
    pins.outsideChanged(5, 0);
    timers.start(1, 1, false);
    t.is(fuel.value, 0);
    cpu.outOfFuel(0x10);
    t.deepEqual(raised, []);
    cpu.outOfFuel(JUMP);
    t.deepEqual([raised, served], [['KeyboardInterrupt'], []]);
    cpu.outOfFuel(JUMP);
    t.is(raised.length, 2);
    t.regex(served.join(), /^pin 5/);
  }
});

test('Ctrl-C while a handler runs waits for its end', (t) => {
  const raised: string[] = [];
  const { cpu, pins } = setUp([], (what) => {
    raised.push(what);
    cpu.interruptProgram();
    const before = cpu.now();
    cpu.sleepUntil(before + 500);
    cpu.outOfFuel(JUMP);
    raised.push(String(Math.round(cpu.now() - before)));
  });
  const raiseKeyboardInterrupt = () => raised.push('KeyboardInterrupt');
  cpu.attachInterpreter(program({ value: 0 }, { raiseKeyboardInterrupt }));
  pins.setTrigger(5, FALLING);
  pins.outsideChanged(5, 0);
  cpu.outOfFuel(JUMP);
  t.deepEqual(raised, ['pin 5', '500']);
  cpu.outOfFuel(JUMP);
  t.deepEqual(raised, ['pin 5', '500', 'KeyboardInterrupt']);
});

test('what is told pulls the horizon in, so that the answer comes in time', (t) => {
  const { cpu, memory, pins } = setUp([pinLevel(1_000_000, 5, 0)]);
  memory.onRecord = (record) => {
    if (record.kind === deviceRecord.pinDriven) memory.schedule(pinLevel(record.atUs + 80, 5, 0));
  };
  pins.configure(4, OUTPUT);
  const driven = cpu.now();
  cpu.sleepUntil(driven + 200);
  t.is(pins.read(5), 0);
  t.deepEqual(
    memory.told.map(({ kind, a, b, atUs }) => [kind, a, b, atUs]),
    [[deviceRecord.pinDriven, 4, 0, driven]],
  );
});

test('records that fill the buffer are handed over instead of lost', (t) => {
  const { cpu, memory } = setUp();
  for (let index = 0; index < 40; index += 1)
    cpu.post(deviceRecord.uart, 0, Infinity, index, 0, new Uint8Array(16_384));
  memory.deliver();
  t.deepEqual(
    memory.told.map(({ a }) => a),
    Array.from({ length: 40 }, (_, index) => index),
  );
});

test('a pin tells the bench its level when it drives, and that it let go', (t) => {
  const { cpu, memory, pins } = setUp();
  pins.write(4, 1);
  pins.configure(4, OUTPUT);
  pins.configure(4, OUTPUT);
  pins.write(4, 0);
  pins.write(4, 0);
  t.is(pins.read(4), 0);
  pins.configure(4, INPUT);
  t.is(pins.read(4), 1, 'Released, it is pulled up.');
  cpu.sleepUntil(1_000);
  memory.deliver();
  t.deepEqual(
    memory.told.map(({ b }) => b),
    [1, 0, RELEASED],
  );
});

test('only the edges asked for interrupt, an undriven change of level alone is one, and none twice at once', (t) => {
  const { cpu, pins, served } = setUp([
    pinLevel(100, 5, 1),
    pinLevel(200, 5, 0),
    pinLevel(300, 5, 1),
    pinLevel(400, 12, 0),
  ]);
  pins.setTrigger(5, RISING);
  cpu.sleepUntil(1_000);
  t.deepEqual(served, ['pin 5 at 325']);
  pins.outsideChanged(5, 0);
  pins.outsideChanged(5, 1);
  pins.outsideChanged(5, 0);
  pins.outsideChanged(5, 1);
  cpu.sleepUntil(cpu.now() + 1);
  t.is(served.length, 2, 'Two edges before the handler are one interrupt.');
  cpu.setInterruptsEnabled(false);
  pins.outsideChanged(5, 0);
  pins.outsideChanged(5, 1);
  pins.setTrigger(5, 0);
  cpu.setInterruptsEnabled(true);
  cpu.sleepUntil(cpu.now() + 1);
  t.is(served.length, 2, 'Switched off, what was latched is forgotten.');
});

test('timers run once or again and again, on time, and stop', (t) => {
  const { cpu, timers, served } = setUp();
  timers.start(1, 10, false);
  timers.start(2, 4, true);
  cpu.sleepUntil(13_000);
  t.deepEqual(served, ['timer 2 at 4025', 'timer 2 at 8025', 'timer 1 at 10025', 'timer 2 at 12025']);
  timers.stop(2);
  timers.stop(2);
  t.is(timers.nextUs(), Number.POSITIVE_INFINITY);
});

test('a periodic timer that is held up does not pile up without bound, and keeps its pace', (t) => {
  const { cpu, timers, served } = setUp();
  timers.start(1, 10, true);
  cpu.setInterruptsEnabled(false);
  cpu.sleepUntil(1_005_000);
  cpu.setInterruptsEnabled(true);
  cpu.sleepUntil(cpu.now() + 1);
  t.true(served.length > 0 && served.length <= 8, String(served.length));
  t.is(timers.nextUs(), 1_010_000);
});

test('a program that only polls is skipped ahead, by little at first and never by more than 10 ms', (t) => {
  const watch = new PollingWatch();
  let nowUs = 1_000_000;
  const startUs = nowUs;
  let skipped = 0;
  for (let look = 0; look < 2_000; look += 1) {
    const skip = watch.observed(nowUs);
    if (look < 31) t.is(skip, 0);
    t.true(skip >= 0 && skip <= 10_000 && skip <= (nowUs - startUs) / 8);
    skipped += skip;
    nowUs += skip + 10;
  }
  t.true(skipped > 1_000_000);
  watch.progress();
  t.is(watch.observed(nowUs), 0);
});
