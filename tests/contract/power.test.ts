/** One contract for the supplies of physical benches; what they switch is played here. */
import test from 'ava';
import { openPower } from '../../drivers/pi/power/open-power.js';
import { GuardedSupply } from '../../drivers/pi/power-guard.js';
import type { PowerSection } from '../../rig/bench-file/bench-file.js';
import { isRigError } from '../../rig/errors.js';
import { AnnouncedPower } from '../../rig/run/announce-boots.js';
import { type DurationUs, elapsed, ms } from '../../rig/time/units.js';
import { VirtualClock } from '../../rig/time/virtual-clock.js';
import { FakeHost, FakeUndoLog } from '../fixtures/pi/fake-host.js';
import { complained, printed } from '../fixtures/pi/fake-hostapd.js';
import { FakeHub } from '../fixtures/pi/fake-hub.js';
import { testPowerSwitch } from './bench-port-suites.js';

const SETTLE = ms(50);

type Driver = PowerSection['driver'];

const common = { settle: SETTLE, sense: { driver: 'ina219', bus: 1, address: 0x40 } } as const;

const section = (driver: Driver, leave: 'on' | 'off'): PowerSection => {
  switch (driver) {
    case 'gpio-relay':
      return { driver, control: { driver: 'gpio', line: 'GPIO26', activeLow: false }, leave, ...common };
    case 'uhubctl':
      return { driver, hub: '1-1', port: 2, leave, ...common };
    case 'command':
      return { driver, on: ['plug', 'on'], off: ['plug', 'off'], sag: ['plug', 'low'], leave, ...common };
  }
};

/** Everything that a supply may be made of, with the rail that it feeds. */
function setUp(driver: Driver, leave: 'on' | 'off' = 'on') {
  const clock = new VirtualClock();
  const host = new FakeHost(clock);
  const hub = new FakeHub();
  const undo = new FakeUndoLog();
  const rest: { level?: 0 | 1 } = {};
  const state = { line: undefined as 0 | 1 | undefined, plug: true, plugAnswers: true, open: 0 };
  host.programs.set('uhubctl', hub.answer);
  host.programs.set('plug', ([, order]) => {
    if (!state.plugAnswers) return complained(7, 'Connection refused\n');
    state.plug = order !== 'off';
    return printed('');
  });
  const isOn = () => {
    switch (driver) {
      case 'gpio-relay':
        return state.line === 1;
      case 'uhubctl':
        return hub.devicePowered;
      case 'command':
        return state.plug;
    }
  };
  const opened = <Port>(port: Port) => {
    state.open += 1;
    return {
      ...port,
      close: async () => {
        state.open -= 1;
      },
    };
  };
  const open = () =>
    openPower(section(driver, leave), {
      clock,
      undo,
      run: host.run,
      openOutputLine: async () => {
        const line = opened({
          write: async (level: 0 | 1) => {
            state.line = level;
          },
          release: async () => undefined,
        });
        return {
          ...line,
          close: async () => {
            state.line = rest.level ?? state.line;
            await line.close();
          },
        };
      },
      openRailSense: async () =>
        opened({ rail: async () => ({ kind: 'voltmeter' as const, volts: isOn() ? 3.28 : 0.02 }) }),
    });
  return { clock, host, hub, undo, state, rest, isOn, open };
}

const drivers: readonly Driver[] = ['gpio-relay', 'uhubctl', 'command'];

for (const driver of drivers) {
  testPowerSwitch(`power by ${driver}`, async (body) => {
    const { clock, isOn, open } = setUp(driver);
    await clock.run(async () => body({ clock, power: await open(), boardRuns: isOn }));
  });

  for (const leave of ['on', 'off'] as const) {
    test(`power by ${driver}: closed, it leaves the rail ${leave}, as the bench file says`, async (t) => {
      const { clock, undo, state, isOn, open } = setUp(driver, leave);
      await clock.run(async () => {
        const power = await open();
        const [other, same] =
          leave === 'on' ? [() => power.off(), () => power.on()] : [() => power.on(), () => power.off()];
        await other();
        t.deepEqual([...undo.steps.keys()], ['power'], 'a kill now is put right by the next start');
        await same();
        t.is(undo.steps.size, 0);
        await other();
        await power.close();
        await power.close();
        t.is(isOn(), leave === 'on');
        t.is(undo.steps.size, 0);
        t.is(state.open, 0, 'line and instrument are closed');
      });
    });
  }

  test(`power by ${driver}: what was never switched is left alone`, async (t) => {
    const { clock, host, isOn, open } = setUp(driver, 'off');
    await clock.run(async () => {
      const before = isOn();
      await (await open()).close();
      t.is(isOn(), before);
      t.deepEqual(
        host.ran.filter((command) => / (off|-a)\b/.test(command)),
        [],
      );
    });
  });

  test(`power by ${driver}: on resolves when the rail has settled`, async (t) => {
    const { clock, open } = setUp(driver);
    await clock.run(async () => {
      const power = await open();
      const startUs = clock.now();
      await power.on();
      t.true(elapsed(startUs, clock.now()) >= SETTLE);
    });
  });

  test(`power by ${driver}: closed, it rejects every call with CLOSED, also one that waits`, async (t) => {
    const { clock, open } = setUp(driver);
    await clock.run(async () => {
      const power = await open();
      const waiting = t.throwsAsync(power.on());
      await clock.sleep('the rail rises', ms(20));
      await power.close();
      t.true(isRigError(await waiting, 'CLOSED'));
      for (const call of [() => power.on(), () => power.off(), () => power.rail()]) {
        t.true(isRigError(await t.throwsAsync(async () => void (await call())), 'CLOSED'));
      }
    });
  });
}

test('a relay that a killed run left open is put right when it is opened next', async (t) => {
  const { clock, undo, isOn, open } = setUp('gpio-relay');
  await undo.add({ name: 'power' });
  await clock.run(async () => {
    await open();
    t.true(isOn());
    t.is(undo.steps.size, 0);
  });
});

test('a hub and a plug that a killed run left off have a command that puts them right', async (t) => {
  for (const driver of ['uhubctl', 'command'] as const) {
    const { clock, host, undo, isOn, open } = setUp(driver);
    await clock.run(async () => {
      await (await open()).off();
      t.false(isOn());
      await host.run(undo.steps.get('power')?.command ?? []);
      t.true(isOn());
    });
  }
});

test('a hub that does not do as it is told is an error, with what to do; one that lies is found out by the rail', async (t) => {
  const { clock, hub, open } = setUp('uhubctl');
  await clock.run(async () => {
    const power = await open();
    hub.isReadOnly = true;
    const error = await t.throwsAsync(power.off());
    t.true(isRigError(error, 'BENCH'));
    t.regex(error.message, /port 2 is still on by uhubctl's own account.*udev rule/);
    hub.isReadOnly = false;
    hub.isLiar = true;
    await power.off();
    t.deepEqual(await power.rail(), { kind: 'voltmeter', volts: 3.28 });
  });
});

test('a hub that is not there, and uhubctl that is not, are told when it is opened', async (t) => {
  const { clock, host, hub, state, open } = setUp('uhubctl');
  await clock.run(async () => {
    hub.isPlugged = false;
    const error = await t.throwsAsync(open());
    t.true(isRigError(error, 'BENCH'));
    t.regex(error.message, /No compatible devices.*No hub at 1-1 can switch its ports: "sudo uhubctl" lists/);
    host.missing.add('uhubctl');
    t.regex((await t.throwsAsync(open())).message, /apt-get install uhubctl/);
    t.is(state.open, 0, 'the instrument was closed again');
  });
});

test('a plug that does not answer keeps the step that puts it right', async (t) => {
  const { clock, undo, state, open } = setUp('command');
  await clock.run(async () => {
    const power = await open();
    await power.off();
    state.plugAnswers = false;
    const error = await t.throwsAsync(power.close());
    t.true(isRigError(error, 'BENCH'));
    t.regex(error.message, /"plug on" failed with status 7: Connection refused/);
    t.deepEqual([...undo.steps.keys()], ['power']);
    t.is(state.open, 0);
  });
});

test('without an instrument the rail is not known', async (t) => {
  const { clock, host, undo } = setUp('command');
  const { sense: _sense, ...without } = section('command', 'on');
  await clock.run(async () => {
    const power = await openPower(without, {
      clock,
      undo,
      run: host.run,
      openOutputLine: () => Promise.reject(new Error('no line')),
      openRailSense: () => Promise.reject(new Error('no instrument')),
    });
    t.is(await power.rail(), undefined);
  });
});

for (const leave of ['on', 'off'] as const) {
  test(`power by gpio-relay: one that does not rest ${leave}, as it is to be left, is told when it is let go of`, async (t) => {
    const { clock, state, rest, open } = setUp('gpio-relay', leave);
    rest.level = leave === 'on' ? 0 : 1;
    await clock.run(async () => {
      const power = await open();
      await power.on();
      const error = await t.throwsAsync(power.close(), { code: 'BENCH' });
      t.regex(
        error?.message ?? '',
        new RegExp(`relay on GPIO26.*power\\.leave says ${leave}.*other contact`),
      );
      t.is(state.open, 0);
    });
  });
}

test('only a command can let the supply sag; until it is on again, that is owed to whoever comes next', async (t) => {
  for (const driver of ['gpio-relay', 'uhubctl'] as const) {
    const { clock, open } = setUp(driver);
    await clock.run(async () => t.is((await open()).sag, undefined));
  }
  const { clock, host, undo, open } = setUp('command');
  await clock.run(async () => {
    const bare = await open();
    // As a bench wraps it.
    const announced: DurationUs[] = [];
    const console = { expectRom: async (within: DurationUs) => void announced.push(within) };
    const power = new AnnouncedPower(new GuardedSupply(bare, undefined), console, ms(100));
    await power.on();
    await power.sag?.();
    t.is(announced.length, 2, 'the ROM is going to print');
    t.is(host.ran.at(-1), 'plug low');
    t.deepEqual([...undo.steps.keys()], ['power']);
    await power.on();
    t.is(announced.length, 3);
    t.is(host.ran.at(-1), 'plug on');
    t.is(undo.steps.size, 0);
    await bare.close();
  });
});
