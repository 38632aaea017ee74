/** What the contract of lines leaves to `onoff`: bases of any kernel, lines that a crash left exported, merged edges. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readSysfsChips } from '../../../drivers/pi/gpio/sysfs-chips.js';
import { SysfsInput } from '../../../drivers/pi/gpio/sysfs-input.js';
import { SysfsPin } from '../../../drivers/pi/gpio/sysfs-line.js';
import type { LineConfig } from '../../../rig/bench-file/values.js';
import { isRigError } from '../../../rig/errors.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { ms } from '../../../rig/time/units.js';
import { FakeSysfs } from './fake-sysfs.js';

const HEADER = { label: 'pinctrl-bcm2711', device: 'gpiochip0', lines: 28 };
const config: LineConfig = { driver: 'onoff', line: 5, activeLow: false };

function sysfsWith(t: ExecutionContext, base = 512): FakeSysfs {
  const sysfs = new FakeSysfs([{ ...HEADER, base }]);
  t.teardown(() => sysfs.remove());
  return sysfs;
}

const round = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

for (const base of [0, 512, 571]) {
  test(`line 5 of a header that begins at ${base} is number ${base + 5}`, (t) => {
    const sysfs = sysfsWith(t, base);
    const pin = new SysfsPin(sysfs, config, 'syn');
    t.true(sysfs.line(base + 5).exported);
    pin.drive(0);
    t.is(sysfs.line(base + 5).wire.level, 0);
    pin.close();
    t.false(sysfs.line(base + 5).exported);
    t.deepEqual(
      readdirSync(join(sysfs.root, 'sys/class/gpio')).filter((name) => /^gpio\d/.test(name)),
      [],
    );
  });
}

test('chips are read with label, base and names; a link leads to the character device', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'rig-chips-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  // As a kernel has it: the class entry's `device` is a link, to the parent or to the GPIO device itself.
  const platform = join(root, 'sys/devices/platform/soc/fe200000.gpio');
  const orphan = join(root, 'sys/devices/gpiochip1');
  mkdirSync(join(platform, 'gpiochip0'), { recursive: true });
  mkdirSync(join(platform, 'of_node'));
  mkdirSync(orphan, { recursive: true });
  writeFileSync(join(platform, 'of_node/gpio-line-names'), 'ID_SDA\0ID_SCL\0\0GPIO3\0');
  for (const [base, device, label, lines] of [
    [512, platform, 'pinctrl-bcm2711', 58],
    [570, orphan, 'raspberrypi-exp-gpio', 8],
  ] as const) {
    const folder = join(root, `sys/class/gpio/gpiochip${base}`);
    mkdirSync(folder, { recursive: true });
    symlinkSync(device, join(folder, 'device'));
    writeFileSync(join(folder, 'label'), `${label}\n`);
    writeFileSync(join(folder, 'base'), `${base}\n`);
    writeFileSync(join(folder, 'ngpio'), `${lines}\n`);
  }
  t.deepEqual(readSysfsChips(root), [
    {
      device: 'gpiochip0',
      label: 'pinctrl-bcm2711',
      base: 512,
      lines: 58,
      names: ['ID_SDA', 'ID_SCL', '', 'GPIO3'],
    },
    { device: 'gpiochip1', label: 'raspberrypi-exp-gpio', base: 570, lines: 8, names: [] },
  ]);
});

test('a kernel without this interface is refused, and the other driver is named', (t) => {
  const error = t.throws(() => readSysfsChips('/nowhere'));
  t.true(isRigError(error, 'BENCH'));
  t.regex(error?.message ?? '', /CONFIG_GPIO_SYSFS.*driver: gpio/);
});

test('a line that a crash left driven is let go when it is opened', (t) => {
  const sysfs = sysfsWith(t);
  const left = sysfs.line(517);
  sysfs.export(517);
  left.attributes.direction = 'out';
  left.attributes.active_low = '1';
  left.wire.driveFromHost(0);
  const pin = new SysfsPin(sysfs, config, 'reset');
  t.is(left.wire.hostDrives, undefined);
  t.is(pin.level(), 1);
  pin.close();
});

test('a line that was left exported, and whose direction stays as it was, is refused', (t) => {
  const sysfs = sysfsWith(t);
  sysfs.export(517);
  sysfs.line(517).attributes.direction = 'out';
  sysfs.line(517).readonly = true;
  const error = t.throws(() => new SysfsPin(sysfs, config, 'syn'));
  t.true(isRigError(error, 'BENCH'));
  t.regex(error?.message ?? '', /syn \(line 5.*stays "out".*echo 517 \| sudo tee .*unexport/s);
  t.is(sysfs.openNumbers.size, 0);
});

test('a line that was left exported, and tells no edges, is refused as an input', (t) => {
  const sysfs = sysfsWith(t);
  sysfs.export(517);
  sysfs.line(517).readonly = true;
  const error = t.throws(() => new SysfsInput(sysfs, new SystemClock(), config, 'ack'));
  t.regex(error?.message ?? '', /tells no edges \(none\)/);
});

test('a pulse that begins before edges are discarded and is told afterwards does not turn up', async (t) => {
  const sysfs = sysfsWith(t);
  const input = new SysfsInput(sysfs, new SystemClock(), config, 'ack');
  const { wire } = sysfs.line(517);
  await round();
  wire.driveFromFar(0);
  // The thread has seen it, the event loop has not been told.
  await round();
  input.discardEdges();
  wire.driveFromFar(0);
  t.true(isRigError(await t.throwsAsync(input.nextEdge(ms(20))), 'TIMEOUT'));
  // On a busy machine the wait may be over before the event loop has been told.
  for (let rounds = 0; rounds < 3; rounds += 1) await round();
  wire.driveFromFar(1);
  wire.driveFromFar(0);
  const [first, second] = [await input.nextEdge(ms(1_000)), await input.nextEdge(ms(1_000))];
  t.deepEqual([first.level, second.level], [1, 0], 'afterwards pulses are told as before');
  t.deepEqual([first.sequence, second.sequence], [2, 3]);
  await input.close();
});

test('reading the level does not take an edge away from the queue', async (t) => {
  const sysfs = sysfsWith(t);
  const input = new SysfsInput(sysfs, new SystemClock(), config, 'ack');
  sysfs.line(517).wire.driveFromFar(0);
  t.is(await input.read(), 0);
  t.is((await input.nextEdge(ms(100))).level, 0);
  await input.close();
});
