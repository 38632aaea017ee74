/** Which way into the loader, and which restart, a bench file's sections mean; and that nothing stays open or held. */
import test from 'ava';
import { openBootControl, openRestart, type StartDrivers } from '../../../drivers/pi/flash/open-control.js';
import { openConsole } from '../../../drivers/pi/serial/console.js';
import { openPipe } from '../../../drivers/pi/serial/pipe.js';
import type { PhysicalBenchFile } from '../../../rig/bench-file/bench-file.js';
import { loadBenchFile } from '../../../rig/bench-file/load.js';
import { RigError } from '../../../rig/errors.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { FakePorts } from '../serial/fake-port.js';

const reset = '{driver: gpio, line: GPIO13, pulse: 300ms}';
const straps = 'straps: {scl: {driver: gpio, line: GPIO19}, sda: {driver: gpio, line: GPIO18}}';
const power = '{driver: command, on: [plug, on], off: [plug, off]}';

/** The sections that a bench file gives for these lines of it. */
function sections(consoleMore: string, more = ''): PhysicalBenchFile {
  const { file } = loadBenchFile(
    'name: lab-3\nboard: {kind: esp8266}\n' +
      'link: {role: target, i2c: {driver: bsc}, syn: {driver: gpio, line: 5}, ack: {driver: gpio, line: 6}}\n' +
      `server: {host: 192.168.50.1}\nconsole: {driver: serial, path: /dev/ttyUSB7${consoleMore}}\n${more}`,
    'bench.yaml',
  );
  if (file.kind !== 'physical') throw new Error('The bench file is one of hardware.');
  return file;
}

function makeBench() {
  const clock = new VirtualClock();
  const ports = new FakePorts();
  const { log } = ports;
  const note = (text: string) => async () => {
    log.push(text);
  };
  const failing = new Set<string>();
  const drivers: StartDrivers = {
    openLine: async (_config, name) => {
      if (failing.has(name)) throw new RigError('BENCH', `${name}: taken.`);
      return {
        pull: note(`${name} low`),
        release: async () => {
          if (failing.has(`${name} release`)) throw new RigError('BENCH', `${name}: gone.`);
          log.push(`${name} free`);
        },
        read: async () => 1,
        close: note(`${name} closed`),
      };
    },
    openReset: async () => ({
      press: async (pulse) => {
        log.push(`press ${pulse / 1_000} ms`);
      },
      release: note('release'),
      close: note('reset closed'),
    }),
    openPower: async () => ({
      on: note('on'),
      off: note('off'),
      rail: async () => undefined,
      close: note('power closed'),
    }),
  };
  const control = async (file: PhysicalBenchFile) => {
    const pipe = await openPipe('/dev/ttyUSB7', 115_200, ports.open);
    log.length = 0;
    return await openBootControl(file, pipe, clock, drivers);
  };
  const restart = async (file: PhysicalBenchFile) => {
    if (file.console === undefined) throw new Error('The bench file has a console.');
    const console = await openConsole(file.console, clock, ports.open);
    log.length = 0;
    return await openRestart(file, console, clock, drivers);
  };
  return { clock, log, failing, control, restart };
}

const ways: readonly [what: string, console: string, more: string, steps: readonly string[]][] = [
  [
    'DTR and RTS',
    ', modemLines: dtr-rts',
    `reset: ${reset}\n`,
    [
      'dtr false, rts true',
      'dtr true, rts false',
      'dtr false, rts false',
      'reset:',
      'dtr false, rts true',
      'dtr false, rts false',
    ],
  ],
  [
    'the lines of reset and scl',
    '',
    `reset: ${reset.replace('}', `, ${straps}}`)}\n`,
    [
      'scl low',
      'reset low',
      'reset free',
      'reset free',
      'scl free',
      'reset:',
      'scl free',
      'reset low',
      'reset free',
      'reset free',
      'scl closed',
      'reset closed',
    ],
  ],
  [
    'a person, and the bench’s reset',
    '',
    `reset: ${reset}\n`,
    ['press 100 ms', 'reset:', 'press 100 ms', 'reset closed'],
  ],
  [
    'a person, and the bench’s supply',
    '',
    `power: ${power}\n`,
    ['off', 'on', 'reset:', 'off', 'on', 'power closed'],
  ],
  ['a person alone', '', '', ['reset:']],
];

for (const [what, consoleMore, more, steps] of ways) {
  test(`the loader is started by ${what}`, async (t) => {
    const { clock, log, control } = makeBench();
    await clock.run(async () => {
      const opened = await control(sections(consoleMore, more));
      t.is(opened.loaderByHand !== undefined, what.startsWith('a person'));
      t.is(opened.resetByHand !== undefined, what === 'a person alone');
      await opened.enterLoader();
      log.push('reset:');
      await opened.hardReset();
      await opened.close();
    });
    t.deepEqual(log, steps);
  });
}

test('a line that cannot be had closes the one before it', async (t) => {
  const { clock, log, failing, control } = makeBench();
  failing.add('scl');
  await clock.run(() =>
    t.throwsAsync(control(sections('', `reset: ${reset.replace('}', `, ${straps}}`)}\n`)), {
      message: /taken/,
    }),
  );
  t.deepEqual(log, ['reset closed']);
});

test('a line that fails leaves the others free', async (t) => {
  const { clock, log, failing, control } = makeBench();
  await clock.run(async () => {
    const opened = await control(sections('', `reset: ${reset.replace('}', `, ${straps}}`)}\n`));
    failing.add('reset release');
    await t.throwsAsync(opened.enterLoader());
  });
  t.true(log.includes('scl free'), log.join(', '));
});

const restarts: readonly [
  what: string,
  console: string,
  more: string,
  steps: readonly string[] | undefined,
][] = [
  [
    'the reset, with its pulse',
    ', modemLines: dtr-rts',
    `reset: ${reset}\npower: ${power}\n`,
    ['press 300 ms', 'reset closed'],
  ],
  ['RTS', ', modemLines: dtr-rts', `power: ${power}\n`, ['dtr false, rts true', 'dtr false, rts false']],
  ['the supply', '', `power: ${power}\n`, ['off', 'on', 'power closed']],
  ['nothing of the bench', '', '', undefined],
];

for (const [what, consoleMore, more, steps] of restarts) {
  test(`after an upload the board is started by ${what}`, async (t) => {
    const { clock, log, restart } = makeBench();
    await clock.run(async () => {
      const opened = await restart(sections(consoleMore, more));
      await opened.restart?.();
      await opened.close();
      t.is(opened.restart === undefined, steps === undefined);
    });
    t.deepEqual(log, steps ?? []);
  });
}
