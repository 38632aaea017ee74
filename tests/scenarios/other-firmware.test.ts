/**
 * Firmware that is not the rig's own, in the style of uasyncio V3: blocking pin loops in the interrupt handler, a
 * blocking connect, a socket polled without end. It runs unmodified, and keeps what the link promises.
 */
import test from 'ava';
import { seconds } from '../../rig/time/units.js';
import { resetButton } from '../../scenarios/reset-button.js';
import { wifiOutage } from '../../scenarios/wifi-outage.js';
import { flashFrom, rehearse } from './rehearsal.js';

const flash = flashFrom('tests/fixtures/firmware-other');

test.serial('another firmware keeps its messages over a WiFi outage: exactly once, in order', async (t) => {
  const parameters = { messages: 80, outages: 1, outage: seconds(8) };
  const { result } = await rehearse({ scenario: wifiOutage, seed: 3, flash, parameters });
  t.is(result.outcome, 'PASS', result.reason);
  t.deepEqual(
    result.streams.map(({ delivered }) => delivered),
    [80, 80],
  );
  t.is(result.reports.connectCount, 2);
  t.is(result.boots.length, 1);
});

test.serial('another firmware comes back after every press of the reset button', async (t) => {
  const parameters = { messages: 100, presses: 2 };
  const { result } = await rehearse({ scenario: resetButton, seed: 3, flash, parameters });
  t.is(result.outcome, 'PASS', result.reason);
  t.true(result.faults.every((fault) => fault.recoveredAtMs !== null));
});
