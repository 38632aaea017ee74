/** A journal as a long soak would leave it, with any number of messages: too many to wait for a run to send them. */

import { createRandom } from '../rig/random.js';
import type { StreamDeclaration } from '../rig/run/declarations.js';
import { type RunEventBody, SCHEMA_VERSION } from '../rig/run/events.js';
import { createJournalFile, JournalWriter } from '../rig/run/journal.js';
import { instant, ms, us } from '../rig/time/units.js';

const SEED = 42;
const PERIOD_MS = 250;
/** From one outage to the next, in messages of one direction. */
const FAULT_EVERY = 2_500;
const OUTAGE_MS = 8_000;
const RECOVERY_MS = 5_000;
/** One message in so many is lost. */
const LOST_EVERY = 50_000;
/** Messages of one direction between two lines of the console, and between two reports. */
const CONSOLE_EVERY = 20;
const REPORT_EVERY = 40;

const stream = (name: 'uplink' | 'downlink', count: number): StreamDeclaration => ({
  name,
  direction: name,
  qos: true,
  wait: true,
  periodUs: ms(PERIOD_MS),
  count,
  sizeBytes: 48,
});

/** Writes one with so many messages, half of them each way. */
export function writeLongJournal(path: string, messages: number): void {
  const journal = new JournalWriter(createJournalFile(path));
  const random = createRandom(SEED);
  const each = Math.floor(messages / 2);
  const at = (atMs: number, body: RunEventBody) =>
    journal.append({ atUs: instant(Math.round(atMs * 1_000)), ...body });
  at(0, {
    type: 'run.started',
    schemaVersion: SCHEMA_VERSION,
    scenario: 'wifi-outage',
    description: 'as long as a soak',
    seed: SEED,
    parameters: { messages: each, outage: `${OUTAGE_MS}ms` },
    bench: { name: 'virtual', kind: 'virtual' },
    firmware: { name: 'link', sha256: '0'.repeat(64) },
    startedAt: '2026-01-01T00:00:00.000Z',
    measurements: [{ name: 'lost', unit: 'messages', description: 'lost', limit: { kind: 'none' } }],
    streams: [stream('uplink', each), stream('downlink', each)],
  });
  at(10, { type: 'boot', number: 1, cause: 2, mode: 3, expected: true });
  for (let index = 0; index < each; index += 1) {
    const dueMs = index * PERIOD_MS + random.integer(0, 999) / 1_000;
    around(index, dueMs, at);
    for (const name of ['uplink', 'downlink'] as const) {
      at(...message(name, index, dueMs, random.integer(0, 99_999)));
    }
  }
  at(each * PERIOD_MS + 20_000, { type: 'run.ended', outcome: 'PASS', wallMs: 1_000_000 });
  journal.close();
}

/** What happens beside the messages. */
function around(index: number, dueMs: number, at: (atMs: number, body: RunEventBody) => void): void {
  if (index % CONSOLE_EVERY === 0)
    at(dueMs, { type: 'console', line: `link: ${index} messages, all is well` });
  if (index % REPORT_EVERY === 0) {
    const memFreeBytes = 20_000 + (index % 1_000);
    at(dueMs, { type: 'device.report', connectCount: faultOf(index), reportNumber: index, memFreeBytes });
    const exchange = { count: index * 3, totalUs: us(index * 8_400), maxUs: us(9_090), failed: 0 };
    at(dueMs, { type: 'instrument', stallMaxUs: us(0), missedEdges: 0, exchange, floorUs: us(560) });
  }
  const fault = faultOf(index);
  const sinceMs = (index % FAULT_EVERY) * PERIOD_MS;
  if (fault === 0) return;
  const kind = 'wifi-outage';
  if (sinceMs === 0) at(dueMs, { type: 'fault.injected', fault, kind, detail: 'access point off for 8 s' });
  if (sinceMs === 750) at(dueMs, { type: 'fault.proved', fault, evidence: 'the server heard nothing' });
  if (sinceMs === 1_500) at(dueMs, { type: 'fault.step', fault, step: 'seen by the server' });
  if (sinceMs === OUTAGE_MS) at(dueMs, { type: 'fault.cleared', fault });
  if (sinceMs === OUTAGE_MS + RECOVERY_MS) at(dueMs, { type: 'fault.recovered', fault });
}

const faultOf = (index: number): number => Math.floor(index / FAULT_EVERY);

function message(
  name: 'uplink' | 'downlink',
  sequence: number,
  dueMs: number,
  wanderUs: number,
): readonly [atMs: number, body: RunEventBody] {
  const fault = faultOf(sequence);
  const sinceMs = (sequence % FAULT_EVERY) * PERIOD_MS;
  const isStruck = fault > 0 && sinceMs < OUTAGE_MS + RECOVERY_MS;
  const waitMs = isStruck ? OUTAGE_MS + RECOVERY_MS - sinceMs : 0;
  const us = (atMs: number) => instant(Math.round(dueMs * 1_000 + atMs * 1_000));
  const acceptedMs = waitMs + 20 + wanderUs / 1_000;
  const deliveredMs = acceptedMs + 35 + (wanderUs % 977) / 100;
  const isLost = sequence % LOST_EVERY === LOST_EVERY - 1;
  return [
    dueMs + deliveredMs,
    {
      type: 'message',
      stream: name,
      sequence,
      verdict: isLost ? 'lost' : 'delivered',
      dueUs: us(0),
      offeredUs: us(0),
      acceptedUs: us(acceptedMs),
      ...(name === 'downlink' && { ackedUs: us(deliveredMs + 1) }),
      ...(!isLost && { deliveredUs: us(deliveredMs) }),
      phase: isStruck ? (sinceMs < OUTAGE_MS ? 'fault' : 'recovery') : 'steady',
      ...(isStruck && { fault }),
      boot: 1,
    },
  ];
}
