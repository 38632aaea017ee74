/** The bench says where the link's server is and what silence is an outage; the run keeps to that. */
import test from 'ava';
import { ms } from '../../rig/time/units.js';
import { wifiOutage } from '../../scenarios/wifi-outage.js';
import { eventsOf, rehearse } from './rehearsal.js';

test("another port and another timeout than the link's defaults are told to the device, and judged by", async (t) => {
  const server = { port: 9_000, timeoutUs: ms(3_000) };
  const { result, events } = await rehearse({
    scenario: wifiOutage,
    parameters: { messages: 150, outages: 1 },
    seed: 3,
    aroundBench: (bench) => ({ ...bench, server }),
  });
  t.is(result.outcome, 'PASS', result.reason);
  // Half of the timeout is the proof of an outage, twice the timeout the limit of its detection.
  t.regex(eventsOf(events, 'fault.proved')[0]?.evidence ?? '', /heard nothing for 15\d\d ms/);
  t.like(
    result.measurements.find(({ name }) => name === 'detection max'),
    { limit: { kind: 'atMost', value: 6_000 } },
  );
});
