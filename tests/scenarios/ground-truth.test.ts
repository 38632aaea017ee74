/** What a saboteur inside the device does to known messages is exactly what the whole rig reports. */
import test, { type ExecutionContext } from 'ava';
import { createRandom } from '../../rig/random.js';
import type { StreamResult } from '../../rig/run/result.js';
import { ms } from '../../rig/time/units.js';
import { steady } from '../../scenarios/steady.js';
import { eventsOf, flashFrom, flashOf, linkFirmware, type Rehearsed, rehearse } from './rehearsal.js';

const DEEDS = ['drop', 'duplicate', 'corrupt', 'swap', 'delay'] as const;
type Deed = (typeof DEEDS)[number];
/** What is done to which message of a direction, by its sequence. */
type Plan = Readonly<Record<number, Deed>>;

const MESSAGES = 100;
const PERIOD = ms(400);
/** What the saboteur waits before it passes on a message (sabotage.py). */
const DELAY_MS = 350;

function sabotaged(uplink: Plan, downlink: Plan, seed: number): Promise<Rehearsed> {
  const flash = new Map([
    ...linkFirmware,
    ...flashFrom('tests/fixtures/firmware-saboteur'),
    ...flashOf({ 'sabotage.json': JSON.stringify({ uplink, downlink }) }),
  ]);
  return rehearse({ scenario: steady, seed, flash, parameters: { messages: MESSAGES, period: PERIOD } });
}

/** The sequences to which `deed` was done, in rising order. */
const done = (plan: Plan, ...deeds: readonly Deed[]): number[] =>
  Object.entries(plan)
    .filter(([, each]) => deeds.includes(each))
    .map(([sequence]) => Number(sequence));

function reportsExactly(t: ExecutionContext, run: Rehearsed, stream: StreamResult, plan: Plan): void {
  const { name } = stream;
  const gone = done(plan, 'drop', 'corrupt');
  t.is(stream.due, MESSAGES);
  t.is(stream.lost, gone.length);
  t.is(stream.delivered, MESSAGES - gone.length);
  t.is(stream.duplicated, done(plan, 'duplicate').length);
  t.is(stream.corrupted, done(plan, 'corrupt').length);
  t.is(stream.reordered, done(plan, 'swap').length);
  t.is(stream.unsent, 0);

  const losses = run.result.losses.filter((loss) => loss.stream === name);
  t.deepEqual(
    losses.map(({ sequence }) => sequence),
    gone,
  );
  // To the server's acknowledgement downwards; upwards the exchange is the last that the host sees.
  const lastPoint = stream.direction === 'uplink' ? 'accepted' : 'acked';
  t.true(losses.every((loss) => loss.lastPoint === lastPoint && loss.fault === undefined));

  const anomalies = eventsOf(run.events, 'anomaly').filter((event) => event.stream === name);
  for (const [kind, deed] of [
    ['duplicated', 'duplicate'],
    ['corrupted', 'corrupt'],
  ] as const) {
    const found = anomalies.filter((event) => event.kind === kind).map(({ sequence }) => sequence);
    t.deepEqual(found, done(plan, deed), kind);
  }
  const messages = eventsOf(run.events, 'message').filter((event) => event.stream === name);
  const reordered = messages.filter((event) => event.reordered).map(({ sequence }) => sequence);
  t.deepEqual(reordered, done(plan, 'swap'));
  hasItsDelays(t, messages, plan);
}

/** The delayed messages, and no others, took as long as the saboteur held them back. */
function hasItsDelays(
  t: ExecutionContext,
  messages: readonly { readonly sequence: number; readonly dueUs: number; readonly deliveredUs?: number }[],
  plan: Plan,
): void {
  const late = messages
    .filter(({ dueUs, deliveredUs = 0 }) => deliveredUs - dueUs >= DELAY_MS * 1_000)
    .map(({ sequence }) => sequence);
  t.deepEqual(late, done(plan, 'delay', 'swap'));
}

async function isFoundOut(t: ExecutionContext, uplink: Plan, downlink: Plan, seed: number): Promise<void> {
  const run = await sabotaged(uplink, downlink, seed);
  for (const stream of run.result.streams) {
    reportsExactly(t, run, stream, stream.direction === 'uplink' ? uplink : downlink);
  }
  t.is(eventsOf(run.events, 'anomaly').filter(({ kind }) => kind === 'unexpected').length, 0);
}

test.serial('an honest saboteur changes nothing: the rig finds nothing', async (t) => {
  const { result } = await sabotaged({}, {}, 1);
  t.is(result.outcome, 'PASS', result.reason);
});

test.serial('one deed of each kind, each way: the run fails, and the reason names the counts', async (t) => {
  const uplink: Plan = { 3: 'drop', 20: 'duplicate', 41: 'corrupt', 60: 'swap', 81: 'delay' };
  const downlink: Plan = { 0: 'drop', 11: 'delay', 30: 'swap', 52: 'corrupt', 99: 'duplicate' };
  await isFoundOut(t, uplink, downlink, 2);
  const { result } = await sabotaged(uplink, {}, 2);
  t.is(result.outcome, 'FAIL');
  t.regex(
    result.reason ?? '',
    /lost is 2 messages; duplicated is 1 messages; reordered is 1 messages; corrupted is 1/,
  );
});

for (const seed of [11, 12]) {
  test.serial(`many deeds at random, seed ${seed}: the rig reports those and no others`, async (t) => {
    const random = createRandom(seed);
    await isFoundOut(t, randomPlan(random.fork('uplink')), randomPlan(random.fork('downlink')), seed);
  });
}

/** A deed for about every third message, with an untouched one between two, which a swapped one needs behind it. */
function randomPlan(random: ReturnType<typeof createRandom>): Plan {
  const plan: Record<number, Deed> = {};
  for (let sequence = random.integer(0, 2); sequence < MESSAGES - 1; sequence += random.integer(2, 4)) {
    plan[sequence] = DEEDS[random.integer(0, DEEDS.length - 1)] ?? 'drop';
  }
  return plan;
}
