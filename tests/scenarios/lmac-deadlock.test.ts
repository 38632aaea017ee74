/** `lmac-deadlock` passes on a chip that locks up until it is reset; what is otherwise fails it, whichever part it is. */
import test from 'ava';
import type { BenchPorts } from '../../rig/ports.js';
import type { Bench } from '../../rig/run/bench.js';
import { seconds } from '../../rig/time/units.js';
import { lmacDeadlock } from '../../scenarios/lmac-deadlock.js';
import { eventsOf, rehearse } from './rehearsal.js';

const parameters = { messages: 15, period: seconds(2), floods: 1 };
const CTRL_D = 0x04;

test.serial(
  'lmac-deadlock passes: the console shows it, a soft reset changes nothing, the hard one ends it',
  async (t) => {
    const { result, events } = await rehearse({ scenario: lmacDeadlock, parameters, seed: 7 });
    t.is(result.outcome, 'PASS', result.reason);
    t.regex(
      result.faults[0]?.evidence ?? '',
      /opened a socket at its prompt.*showed LmacRxBlk:1 after \d+ ms$/,
    );
    const lines = eventsOf(events, 'console').map(({ line }) => line);
    const softReset = lines.findLastIndex((line) => line.includes('soft reboot'));
    t.true(
      lines.slice(softReset).filter((line) => line.includes('LmacRxBlk:1')).length >= 4,
      'it goes on after it',
    );
    t.true(lines.slice(softReset).some((line) => line.includes('no connection: [Errno 110] ETIMEDOUT')));
    const rom = lines.findLastIndex((line) => line.includes('rst cause:2'));
    t.true(rom > softReset);
    t.false(lines.slice(rom).some((line) => line.includes('LmacRxBlk')));
  },
);

test.serial('a flood that the receive queue can hold locks nothing up, and fails it', async (t) => {
  const { result } = await rehearse({
    scenario: lmacDeadlock,
    parameters: { ...parameters, segments: 8 },
    seed: 7,
  });
  t.is(result.outcome, 'FAIL', result.reason);
  t.is(result.reason, 'deadlocks is 0 floods.');
});

/** A bench on which, once the stack has locked up, something else happens than on a chip. */
function once(
  change: (ports: BenchPorts, isLocked: () => boolean) => Partial<BenchPorts>,
): (bench: Bench) => Bench {
  return (bench) => {
    let shown = '';
    bench.ports.console?.onChunk(({ bytes }) => {
      shown = `${shown}${Buffer.from(bytes).toString('latin1')}`.slice(-4_096);
    });
    const isLocked = () => {
      const answer = shown.includes('LmacRxBlk:1');
      shown = '';
      return answer;
    };
    return { ...bench, ports: { ...bench.ports, ...change(bench.ports, isLocked) } };
  };
}

test.serial('a chip that a soft reset brings back fails it', async (t) => {
  const kind = once(({ console, reset }, isLocked) => {
    if (console === undefined || reset === undefined) return {};
    const write = async (bytes: Uint8Array) => {
      // A soft reset that is a hard one, in secret.
      if (bytes.includes(CTRL_D) && isLocked()) await reset.press(seconds(0.2));
      else await console.write(bytes);
    };
    return {
      console: {
        onChunk: (listener) => console.onChunk(listener),
        onNotice: (listener) => console.onNotice(listener),
        expectRom: (within) => console.expectRom(within),
        write,
      },
    };
  });
  const { result } = await rehearse({ scenario: lmacDeadlock, parameters, seed: 7, aroundBench: kind });
  t.is(result.outcome, 'FAIL', result.reason);
  t.is(result.reason, 'ended by soft reset is 1 floods.');
});

test.serial('a stack that stays dead through a hard reset fails it', async (t) => {
  const dead = once(({ accessPoint, reset }, isLocked) => {
    if (accessPoint === undefined || reset === undefined) return {};
    return {
      reset: {
        press: async (pulse) => {
          if (isLocked()) await accessPoint.silence?.();
          await reset.press(pulse);
        },
        release: () => reset.release(),
      },
    };
  });
  const { result } = await rehearse({ scenario: lmacDeadlock, parameters, seed: 7, aroundBench: dead });
  t.is(result.outcome, 'FAIL', result.reason);
  t.regex(result.reason ?? '', /^The link did not recover from fault 1 \(unread-flood\)/);
});

test.serial(
  'a reset line that only starts the interpreter over gets the blame, and not the device',
  async (t) => {
    const weak = once(({ console, reset }, isLocked) => {
      if (console === undefined || reset === undefined) return {};
      let isWeak = false;
      return {
        reset: {
          press: (pulse) => {
            isWeak ||= isLocked();
            // Ctrl-C, out of raw mode, soft reset.
            return isWeak ? console.write(Uint8Array.of(0x0d, 0x03, 0x02, CTRL_D)) : reset.press(pulse);
          },
          release: () => reset.release(),
        },
      };
    });
    const { result } = await rehearse({ scenario: lmacDeadlock, parameters, seed: 7, aroundBench: weak });
    t.is(result.outcome, 'ERROR', result.reason);
    t.regex(result.reason ?? '', /^The link did not recover from fault 1 \(unread-flood\).* No start: /);
  },
);
