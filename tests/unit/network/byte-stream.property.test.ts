/** Whatever the radio does, TCP delivers the bytes intact, in order and once, as long as no side gives up. */
import test from 'ava';
import fc from 'fast-check';
import { type DurationUs, ms, us } from '../../../rig/time/units.js';
import { pattern, readBytes } from '../../contract/network-suite.js';
import { createBench, openPair } from './bench.js';

const UPLINK_BYTES = 6_000;
const DOWNLINK_BYTES = 9_000;

interface Outage {
  readonly quietUs: DurationUs;
  readonly downUs: DurationUs;
}

const duration = (longestMs: number) => fc.integer({ min: 0, max: longestMs }).map(ms);
const outages = fc.array(fc.record<Outage>({ quietUs: duration(600), downUs: duration(6_000) }), {
  maxLength: 12,
});

test('any sequence of outages delivers both byte streams intact', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      outages,
      fc.integer(),
      fc.integer({ min: 0, max: 20 }),
      async (sequence, seed, lossPercent) => {
        const bench = createBench(seed);
        await bench.clock.run(async () => {
          const { connection, peer } = await openPair(bench);
          bench.radio.impairment = { loss: lossPercent / 100, latencyUs: us(0), jitterUs: us(0) };
          const faults = (async () => {
            for (const outage of sequence) {
              await bench.clock.sleep('quiet', outage.quietUs);
              bench.radio.silent = true;
              await bench.clock.sleep('down', outage.downUs);
              bench.radio.silent = false;
            }
          })();
          const writing = Promise.all([
            peer.write(pattern(UPLINK_BYTES)),
            connection.write(pattern(DOWNLINK_BYTES, 11)).then(() => connection.end()),
          ]);
          const uplink = await readBytes(connection, UPLINK_BYTES);
          await writing;
          await peer.over;
          await faults;
          t.true(Buffer.from(pattern(UPLINK_BYTES)).equals(uplink));
          t.true(Buffer.from(pattern(DOWNLINK_BYTES, 11)).equals(peer.receivedSoFar));
          connection.destroy();
        });
      },
    ),
    { numRuns: 60 },
  );
});
