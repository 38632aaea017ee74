/** `link-noise`: everything that a bad cable does to the wires between client and device. */
import { RigError } from '../rig/errors.js';
import type { WireFault } from '../rig/faults/wire-noise.js';
import type { Level } from '../rig/ports.js';
import { createRandom, type Random } from '../rig/random.js';
import type { MeasurementDeclaration } from '../rig/run/declarations.js';
import { type Conclusion, defineScenario, type ScenarioContext } from '../rig/run/scenario.js';
import { type DurationUs, elapsed, ms, seconds, toMs, us } from '../rig/time/units.js';
import type { LinkWire } from '../rig/wire-faults.js';
import {
  count,
  lossesSuchThat,
  measureRecovery,
  none,
  recoveryMeasurements,
  spread,
  trafficParameters,
  trafficStreams,
  zero,
} from './parts.js';

/** The application dies where its handler lives: 4 s without keepalives, and an exchange (docs/protocol.md §4). */
const DETECTION_LIMIT: DurationUs = ms(5_100);
/** An `ack` that is held through a boot costs an attempt to synchronise, 30 s, before all else. */
const RECOVERY_LIMIT: DurationUs = seconds(90);
/** Longer than any exchange of the documented board takes, so that a stretched clock shows (docs/protocol.md §3). */
const LEAST_STRETCH: DurationUs = ms(12);
/** The device's software I2C gives up after 50 ms of it. */
const MOST_STRETCH: DurationUs = ms(49);
/** A client gives up after five reboots without a line from the device (docs/protocol.md §2), here 2.5 s each at best. */
const MOST_HOLD: DurationUs = seconds(10);
/** One missed transfer fails an exchange; noise seldom strikes just one. */
const NACKS = 2;
/** Wrong bits in a row, in case that the first ones do not show, as bit 7 of a header's second byte may not. */
const FLIPS = 4;
const GLITCH_US = { least: 5, most: 2_000 } as const;

interface Values {
  readonly hold: DurationUs;
  readonly stretch: DurationUs;
  readonly bits: boolean;
  readonly bus: boolean;
  readonly lines: boolean;
}

const stuck = (wire: LinkWire, level: Level, duration: DurationUs): WireFault => ({
  kind: 'stuck',
  wire,
  level,
  duration,
});

const glitch = (wire: LinkWire, random: Random): WireFault => ({
  kind: 'glitch',
  wire,
  width: us(random.integer(GLITCH_US.least, GLITCH_US.most)),
});

function flip(kind: 'header-flip' | 'payload-flip', random: Random): WireFault {
  return { kind, places: Array.from({ length: FLIPS }, () => random.between(0, 1)) };
}

const bitFaults = (random: Random): WireFault[] => [
  flip('header-flip', random),
  flip('payload-flip', random),
  flip('payload-flip', random),
];

const busFaults = (random: Random, { hold, stretch }: Values): WireFault[] => [
  { kind: 'nack', transfers: NACKS },
  stuck('scl', 0, hold),
  stuck('sda', 0, hold),
  glitch('scl', random),
  glitch('sda', random),
  { kind: 'slow-bus', stretch, duration: hold },
];

const lineFaults = (random: Random, { hold }: Values): WireFault[] => [
  stuck('syn', 0, hold),
  stuck('syn', 1, hold),
  stuck('ack', 0, hold),
  stuck('ack', 1, hold),
  stuck('rst', 0, hold),
  { kind: 'deaf-reset', duration: hold },
  glitch('syn', random),
  glitch('ack', random),
  glitch('rst', random),
];

/** A wrong bit in a payload shows in messages only, so it is not made where long recoveries may have outlasted the traffic. */
const lastPlace = ({ kind }: WireFault): number => (kind === 'payload-flip' ? 0.6 : 1);

/** Each fault that was asked for, once, in a seeded order. */
function oneRound(random: Random, values: Values): WireFault[] {
  return shuffled(random, lastPlace, [
    ...(values.bits ? bitFaults(random) : []),
    ...(values.bus ? busFaults(random, values) : []),
    ...(values.lines ? lineFaults(random, values) : []),
  ]);
}

/** How many faults there will be. Throws `USAGE` when there are none. */
function faultsIn(values: Values & { readonly rounds: number }): number {
  const inRound = oneRound(createRandom(0), values).length;
  if (inRound > 0) return values.rounds * inRound;
  throw new RigError('USAGE', 'link-noise makes no fault: set bits, bus or lines to true.');
}

/** In an order by chance, in which each item is no further back than a share of the whole. */
function shuffled<T>(random: Random, share: (item: T) => number, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, rank: share(item) * random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

const measurements: readonly MeasurementDeclaration[] = [
  count('lost', 'never arrived: a device that is rebooted may lose what it held', none),
  count(
    'lost without a reboot',
    'never arrived, though nothing made the device start over and no bit was wrong',
    zero,
  ),
  count('duplicated', 'arrived again', none),
  count('reordered', 'arrived after a later one', none),
  count('unsent', 'fell due, but the link never took them', zero),
  count(
    'corrupted by wrong bits',
    'arrived damaged while bits were turned round: the link has no checksum and promises nothing here',
    none,
  ),
  count('corrupted otherwise', 'arrived damaged although every bit was what it was sent as', zero),
  count('unexpected by wrong bits', 'arrived meanwhile although they never were messages', none),
  count('unexpected otherwise', 'arrived although none was on its way', zero),
  {
    name: 'noticed',
    unit: 'faults',
    description:
      'after which the client rebooted the device; a glitch may do no harm, and a wrong bit stay unseen',
    limit: none,
  },
  {
    name: 'detection max',
    unit: 'ms',
    description: 'longest time from injection until one was noticed',
    limit: { kind: 'atMost', value: toMs(DETECTION_LIMIT) },
  },
];

/** A glitch of a bus line that falls into a transfer makes a wrong bit, too. */
const WRONG_BITS = new Set(['header-flip', 'payload-flip', 'glitch-scl', 'glitch-sda']);

function measureDamage({ anomalies, measure }: Conclusion): void {
  for (const kind of ['corrupted', 'unexpected'] as const) {
    const sum = (isMeant: (fault: string | undefined) => boolean) =>
      anomalies
        .filter((anomaly) => anomaly.kind === kind && isMeant(anomaly.fault))
        .reduce((total, anomaly) => total + anomaly.count, 0);
    const byWrongBits = (fault: string | undefined) => fault !== undefined && WRONG_BITS.has(fault);
    measure(`${kind} by wrong bits`, sum(byWrongBits));
    measure(
      `${kind} otherwise`,
      sum((fault) => !byWrongBits(fault)),
    );
  }
}

function measureMessages({ streams, measure }: Conclusion): void {
  for (const name of ['lost', 'duplicated', 'reordered', 'unsent'] as const) {
    measure(
      name,
      streams.reduce((sum, stream) => sum + stream[name], 0),
    );
  }
}

function measureLosses({ result, measure }: Conclusion): void {
  const explained = new Set(
    result.faults
      .filter(
        ({ kind, waterfall }) =>
          WRONG_BITS.has(kind) ||
          // A device that starts the exchanges starts over when the client is gone, reset or not (firmware/link/link/initiator.py).
          kind === 'deaf-reset' ||
          waterfall.some(({ step }) => step === 'ROM message'),
      )
      .map(({ number }) => number),
  );
  const others = lossesSuchThat(result, ({ fault }) => fault === undefined || !explained.has(fault));
  if (others !== undefined) measure('lost without a reboot', others);
}

/** One fault after the other; every other one is aimed into an exchange. */
async function makeNoise(
  { clock, random, trafficUs, sleep, insideExchange, faults }: Omit<ScenarioContext, 'parameters'>,
  round: readonly WireFault[],
): Promise<void> {
  const startUs = clock.now();
  const pause = spread(trafficUs, round.length, random);
  for (const [index, fault] of round.entries()) {
    await sleep(pause(elapsed(startUs, clock.now())));
    if (index % 2 === 1) await insideExchange(us(random.integer(0, 3_000)));
    await faults.wireFault(fault);
  }
}

export const linkNoise = defineScenario({
  name: 'link-noise',
  summary: 'missed acknowledgements, wrong bits, stuck and glitching wires',
  description:
    'While messages flow both ways, the wires between client and device are disturbed, in a seeded order: transfers on the bus are not ' +
    'acknowledged, single bits are turned round, SCL and SDA are held low until the client resets the device, syn, ack and the reset pin are ' +
    'stuck, presses of reset have no effect, each of the five wires has a short glitch, and the clock of the bus is stretched. ' +
    'Every fault is proved: by the client, which had to reboot the device; by what arrived damaged; by the time that exchanges took; ' +
    'a glitch, and a press without effect, by a probe on the wire. ' +
    'Shows that the link comes back after each without help, and that nothing but a wrong bit damages a message. The link has no ' +
    'checksum: a message with a wrong bit is delivered as if it were good. The rig tells by the checksum in its ' +
    'messages, and counts those apart; an application that cannot have that must bring a checksum of its own.',
  promise:
    'A link that fails is rebooted and recovers without help; messages may be lost then. Not promised: that wrong bits are noticed.',
  parameters: {
    ...trafficParameters(600, ms(450)),
    rounds: {
      kind: 'integer',
      description: 'how often each of the faults is made',
      default: 1,
      min: 1,
      max: 10_000,
    },
    hold: {
      kind: 'duration',
      description: 'how long a wire is stuck, and the bus is slow',
      default: seconds(2),
      min: ms(1_500),
      max: MOST_HOLD,
    },
    stretch: {
      kind: 'duration',
      description: 'by how much the clock of a transfer is stretched while the bus is slow',
      default: ms(20),
      min: LEAST_STRETCH,
      max: MOST_STRETCH,
    },
    bits: { kind: 'boolean', description: 'wrong bits in headers and payloads', default: true },
    bus: {
      kind: 'boolean',
      description: 'transfers that are not acknowledged, and scl and sda stuck, glitching and stretched',
      default: true,
    },
    lines: {
      kind: 'boolean',
      description: 'syn, ack and reset stuck and glitching, and reset without effect',
      default: true,
    },
  },
  needs: ['wires', 'reset'],
  faults: [
    'transfers not acknowledged, a bit of a header or payload wrong, scl or sda low, syn or ack low or high, reset low or without ' +
      'effect, glitches, a slow bus; proved by a reboot that the client had to make, by damage, by slow exchanges, or by a probe',
  ],
  measurements: (parameters) => [
    ...measurements,
    ...recoveryMeasurements(faultsIn(parameters), RECOVERY_LIMIT),
  ],
  streams: trafficStreams,
  run: (context) => {
    const { parameters, random } = context;
    const rounds = Array.from({ length: parameters.rounds }, (_, index) =>
      oneRound(random.fork(`round ${index + 1}`), parameters),
    );
    return makeNoise(context, rounds.flat());
  },
  conclude: (conclusion) => {
    const { faults, measure } = conclusion;
    const detections = faults.map(({ detectionUs }) => detectionUs).filter((time) => time !== undefined);
    measure('noticed', detections.length);
    if (detections.length > 0) measure('detection max', toMs(us(Math.max(...detections))));
    measureMessages(conclusion);
    measureDamage(conclusion);
    measureLosses(conclusion);
    measureRecovery(conclusion);
  },
});
