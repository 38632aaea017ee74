/** Faults that keep a device from starting, on a bench of fakes: a run that is stopped leaves the bench as it was. */
import test from 'ava';
import { StartHistory } from '../../../rig/device/start-history.js';
import { isRigError, RigError } from '../../../rig/errors.js';
import { StartFaults } from '../../../rig/faults/start-faults.js';
import type { Level, OpenDrainLine } from '../../../rig/ports.js';
import { ScopedClock } from '../../../rig/time/scoped-clock.js';
import { later, ms, seconds } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { makeObserver } from '../run/observer-rig.js';
import { fakeLink } from './fake-link.js';

function setUp() {
  const bench = new VirtualClock();
  const clock = new ScopedClock(bench);
  const { faults } = makeObserver(clock);
  const done: string[] = [];
  const note = (what: string) => async () => void done.push(what);
  const stop = new AbortController();
  const line = (name: string): OpenDrainLine => {
    let level: Level = 1;
    const change = async (to: Level, what: string) => {
      level = to;
      done.push(`${name} ${what}`);
    };
    return {
      pull: () => change(0, 'pulled'),
      release: () => change(1, 'released'),
      read: async () => level,
    };
  };
  const starts = new StartHistory();
  const link = fakeLink({ hold: async () => () => void done.push('given back') });
  const injector = new StartFaults({
    clock,
    log: faults,
    device: { starts, note: () => undefined },
    link,
    console: {
      onChunk: () => () => undefined,
      onNotice: () => () => undefined,
      expectRom: async () => undefined,
      write: async () => undefined,
    },
    signal: stop.signal,
  });
  const power = { off: note('off'), on: note('on'), rail: async () => undefined };
  const bus = { scl: line('scl'), sda: line('sda') };
  const stopAt = (atMs: number) => bench.at('stop', later(bench.now(), ms(atMs)), () => stop.abort());
  return { bench, clock, injector, done, note, starts, power, bus, stopAt };
}

test('a run that is stopped while the supply sags leaves it on', async (t) => {
  const { bench, clock, injector, done, note, power, stopAt } = setUp();
  stopAt(1_000);
  const error = await bench.run(() => t.throwsAsync(injector.brownOut(power, note('sag'), seconds(5))));
  t.true(isRigError(error, 'CANCELLED'));
  t.deepEqual(done, ['sag', 'on']);
  t.deepEqual(clock.pending(), []);
});

for (const [when, atMs] of [
  ['while reset is held', 20],
  ['before the ROM has said anything', 80],
  ['while the line is held', 1_000],
] as const) {
  test(`a run that is stopped ${when} lets go of reset, the bus line and the device`, async (t) => {
    const { bench, clock, injector, done, note, starts, bus, stopAt } = setUp();
    const reset = { press: note('pressed'), release: note('reset released') };
    bench.at('ROM', later(bench.now(), ms(100)), () => starts.sawRom(bench.now(), 2, 1));
    stopAt(atMs);
    const error = await bench.run(() => t.throwsAsync(injector.strapHeld(bus, reset, 'scl', seconds(4))));
    t.true(isRigError(error, 'CANCELLED'));
    t.deepEqual(done, ['scl pulled', 'pressed', 'reset released', 'scl released', 'given back']);
    t.deepEqual(clock.pending(), []);
  });
}

test('a reset pin that fails at once is told of after the bus line has been let go', async (t) => {
  const { bench, injector, done, note, bus } = setUp();
  const reset = {
    press: async () => Promise.reject(new RigError('BENCH', 'the pin is gone')),
    release: note('reset released'),
  };
  const error = await bench.run(() => t.throwsAsync(injector.strapHeld(bus, reset, 'sda', seconds(4))));
  t.is(error?.message, 'the pin is gone');
  t.deepEqual(done, ['sda pulled', 'reset released', 'sda released', 'given back']);
});
