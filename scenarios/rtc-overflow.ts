/** `rtc-overflow`: the real-time clock of the device overflows while messages flow. */
import type { MeasurementDeclaration } from '../rig/run/declarations.js';
import { type Conclusion, defineScenario, type ScenarioContext } from '../rig/run/scenario.js';
import { type DurationUs, elapsed, ms, seconds, toSeconds, us } from '../rig/time/units.js';
import {
  lossesAllowed,
  measureCounts,
  measureRecovery,
  measureUnexplainedLosses,
  recoveryMeasurements,
  trafficParameters,
  trafficStreams,
} from './parts.js';

/** From 0 to the overflow ("every 7:45h", MicroPython's documentation of the ESP8266). */
const OVERFLOW: DurationUs = seconds((7 * 60 + 45) * 60);
/** "Drift may be seconds per minute" (the same): a clock that is further off has missed something else. */
const DRIFT_LIMIT_S_PER_MIN = 5;
const LONGEST_DRIFT = 1 + DRIFT_LIMIT_S_PER_MIN / 60;

const QUESTION = 'import time;print(time.time())';

const measurements: readonly MeasurementDeclaration[] = [
  ...lossesAllowed,
  {
    name: 'lost otherwise',
    unit: 'messages',
    description:
      'never arrived, though no start of the device explains it: the overflow would be one that does not',
    limit: { kind: 'equal', value: 0 },
  },
  {
    name: 'overflows crossed',
    unit: 'overflows',
    description: 'of the clock, since the last start of the device before it was asked for the time',
    limit: { kind: 'atLeast', value: 1 },
  },
  {
    name: 'overflows missed',
    unit: 'overflows',
    description:
      'by which the clock is behind at the end: the program did not ask it for the time often enough',
    limit: { kind: 'equal', value: 0 },
  },
  {
    name: 'clock drift',
    unit: 's/min',
    description: 'how far the clock goes wrong, missed overflows apart',
    limit: { kind: 'atMost', value: DRIFT_LIMIT_S_PER_MIN },
  },
  {
    name: 'response p50',
    unit: 'ms',
    description: 'half of the messages arrive within this time of falling due, in the slower direction',
    limit: { kind: 'none' },
  },
  {
    name: 'response max',
    unit: 'ms',
    description: 'the slowest message of those that fell due in steady state, across the overflow',
    limit: { kind: 'atMost', value: 1_000 },
  },
];

/** From the interruption at the end; where the board can be started with an old clock, from that start as well. */
const recoveries = recoveryMeasurements(1, seconds(60)).map((declared) =>
  declared.name === 'recovered' ? { ...declared, limit: { kind: 'atLeast', value: 1 } as const } : declared,
);

type Context = Pick<ScenarioContext, 'clock' | 'faults' | 'sleep' | 'trafficDone' | 'measure' | 'note'>;

/** Waits until the clock must have overflowed, however slow it is; resolves with how old it was at its start. */
async function crossOverflow(
  { clock, faults, sleep, trafficDone, note }: Context,
  before: DurationUs,
): Promise<DurationUs> {
  const startUs = clock.now();
  const isOld = (await faults.oldClock(before)) !== undefined;
  const remaining = isOld ? before : OVERFLOW;
  if (!isOld)
    note('The clock of this board is as old as the board: the overflow comes 7 h 45 min after its start.');
  await trafficDone();
  const left = us(Math.max(0, remaining * LONGEST_DRIFT - elapsed(startUs, clock.now())));
  if (left > 0) note(`The traffic is over before the overflow; waiting for another ${toSeconds(left)} s.`);
  await sleep(left);
  return us(OVERFLOW - remaining);
}

/** Asks the device for the time, which ends its application, and compares. */
async function compareClock({ faults, measure }: Context, ageUs: DurationUs): Promise<void> {
  const { answer } = await faults.appCrash(QUESTION);
  const shownS = Number(answer?.text);
  if (answer === undefined || !Number.isFinite(shownS)) return;
  const expectedS = toSeconds(us(ageUs + answer.upForUs));
  const overflowS = toSeconds(OVERFLOW);
  const missed = Math.round((expectedS - shownS) / overflowS);
  const offS = Math.abs(expectedS - shownS - missed * overflowS);
  measure('overflows crossed', Math.floor(expectedS / overflowS));
  measure('overflows missed', missed);
  measure('clock drift', Math.round((100 * 60 * offS) / toSeconds(answer.upForUs)) / 100);
}

function conclude(conclusion: Conclusion): void {
  const { streams, measure } = conclusion;
  measureCounts(conclusion);
  measureRecovery(conclusion);
  measureUnexplainedLosses(conclusion, 'lost otherwise');
  measure('response p50', Math.max(...streams.map(({ response }) => response.steady.p50Ms)));
  measure('response max', Math.max(...streams.map(({ response }) => response.steady.maxMs)));
}

export const rtcOverflow = defineScenario({
  name: 'rtc-overflow',
  summary: "the device's real-time clock overflows while messages flow",
  description:
    'The real-time clock of an ESP8266 overflows every 7 h 45 min, and MicroPython notices only if the program asks it for the ' +
    'time in between; otherwise the time jumps back. A virtual board is started with a clock that is about to overflow; a ' +
    'physical one takes as long as it takes, so give its traffic that long: --set period=20s --set messages=1500. When the ' +
    'clock has overflowed, the application is interrupted by Ctrl-C, and the device asked for its time at the prompt, ' +
    'which is compared with how long it has been running. Firmware that sets the clock itself cannot be compared so. Shows that the ' +
    'overflow is handled, how far the clock drifts, and that no message is late or lost because of it: latencies are ' +
    "measured by the rig's clock, never by the device's.",
  promise:
    'A clock that is asked for the time at least once in 7 hours does not lose its overflow; the link does not depend on it.',
  parameters: {
    ...trafficParameters(300, ms(500)),
    before: {
      kind: 'duration',
      description: "how long before its overflow a virtual board's clock is started",
      default: seconds(90),
      min: seconds(20),
      max: OVERFLOW,
    },
  },
  needs: ['i2c.target', 'console', 'reset'],
  faults: [
    'a start with an old clock, where the bench can; proved by the message of the ROM',
    'Ctrl-C at the end; proved by the prompt, silence at the server, and exchanges that are answered',
  ],
  measurements: () => [...measurements, ...recoveries],
  streams: trafficStreams,
  run: async (context) => compareClock(context, await crossOverflow(context, context.parameters.before)),
  conclude,
});
