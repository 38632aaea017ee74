/** What scenarios have in common in which the program on the device dies or never ends, put there over the console. */
import type { ProgramDeath } from '../rig/faults/program-faults.js';
import type { MeasurementDeclaration } from '../rig/run/declarations.js';
import type { Conclusion, ScenarioContext } from '../rig/run/scenario.js';
import { type DurationUs, ms, seconds, toMs } from '../rig/time/units.js';
import { againAndAgain } from './air.js';
import {
  lossesAllowed,
  measureCounts,
  measureRecovery,
  recoveryMeasurements,
  trafficParameters,
} from './parts.js';

/** Sparse enough that the backlog of one death is gone before the next. */
export const deathTraffic = trafficParameters(300, ms(500));

const RECOVERY_LIMIT = seconds(60);
/** An exchange may wait for 1 s, and one begins every 100 ms (docs/protocol.md §3, §4). */
const ONE_EXCHANGE = 1_100_000;
/** The client waits for 4 s for a keepalive (docs/protocol.md §4). */
export const BY_KEEPALIVES = seconds((4_000_000 + ONE_EXCHANGE) / 1_000_000);
/** Ctrl-C, the prompt and what is typed there, then the exchange that is not answered. */
export const BY_EXCHANGE = seconds((1_000_000 + ONE_EXCHANGE) / 1_000_000);

/** What the ROM prints (docs/virtual-bench.md): after the reset pin, and after a watchdog. */
const CAUSE_OF = { client: 2, chip: 4 } as const;

/** Losses are counted, not judged; every one of `deaths` must be noticed in time and recovered from. */
export const deathMeasurements = (deaths: number, noticed: DurationUs): readonly MeasurementDeclaration[] => [
  ...lossesAllowed,
  {
    name: 'noticed max',
    unit: 'ms',
    description: 'longest time from the death of the program until the client began to reboot the device',
    limit: { kind: 'atMost', value: toMs(noticed) },
  },
  {
    name: 'ended by the client',
    unit: 'faults',
    description: 'the device was started again by the client, over its reset wire',
    limit: { kind: 'none' },
  },
  {
    name: 'ended by the watchdog',
    unit: 'faults',
    description: 'the device started again of itself, before the client did anything',
    limit: { kind: 'none' },
  },
  {
    name: 'wrong causes',
    unit: 'boots',
    description:
      'the ROM gave another cause than that of who started the device again: 2 the client, 4 a watchdog',
    limit: { kind: 'equal', value: 0 },
  },
  ...recoveryMeasurements(deaths, RECOVERY_LIMIT),
];

type Context = Pick<ScenarioContext, 'clock' | 'random' | 'trafficUs' | 'sleep' | 'measure'>;

/** Lets the program die `count` times, each time after the link has recovered; measures who ended each. */
export async function dieAgainAndAgain(
  context: Context,
  count: number,
  die: (index: number) => Promise<ProgramDeath>,
): Promise<void> {
  const deaths: ProgramDeath[] = [];
  await againAndAgain(context, count, async () => {
    const death = await die(deaths.length);
    deaths.push(death);
    return death;
  });
  const { measure } = context;
  const noticedMs = deaths
    .map(({ noticedUs }) => noticedUs)
    .filter((time) => time !== undefined)
    .map(toMs);
  if (noticedMs.length === deaths.length) measure('noticed max', Math.max(...noticedMs));
  measure('ended by the client', deaths.filter(({ endedBy }) => endedBy === 'client').length);
  measure('ended by the watchdog', deaths.filter(({ endedBy }) => endedBy === 'chip').length);
  measure('wrong causes', deaths.filter(({ endedBy, cause }) => cause !== CAUSE_OF[endedBy]).length);
}

/** Measures what is left of `deathMeasurements`. */
export function concludeDeaths(conclusion: Conclusion): void {
  measureCounts(conclusion);
  measureRecovery(conclusion);
}
