/** `tls-limits` passes on the chip's TLS; firmware whose TLS hangs, or is none, passes `steady` and fails it. */
import test, { type ExecutionContext } from 'ava';
import { seconds } from '../../rig/time/units.js';
import { steady } from '../../scenarios/steady.js';
import { tlsLimits } from '../../scenarios/tls-limits.js';
import { eventsOf, flashOf, linkFirmware, rehearse } from './rehearsal.js';

const parameters = { messages: 10, period: seconds(2) };

test.serial(
  'tls-limits passes: RSA works, all else is an error with a name or the alert, at the same times again',
  async (t) => {
    const run = await rehearse({ scenario: tlsLimits, seed: 7, parameters });
    t.is(run.result.outcome, 'PASS', run.result.reason);
    t.regex(
      run.result.faults[0]?.evidence ?? '',
      /^the device reached 7 of 7 servers, and greeted 7 in TLS$/,
    );
    const notes = eventsOf(run.events, 'note').map(({ text }) => text);
    t.true(notes.some((text) => /^RSA, valid certificate: tls: read 4000, after 2\d\d\d ms$/.test(text)));
    t.true(notes.some((text) => text.startsWith('elliptic curves: tls: error OSError(-40')));
    t.true(notes.some((text) => text.includes("'RECORD_OVERFLOW'")));
    const again = await rehearse({ scenario: tlsLimits, seed: 7, parameters });
    t.deepEqual(again.events.slice(0, -1), run.events.slice(0, -1), 'event for event');
  },
);

async function fails(t: ExecutionContext, boot: string, reason: RegExp): Promise<void> {
  const flash = new Map([...linkFirmware, ...flashOf({ 'boot.py': boot })]);
  const calm = await rehearse({ scenario: steady, seed: 5, flash, parameters: { messages: 30 } });
  t.is(calm.result.outcome, 'PASS', calm.result.reason);
  const { result } = await rehearse({ scenario: tlsLimits, seed: 5, flash, parameters });
  t.is(result.outcome, 'FAIL', result.reason);
  t.regex(result.reason ?? '', reason);
}

test.serial('firmware whose TLS waits for ever instead of failing fails it', (t) =>
  fails(
    t,
    `
import ssl, time
wrap = ssl.wrap_socket
def patient(sock):
    try:
        return wrap(sock)
    except OSError:
        while True: time.sleep(1)
ssl.wrap_socket = patient
`,
    /refused clearly is 1 connections.*slowest error is 7\d+(\.\d+)? ms/,
  ),
);

test.serial('firmware whose TLS is none fails it', (t) =>
  fails(t, 'import ssl\nssl.wrap_socket = lambda sock: sock\n', /worked is 0 connections/),
);
