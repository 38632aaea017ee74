/** `oversize`: lines as long as the link carries, and longer ones, offered to the host and sent to the device. */
import { MAX_TEXT_BYTES } from '../rig/link/messages.js';
import type { Direction, MeasurementDeclaration } from '../rig/run/declarations.js';
import { type Conclusion, defineScenario, type ScenarioContext } from '../rig/run/scenario.js';
import { ms, seconds } from '../rig/time/units.js';
import { againAndAgain } from './air.js';
import {
  measureRecovery,
  measureUnexplainedLosses,
  none,
  recoveryMeasurements,
  trafficParameters,
  trafficStreams,
} from './parts.js';

/**
 * What the host must refuse: to the device, anything that its exchange cannot carry; from the server, which a user's
 * application may make send what it likes, only what no device could hold (docs/protocol.md §4, §5).
 */
const TOO_LONG: readonly (readonly [Direction, number])[] = [
  ['uplink', MAX_TEXT_BYTES + 1],
  ['uplink', MAX_TEXT_BYTES + 2],
  ['uplink', MAX_TEXT_BYTES + 3],
  ['uplink', 1_000],
  ['uplink', 100_000],
  ['downlink', 5_000],
  ['downlink', 100_000],
];

/** Of a device that reboots, the slowest part is joining its network. */
const RECOVERY_LIMIT = seconds(60);

const equal = (value: number) => ({ kind: 'equal', value }) as const;
const counted = (
  name: string,
  unit: string,
  description: string,
  limit: MeasurementDeclaration['limit'],
) => ({
  name,
  unit,
  description,
  limit,
});

const measurements: readonly MeasurementDeclaration[] = [
  counted(
    'refused',
    'lines',
    'too long, and refused by the host with an error that names their length and the limit',
    equal(TOO_LONG.length),
  ),
  counted('lost', 'messages', 'never arrived: a device that dies may lose what it held', none),
  counted(
    'lost otherwise',
    'messages',
    'never arrived, though no line that is too long explains it',
    equal(0),
  ),
  counted('duplicated', 'messages', 'arrived again', none),
  counted(
    'corrupted',
    'messages',
    'arrived damaged; a part of a long line that passes for a message is one',
    equal(0),
  ),
  counted('unexpected', 'messages', 'arrived although none was on its way', equal(0)),
  counted('unsent', 'messages', 'fell due, but the link never took them', equal(0)),
  counted('died', 'lines', 'of which the device died, and was rebooted', none),
  counted('delivered', 'lines', 'that the device passed on whole, in several payloads', none),
  counted('dropped', 'lines', 'that the device threw away, and lived on', none),
];

type Context = Pick<ScenarioContext, 'offerLine' | 'note' | 'measure'>;

/** Offers what is too long; counts what is refused by an error that a user can do something with. */
async function offerTooLong({ offerLine, note, measure }: Context): Promise<void> {
  let refused = 0;
  for (const [direction, lengthBytes] of TOO_LONG) {
    const error = await offerLine(direction, lengthBytes);
    const isClear =
      error?.code === 'USAGE' &&
      error.message.includes(String(lengthBytes)) &&
      /most|limit/.test(error.message);
    if (isClear) refused += 1;
    else note(`${direction}, ${lengthBytes} bytes: ${error?.message ?? 'taken by the host'}`);
  }
  measure('refused', refused);
}

function measureMessages(conclusion: Conclusion): void {
  const { streams, unexpected, measure } = conclusion;
  const total = (pick: (stream: Conclusion['streams'][number]) => number) =>
    streams.reduce((sum, stream) => sum + pick(stream), 0);
  measure(
    'lost',
    total(({ lost }) => lost),
  );
  measureUnexplainedLosses(conclusion, 'lost otherwise');
  measure(
    'duplicated',
    total(({ duplicated }) => duplicated),
  );
  measure(
    'corrupted',
    total(({ corrupted }) => corrupted),
  );
  measure('unexpected', unexpected);
  measure(
    'unsent',
    total(({ unsent }) => unsent),
  );
}

const traffic = trafficParameters(200, ms(500));

export const oversize = defineScenario({
  name: 'oversize',
  summary: 'lines as long as the link carries, and longer ones',
  description:
    'An exchange carries 200 bytes. Messages flow both ways that are just as long. Lines that are longer are offered to the ' +
    'host, which must refuse each with an error that names length and limit. Then the server sends the device such lines, ' +
    'one just above and one far above, at seeded times: nothing in the connection to the server forbids that. A device may cut ' +
    'such a line up, drop it, or die of it; which, is counted. Each line is proved to have been read by the death of the ' +
    'device, by its own arrival, or by that of a message sent after it. Shows that the link works again afterwards without help, and that ' +
    'no part of a long line passes for a message.',
  promise:
    'A payload has 1 to 200 bytes, a longer one is an error. A device that dies recovers without help; messages may be lost.',
  parameters: {
    ...traffic,
    size: { ...traffic.size, default: MAX_TEXT_BYTES, max: MAX_TEXT_BYTES },
    times: {
      kind: 'integer',
      description: 'how often the device is sent each of the two lines',
      default: 2,
      min: 1,
      max: 10_000,
    },
    above: {
      kind: 'integer',
      description: 'length of the shorter of the two in bytes',
      default: MAX_TEXT_BYTES + 1,
      min: MAX_TEXT_BYTES + 1,
      max: 4_000,
    },
    farAbove: {
      kind: 'integer',
      description: 'length of the longer of the two in bytes',
      default: 1_000,
      min: MAX_TEXT_BYTES + 1,
      max: 4_000,
    },
  },
  needs: ['reset'],
  faults: [
    'a line of `above` or `farAbove` bytes from the server; proved by the death of the device, by the line, or by what ' +
      'was sent after it',
  ],
  measurements: ({ times }) => [...measurements, ...recoveryMeasurements(2 * times, RECOVERY_LIMIT)],
  streams: trafficStreams,
  run: async (context) => {
    const { faults, parameters, measure } = context;
    await offerTooLong(context);
    const fates = { died: 0, delivered: 0, dropped: 0 };
    let sent = 0;
    await againAndAgain(context, 2 * parameters.times, async () => {
      sent += 1;
      const times = await faults.oversizeLine(sent % 2 === 1 ? parameters.above : parameters.farAbove);
      fates[times.fate] += 1;
      return times;
    });
    for (const [fate, lines] of Object.entries(fates)) measure(fate, lines);
  },
  conclude: (conclusion) => {
    measureMessages(conclusion);
    measureRecovery(conclusion);
  },
});
