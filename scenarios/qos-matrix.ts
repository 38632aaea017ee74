/** `qos-matrix`: every combination of qos and wait, both ways, through outages of the WiFi. */
import { DEFAULT_SERVER } from '../rig/run/bench.js';
import type { Direction, MeasurementDeclaration, StreamDeclaration } from '../rig/run/declarations.js';
import { type Conclusion, defineScenario } from '../rig/run/scenario.js';
import { type DurationUs, ms, seconds, toMs } from '../rig/time/units.js';
import { detectionLimit, failAccessPoint, OUTAGE_FAULT, outageParameters, RECOVERY_LIMIT } from './air.js';
import {
  count,
  lossesSuchThat,
  measureOutages,
  none,
  outageMeasurements,
  trafficParameters,
  zero,
} from './parts.js';

type Stream = Conclusion['streams'][number];
type Values = Readonly<Record<string, number>>;

const directions: readonly Direction[] = ['uplink', 'downlink'];
const promises = [
  { name: 'qos-wait', qos: true, wait: true },
  { name: 'qos', qos: true, wait: false },
  { name: 'wait', qos: false, wait: true },
  { name: 'plain', qos: false, wait: false },
] as const;

/**
 * A message may be on its way for so long when an outage begins: twice what the link's documentation calls a normal
 * latency, and one poll (docs/protocol.md §6).
 */
const ON_ITS_WAY: DurationUs = ms(500);

const promised: readonly MeasurementDeclaration[] = [
  count('lost with qos', 'never arrived, though delivery is promised', zero),
  count('lost without qos', 'never arrived, as an outage may cost', none),
  count(
    'lost away from outage starts',
    'of those without qos, fell due when no outage had just begun: before both ends can have noticed one, and no sooner than ' +
      `${toMs(ON_ITS_WAY)} ms ahead of it`,
    zero,
  ),
  count('duplicated', 'arrived again', zero),
  count('reordered with qos and wait', 'arrived after a later one, though order is promised', zero),
  count('reordered otherwise', 'arrived after a later one; no order is promised', none),
  count('corrupted', 'arrived damaged', zero),
  count('unexpected', 'arrived although none was on its way', zero),
  count('unsent', 'fell due, but the link never took them', zero),
];

function countsOf({ streams, unexpected }: Conclusion): Values {
  const total = (pick: (stream: Stream) => number, of: (stream: Stream) => boolean = () => true) =>
    streams.filter(of).reduce((sum, stream) => sum + pick(stream), 0);
  const isOrdered = ({ qos, wait }: Stream) => qos && wait;
  return {
    'lost with qos': total(
      ({ lost }) => lost,
      ({ qos }) => qos,
    ),
    'lost without qos': total(
      ({ lost }) => lost,
      ({ qos }) => !qos,
    ),
    duplicated: total(({ duplicated }) => duplicated),
    'reordered with qos and wait': total(({ reordered }) => reordered, isOrdered),
    'reordered otherwise': total(
      ({ reordered }) => reordered,
      (stream) => !isOrdered(stream),
    ),
    corrupted: total(({ corrupted }) => corrupted),
    unexpected,
    unsent: total(({ unsent }) => unsent),
  };
}

/** Losses without qos that no outage's start explains; undefined when that cannot be known. */
function lostElsewhere({ streams, result, server }: Conclusion): number | undefined {
  const noticedMs = toMs(detectionLimit(server.timeoutUs));
  const withoutQos = new Set(streams.filter(({ qos }) => !qos).map(({ name }) => name));
  const isNearAStart = (dueMs: number) =>
    result.faults.some(
      ({ injectedAtMs }) => dueMs >= injectedAtMs - toMs(ON_ITS_WAY) && dueMs <= injectedAtMs + noticedMs,
    );
  return lossesSuchThat(result, ({ stream, dueMs }) => withoutQos.has(stream) && !isNearAStart(dueMs));
}

/** So sparse that eight streams leave the link, ten messages a second up and fewer down, time to catch up. */
const traffic = trafficParameters(200, ms(1_200));

export const qosMatrix = defineScenario({
  name: 'qos-matrix',
  summary: 'every combination of qos and wait through outages of the WiFi',
  description:
    'Eight streams flow at once: up and down, with and without qos, with and without wait. The access point is switched ' +
    'off again and again, as in wifi-outage. Shows that each stream gets what it was promised: with qos every message ' +
    'arrives once, with qos and wait in order too. Without qos a message is sent once and may be lost, but only where an ' +
    'outage begins and neither end knows of it yet; such losses are counted, and one at any other time fails the run. ' +
    'Where order is not promised, messages that arrive out of it are counted.',
  promise:
    'A WiFi outage at run time: with qos every message is delivered exactly once, with qos and wait in order; without qos ' +
    'messages may, rarely, be lost around the start of an outage.',
  parameters: {
    ...traffic,
    messages: { ...traffic.messages, description: 'messages of each stream' },
    ...outageParameters(4, seconds(8)),
  },
  needs: ['accessPoint'],
  faults: [OUTAGE_FAULT],
  measurements: ({ outages }, { timeoutUs } = DEFAULT_SERVER) => [
    ...promised,
    ...outageMeasurements(outages, detectionLimit(timeoutUs), RECOVERY_LIMIT),
  ],
  streams: ({ messages, period, size }): StreamDeclaration[] =>
    directions.flatMap((direction) =>
      promises.map(({ name, qos, wait }) => ({
        name: `${direction === 'uplink' ? 'up' : 'down'}-${name}`,
        direction,
        qos,
        wait,
        periodUs: period,
        count: messages,
        sizeBytes: size,
      })),
    ),
  run: failAccessPoint,
  conclude: (conclusion) => {
    for (const [name, value] of Object.entries(countsOf(conclusion))) conclusion.measure(name, value);
    const elsewhere = lostElsewhere(conclusion);
    if (elsewhere !== undefined) conclusion.measure('lost away from outage starts', elsewhere);
    measureOutages(conclusion);
  },
});
