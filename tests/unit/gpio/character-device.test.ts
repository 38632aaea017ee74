/** What the contract of lines leaves to the character device: one wait for all lines, nothing left behind. */
import test, { type ExecutionContext } from 'ava';
import { CharacterDevicePin } from '../../../drivers/pi/gpio/character-device.js';
import { CharacterDeviceInput } from '../../../drivers/pi/gpio/character-device-input.js';
import { LinePoller } from '../../../drivers/pi/gpio/poller.js';
import type { LineConfig } from '../../../rig/bench-file/values.js';
import { isRigError } from '../../../rig/errors.js';
import { EDGE_QUEUE_LIMIT } from '../../../rig/ports.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { ms, seconds } from '../../../rig/time/units.js';
import { FakeChip, FakeKernel } from './fake-kernel.js';

const names = Array.from({ length: 28 }, (_, offset) => `GPIO${offset}`);
const line = (offset: number, chip?: string): LineConfig => ({
  driver: 'gpio',
  line: offset,
  activeLow: false,
  ...(chip === undefined ? {} : { chip }),
});

function host() {
  const chip = new FakeChip('gpiochip0', 'pinctrl-bcm2711', names);
  const kernel = new FakeKernel([chip]);
  const poller = new LinePoller(kernel);
  const clock = new SystemClock();
  const input = (config: LineConfig) => new CharacterDeviceInput(kernel, poller, clock, config, 'ack');
  const wire = (offset: number) => {
    const found = chip.lines[offset];
    if (found === undefined) throw new Error(`no line ${offset}`);
    return found.wire;
  };
  return { chip, kernel, clock, input, wire };
}

const refused = (t: ExecutionContext, open: () => unknown, message: RegExp): void => {
  const error = t.throws(open);
  t.true(isRigError(error, 'BENCH'));
  t.regex(error?.message ?? '', message);
};

test('all lines of a process share one wait', async (t) => {
  const { kernel, input, wire } = host();
  const inputs = [input(line(4)), input(line(5)), input(line(6))];
  const waits = inputs.map((each) => each.nextEdge(seconds(1)));
  await new Promise((resolve) => setTimeout(resolve, 5));
  t.is(kernel.pollsUnderWay, 1);
  for (const offset of [6, 4, 5]) wire(offset).driveFromFar(0);
  t.deepEqual(
    (await Promise.all(waits)).map(({ level }) => level),
    [0, 0, 0],
  );
  await Promise.all(inputs.map((each) => each.close()));
  t.is(kernel.pollsUnderWay, 0, 'nothing waits when no line is open');
});

test('an edge that has happened already is had without waiting for the poller', async (t) => {
  const { kernel, input, wire } = host();
  const ack = input(line(5));
  const polling = kernel.pollsUnderWay;
  wire(5).driveFromFar(0);
  const edge = await ack.nextEdge(ms(0));
  t.deepEqual([edge.level, kernel.pollsUnderWay], [0, polling]);
  await ack.close();
});

test('an edge has the time of its interrupt, not of its arrival', async (t) => {
  const { clock, input, wire } = host();
  const ack = input(line(5));
  const beforeUs = clock.now();
  wire(5).driveFromFar(0);
  const afterUs = clock.now();
  await clock.sleep('busy', ms(10));
  const { atUs } = await ack.nextEdge(ms(1));
  t.true(atUs >= beforeUs && atUs <= afterUs);
  await ack.close();
});

test('an edge whose event is still on its way is discarded as well, and one after it is not', async (t) => {
  const { kernel, input, wire } = host();
  kernel.slowInterrupts = true;
  const ack = input(line(5));
  wire(5).driveFromFar(0);
  ack.discardEdges();
  wire(5).driveFromFar(1);
  const edge = await ack.nextEdge(ms(1_000));
  t.deepEqual([edge.level, edge.sequence, ack.missedEdges], [1, 2, 0]);
  t.true(isRigError(await t.throwsAsync(ack.nextEdge(ms(5))), 'TIMEOUT'));
  await ack.close();
});

test('edges of before the opening are not told, however late', async (t) => {
  const { kernel, input, wire } = host();
  kernel.slowInterrupts = true;
  // Between the request and the first look at the level.
  const { setNonBlocking } = kernel;
  kernel.setNonBlocking = (fd) => {
    setNonBlocking.call(kernel, fd);
    wire(5).driveFromFar(0);
  };
  const ack = input(line(5));
  t.true(isRigError(await t.throwsAsync(ack.nextEdge(ms(20))), 'TIMEOUT'));
  wire(5).driveFromFar(1);
  t.is((await ack.nextEdge(ms(1_000))).level, 1);
  await ack.close();
});

test('closing gives every descriptor back, and so does a refused request', async (t) => {
  const { kernel, chip, input } = host();
  const pin = new CharacterDevicePin(kernel, line(4), 'syn');
  const ack = input(line(5));
  t.is(kernel.openDescriptors, 2);
  refused(t, () => input(line(5)), /is used by "rig ack"/);
  refused(t, () => input(line(99)), /no line "99"/);
  pin.close();
  await ack.close();
  t.is(kernel.openDescriptors, 0);
  t.true(chip.lines.every(({ consumer }) => consumer === undefined));
});

test('a line is high-impedance from the request to the first level, and drives that level at once', (t) => {
  const { kernel, wire } = host();
  const seen: number[] = [];
  wire(4).driveFromFar(0);
  wire(4).onChange((level) => seen.push(level));
  const pin = new CharacterDevicePin(kernel, line(4), 'syn');
  pin.drive(1);
  pin.drive(0);
  pin.letGo();
  t.deepEqual(seen, [1, 0]);
  pin.close();
});

test('who uses a line without having given a name is said to be unknown', (t) => {
  const { kernel, chip } = host();
  const taken = chip.lines[4];
  if (taken !== undefined) taken.consumer = '';
  refused(
    t,
    () => new CharacterDevicePin(kernel, line(4), 'syn'),
    /used by something that did not give its name/,
  );
});

test('a second name of the same chip is not a second chip', (t) => {
  const { kernel } = host();
  kernel.links.set('gpiochip4', 'gpiochip0');
  new CharacterDevicePin(kernel, line(4), 'syn').close();
  t.pass();
});

test('a chip that may not be opened matters only where it may be the one that is meant', (t) => {
  const { kernel } = host();
  const other = new FakeChip('gpiochip1', 'raspberrypi-exp-gpio', ['BT_ON']);
  other.forbidden = true;
  kernel.chips.push(other);
  new CharacterDevicePin(kernel, line(4), 'syn').close();
  refused(
    t,
    () => new CharacterDevicePin(kernel, line(0, 'raspberrypi-exp-gpio'), 'syn'),
    /gpiochip1: EACCES.*group/,
  );
});

test('a line that never rests stops neither the reader nor the event loop', async (t) => {
  const { input, wire } = host();
  const ack = input(line(5));
  const toggle = () => wire(5).driveFromFar(wire(5).level === 0 ? 1 : 0);
  const storms = 5;
  for (let storm = 0; storm < storms; storm += 1) {
    for (let edges = 0; edges < 3_000; edges += 1) toggle();
    // The poller's thread, the event loop, the reader.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  t.true(isRigError(await t.throwsAsync(ack.nextEdge(ms(1))), 'INVALID'));
  t.is(ack.missedEdges, storms * 3_000 - EDGE_QUEUE_LIMIT);
  ack.discardEdges();
  toggle();
  await t.notThrowsAsync(ack.nextEdge(ms(1_000)));
  await ack.close();
});

test('a poll that fails ends the wait: without it no edge can be vouched for', async (t) => {
  const { kernel, input } = host();
  const ack = input(line(5));
  kernel.poll = async () => {
    throw new Error('EINVAL: poll');
  };
  kernel.wake();
  t.true(isRigError(await t.throwsAsync(ack.nextEdge(seconds(5))), 'BENCH'));
  await ack.close();
});
