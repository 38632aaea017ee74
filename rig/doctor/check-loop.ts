/**
 * Do syn and ack do what they say? With a wire from one to the other in place of the device, what is driven on syn must
 * come back on ack: every edge, in order, once. The time it takes is the lines' share of every exchange.
 */
import { isRigError, messageOf } from '../errors.js';
import type { BenchPorts, Level } from '../ports.js';
import { elapsed, ms, toMs } from '../time/units.js';
import { type Finding, failed, ok } from './finding.js';
import { missing, type Patient } from './patient.js';

const DEVICE = 'syn, ack';
const EDGES = 200;
/** Far above what any kernel needs. */
const EDGE_LIMIT = ms(500);

export async function* checkLoop(patient: Patient): AsyncGenerator<Finding> {
  const { syn, ack } = patient.ports;
  const absent = missing(patient, DEVICE, ['syn', 'ack']);
  if (syn === undefined || ack === undefined) {
    if (absent !== undefined) yield absent;
    return;
  }
  try {
    yield await loop(patient, { syn, ack });
  } catch (error) {
    if (isRigError(error, 'CANCELLED')) throw error;
    yield failed(
      DEVICE,
      messageOf(error),
      'Join syn and ack by a wire, and nothing else to them; check both lines.',
    );
  } finally {
    await syn.release();
  }
}

async function loop(
  { clock, signal }: Patient,
  { syn, ack }: Pick<BenchPorts, 'syn' | 'ack'>,
): Promise<Finding> {
  await syn.write(0);
  await clock.sleep('doctor: loop', ms(10), signal);
  ack.discardEdges();
  const tookMs: number[] = [];
  for (let edge = 0; edge < EDGES; edge += 1) {
    signal.throwIfAborted();
    const level: Level = edge % 2 === 0 ? 1 : 0;
    const startUs = clock.now();
    await syn.write(level);
    const seen = await ack.nextEdge(EDGE_LIMIT);
    tookMs.push(toMs(elapsed(startUs, clock.now())));
    const now = await ack.read();
    if (seen.level !== level || now !== level) {
      return failed(
        DEVICE,
        `edge ${edge + 1}: syn was driven ${name(level)}, ack showed ${name(seen.level)} and is ${name(now)}`,
        'Something else drives one of the lines, or activeLow is set for one of them only.',
      );
    }
  }
  tookMs.sort((a, b) => a - b);
  const median = tookMs[Math.floor(EDGES / 2)] ?? 0;
  return ok(
    DEVICE,
    `${EDGES} of ${EDGES} edges came back, ${median.toFixed(2)} ms after writing in the median, ${tookMs.at(-1)?.toFixed(2)} ms at most`,
  );
}

const name = (level: Level): string => (level === 1 ? 'high' : 'low');
