/** Made-up journals for the tests of reports: small ones with everything in them, and hostile ones. */
import { type RunEvent, type RunEventBody, SCHEMA_VERSION } from '../../../rig/run/events.js';
import type { RunLabels } from '../../../rig/run/labels.js';
import { instant, ms } from '../../../rig/time/units.js';

export interface MadeUpJournal {
  readonly scenario?: string;
  /** Messages of each stream. */
  readonly messages?: number;
  /** Multiplies every latency. */
  readonly slower?: number;
  /** What the device prints. */
  readonly consoleLine?: string;
  readonly reason?: string;
  readonly outcome?: 'PASS' | 'FAIL' | 'INVALID' | 'ERROR';
  /** Messages of the uplink that are lost: every n-th. */
  readonly loseEvery?: number;
  readonly labels?: RunLabels;
  /** Nothing was measured. */
  readonly isCutShort?: boolean;
  /** From 0 to 1, by index: makes latencies wander as those of a run do. */
  readonly noise?: (index: number) => number;
}

const PERIOD_MS = 200;

/** The events of a run with one outage in its middle. */
export function madeUpJournal(options: MadeUpJournal = {}): RunEvent[] {
  const { messages = 300, outcome = 'PASS', reason } = options;
  const endMs = messages * PERIOD_MS + 20_000;
  const events: RunEvent[] = [];
  const at = (atMs: number, body: RunEventBody) => events.push({ atUs: instant(atMs * 1_000), ...body });
  at(0, started(options));
  at(10, { type: 'boot', number: 1, cause: 2, mode: 3, expected: true });
  at(12, { type: 'console', line: options.consoleLine ?? 'link: up, connection 1' });
  at(900, { type: 'link', state: 'configured' });
  at(1_000, { type: 'server', state: 'connected', client: 'rig-dut' });
  at(1_010, { type: 'device.server', up: true });
  const faultMs = Math.round((messages * PERIOD_MS) / 2);
  at(faultMs, { type: 'fault.injected', fault: 1, kind: 'wifi-outage', detail: 'access point off for 5 s' });
  at(faultMs + 800, { type: 'fault.step', fault: 1, step: 'seen by the server' });
  at(faultMs + 1_000, { type: 'fault.proved', fault: 1, evidence: 'the server heard nothing for 1,000 ms' });
  at(faultMs + 5_000, { type: 'fault.cleared', fault: 1 });
  at(faultMs + 9_000, { type: 'fault.recovered', fault: 1 });
  for (let index = 0; index < messages; index += 1) {
    for (const stream of ['uplink', 'downlink'] as const) at(...message(stream, index, faultMs, options));
  }
  at(endMs - 500, { type: 'device.report', connectCount: 1, reportNumber: 1, memFreeBytes: 20_000 });
  at(endMs - 400, {
    type: 'instrument',
    stallMaxUs: ms(1),
    missedEdges: 0,
    exchange: { count: 100, totalUs: ms(280), maxUs: ms(9), failed: 0 },
    floorUs: ms(0.5),
  });
  if (options.isCutShort !== true)
    at(endMs - 300, { type: 'measured', name: 'lost', value: lostOf(options) });
  at(endMs, { type: 'run.ended', outcome, wallMs: 1_234, ...(reason !== undefined && { reason }) });
  return events;
}

const lostOf = ({ messages = 300, loseEvery }: MadeUpJournal): number =>
  loseEvery === undefined ? 0 : Math.ceil(messages / loseEvery);

const started = ({ scenario = 'made-up', messages = 300, labels }: MadeUpJournal): RunEventBody => ({
  ...labels,
  type: 'run.started',
  schemaVersion: SCHEMA_VERSION,
  scenario,
  description: 'a run that nobody ran',
  seed: 7,
  parameters: { messages },
  bench: { name: 'virtual', kind: 'virtual' },
  firmware: { name: 'link', sha256: 'ab'.repeat(32) },
  startedAt: '2026-11-20T14:30:05.000Z',
  measurements: [
    { name: 'lost', unit: 'messages', description: 'never arrived', limit: { kind: 'equal', value: 0 } },
  ],
  streams: (['uplink', 'downlink'] as const).map((name) => ({
    name,
    direction: name,
    qos: true,
    wait: true,
    periodUs: ms(PERIOD_MS),
    count: messages,
    sizeBytes: 40,
  })),
});

function message(
  stream: 'uplink' | 'downlink',
  sequence: number,
  faultMs: number,
  { slower = 1, loseEvery, noise = pattern }: MadeUpJournal,
): [number, RunEventBody] {
  const dueMs = 1_500 + sequence * PERIOD_MS;
  const inFault = dueMs >= faultMs && dueMs < faultMs + 5_000;
  const waitMs = inFault ? faultMs + 5_000 - dueMs : 0;
  const latencyMs = (60 + 40 * noise(sequence) + waitMs) * slower;
  const isLost = stream === 'uplink' && loseEvery !== undefined && sequence % loseEvery === 0;
  const times = {
    dueUs: instant(dueMs * 1_000),
    offeredUs: instant(dueMs * 1_000),
    acceptedUs: instant(Math.round((dueMs + latencyMs / 2) * 1_000)),
  };
  const body: RunEventBody = {
    type: 'message',
    stream,
    sequence,
    verdict: isLost ? 'lost' : 'delivered',
    ...times,
    ...(!isLost && { deliveredUs: instant(Math.round((dueMs + latencyMs) * 1_000)) }),
    phase: inFault ? 'fault' : 'steady',
    ...(inFault && { fault: 1 }),
    boot: 1,
  };
  return [dueMs + latencyMs, body];
}

const pattern = (index: number): number => ((index * 7_919) % 101) / 101;
