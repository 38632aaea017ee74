/** `soak`: every fault that the bench can make, one after the other, for as long as asked. */
import type { Random } from '../rig/random.js';
import type { MeasurementDeclaration } from '../rig/run/declarations.js';
import {
  type Conclusion,
  defineScenario,
  type FaultControl,
  type FaultTimes,
  type Need,
} from '../rig/run/scenario.js';
import { serverBreaks } from '../rig/server/breakable-network.js';
import { type DurationUs, elapsed, ms, seconds, toMs, us } from '../rig/time/units.js';
import { measureMemory, memoryMeasurements } from './memory-trend.js';
import { trafficStreams } from './parts.js';

/** One poll, the second that an exchange may wait, and keepalives that miss for 4 s; a server notices silence later. */
const DETECTION_LIMIT = seconds(6);
/** A device waits twice the timeout, joins (10 s), sees the WiFi stable for 3 s, and drains its backlog. */
const RECOVERY_LIMIT = seconds(60);
/** Between two faults: messages flow, and the device reports its memory (every 10 s). */
const CALM = { least: seconds(8), most: seconds(22) } as const;
/** Before the end of the traffic, so that the last fault is recovered from while it flows. */
const LAST_FAULT_BEFORE_END = seconds(60);

const between = (random: Random, least: DurationUs, most: DurationUs): DurationUs =>
  us(random.integer(least, most));

interface Trouble {
  readonly needs: readonly Need[];
  /** A slow network need not be noticed. */
  readonly mayPassUnseen?: true;
  inject(faults: FaultControl, random: Random): Promise<FaultTimes>;
}

/** The device keeps its memory, and so nothing may be lost. */
const outages: readonly Trouble[] = [
  { needs: ['accessPoint'], inject: (f, r) => f.wifiOutage(between(r, seconds(3), seconds(12))) },
  { needs: ['accessPoint.kick'], inject: (f) => f.stationKick() },
  { needs: ['accessPoint.silence'], inject: (f, r) => f.silentLoss(between(r, seconds(3), seconds(10))) },
  {
    needs: ['accessPoint.degrade'],
    mayPassUnseen: true,
    inject: (f, r) =>
      f.degradedLink(between(r, seconds(8), seconds(15)), {
        loss: 0.02,
        latencyUs: ms(120),
        jitterUs: ms(40),
      }),
  },
  {
    needs: [],
    inject: (f, r) =>
      f.serverOutage(serverBreaks[r.integer(0, serverBreaks.length - 1)] ?? 'stop', seconds(6)),
  },
];

/** It loses its memory, and what it held in it. */
const losses: readonly Trouble[] = [
  { needs: ['power', 'reset'], inject: (f, r) => f.powerCut(between(r, ms(200), seconds(4))) },
  { needs: ['reset', 'console'], inject: (f, r) => f.resetPress(between(r, ms(20), ms(500))) },
  { needs: ['reset', 'console'], inject: (f) => f.appCrash() },
  {
    needs: ['power.sag', 'reset', 'console'],
    inject: (f, r) => f.brownOut(between(r, seconds(2), seconds(5))),
  },
];

/** Of so many faults one takes the device's memory; more, and nothing could be said of its slope. */
const LOSS_EVERY = 4;

const exact = (name: string, unit: string, description: string, value: number) =>
  ({ name, unit, description, limit: { kind: 'equal', value } }) as const satisfies MeasurementDeclaration;
const recorded = (name: string, unit: string, description: string) =>
  ({ name, unit, description, limit: { kind: 'none' } }) as const satisfies MeasurementDeclaration;

const KEPT = 'although the device kept its memory';
const measurements: readonly MeasurementDeclaration[] = [
  exact('lost', 'messages', `never arrived, ${KEPT}`, 0),
  exact('duplicated', 'messages', `arrived again, ${KEPT}`, 0),
  exact('reordered', 'messages', `arrived after a later one, ${KEPT}`, 0),
  exact('corrupted', 'messages', 'arrived damaged', 0),
  exact('unexpected', 'messages', 'arrived although none was on its way', 0),
  exact('unsent', 'messages', 'fell due, but the link never took them', 0),
  recorded(
    'lost with memory',
    'messages',
    'lost when the device lost its memory: nothing is promised of them',
  ),
  recorded('faults', 'faults', 'injected, each proved and recovered from'),
  exact('unexpected boots', 'boots', 'starts of the device that no fault explains', 0),
  {
    name: 'detection max',
    unit: 'ms',
    description: 'longest time from injection until client or server noticed, of those that were',
    limit: { kind: 'atMost', value: toMs(DETECTION_LIMIT) },
  },
  {
    name: 'recovery max',
    unit: 'ms',
    description: 'longest time from clearing a fault until its backlog was drained',
    limit: { kind: 'atMost', value: toMs(RECOVERY_LIMIT) },
  },
  ...memoryMeasurements,
];

export const soak = defineScenario({
  name: 'soak',
  summary: 'everything that the bench can do to the device, for as long as asked',
  description:
    'While messages flow both ways, the device meets one fault after the other, in a seeded order and with calm between: the ' +
    'access point fails, throws it out, loses its packets silently or late; the server stops, refuses, resets, falls silent; ' +
    'and at every fourth, its supply is cut or sags, its reset is pressed, its application dies. What the bench cannot do is left ' +
    'out. Each fault is proved as in the scenario that is about it. Shows that nothing is lost, repeated or reordered but what ' +
    'went with the memory of the device, that it always comes back, and that its memory does not dwindle.',
  promise:
    'Whatever happens: while the device keeps its memory, each message arrives once and in order, delayed, not lost; and the link ' +
    'always recovers without help.',
  parameters: {
    duration: {
      kind: 'duration',
      description: 'how long messages flow',
      default: seconds(600),
      min: seconds(180),
      max: seconds(31 * 24 * 3_600),
    },
    period: {
      kind: 'duration',
      description: 'time between two messages of a direction',
      default: ms(500),
      min: ms(100),
      max: seconds(60),
    },
    size: { kind: 'integer', description: 'length of a message in bytes', default: 48, min: 32, max: 190 },
  },
  needs: ['accessPoint', 'power', 'reset', 'console'],
  faults: [
    'access point off, device thrown out, packets lost or late, server away: proved as in the scenarios about them',
    'supply cut or sagging, reset pressed, application ended: proved likewise',
  ],
  measurements: () => measurements,
  streams: ({ duration, period, size }) =>
    trafficStreams({ messages: Math.max(1, Math.floor(duration / period)), period, size }),
  run: async (context) => {
    const { clock, faults, random, sleep, trafficUs } = context;
    const startUs = clock.now();
    const possible = (all: readonly Trouble[]) =>
      all.filter(({ needs }) => needs.every((need) => context.has(need)));
    const choices = [possible(outages), possible(losses)] as const;
    const worst = { detectionUs: 0, recoveryUs: 0 };
    let count = 0;
    for (;;) {
      await sleep(between(random, CALM.least, CALM.most));
      if (elapsed(startUs, clock.now()) > trafficUs - LAST_FAULT_BEFORE_END) break;
      count += 1;
      const from = choices[count % LOSS_EVERY === 0 ? 1 : 0];
      const trouble = from[random.integer(0, from.length - 1)];
      if (trouble === undefined) continue;
      const { detectionUs, recoveryUs } = await trouble.inject(faults, random);
      if (!trouble.mayPassUnseen) worst.detectionUs = Math.max(worst.detectionUs, detectionUs ?? 0);
      worst.recoveryUs = Math.max(worst.recoveryUs, recoveryUs ?? 0);
    }
    context.measure('faults', count);
    context.measure('detection max', toMs(us(worst.detectionUs)));
    context.measure('recovery max', toMs(us(worst.recoveryUs)));
  },
  conclude: (conclusion) => {
    measurePromises(conclusion);
    measureMemory(conclusion);
  },
});

function measurePromises({ streams, promises, unexpected, boots, measure }: Conclusion): void {
  const { broken, excused } = promises;
  measure('lost', broken.lost);
  measure('duplicated', broken.duplicated);
  measure('reordered', broken.reordered);
  measure('lost with memory', excused.lost);
  measure(
    'corrupted',
    streams.reduce((sum, { corrupted }) => sum + corrupted, 0),
  );
  measure('unexpected', unexpected);
  measure(
    'unsent',
    streams.reduce((sum, { unsent }) => sum + unsent, 0),
  );
  measure('unexpected boots', boots.unexpected);
}
