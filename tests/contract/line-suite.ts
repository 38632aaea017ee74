/** The contracts of `OutputLine` and `InputLine`, the same for every driver. */
import test from 'ava';
import { isRigError } from '../../rig/errors.js';
import { EDGE_QUEUE_LIMIT, type Edge, type InputLine, type Level, type OutputLine } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import { later, ms } from '../../rig/time/units.js';

export interface OutputBench {
  readonly line: OutputLine;
  /** The level on the wire, by another instrument. Nobody else drives it; a weak pull-up makes it high. */
  level(): Promise<Level>;
  /** Another party drives the wire low, through a resistor that a driven line overcomes, or lets go of it. */
  pullDown(on: boolean): Promise<void>;
}

export interface InputBench {
  readonly clock: Clock;
  /** The wire is high when the line is opened. */
  readonly line: InputLine;
  /** The device drives the wire. Resolves at once: the line may learn of it a little later. */
  drive(level: Level): Promise<void>;
  /**
   * For a line that may tell edges close together as one: resolves when the next edge is sure to be told apart. Absent
   * for a line that tells every edge.
   */
  apart?(): Promise<void>;
  close(): void | Promise<void>;
}

export type WithOutput = (body: (bench: OutputBench) => Promise<void>) => Promise<void>;
export type WithInput = (body: (bench: InputBench) => Promise<void>) => Promise<void>;

/** Longer than any driver takes to notice an edge. */
const NOTICED = ms(20);
/** Edges driven beyond what the queue holds. An even number: the line ends where it would without them. */
const BEYOND = 6;

export function testOutputLine(name: string, withBench: WithOutput): void {
  test(`${name}: it drives nothing before the first write`, (t) =>
    withBench(async ({ level, pullDown }) => {
      t.is(await level(), 1);
      await pullDown(true);
      t.is(await level(), 0);
    }));

  test(`${name}: it drives the level that was written`, (t) =>
    withBench(async ({ line, level }) => {
      for (const wanted of [0, 1, 1, 0, 0] as const) {
        await line.write(wanted);
        t.is(await level(), wanted);
      }
    }));

  test(`${name}: a released line feeds nothing, and can be driven again`, (t) =>
    withBench(async ({ line, level, pullDown }) => {
      await line.write(0);
      await line.release();
      t.is(await level(), 1);
      await pullDown(true);
      t.is(await level(), 0);
      await pullDown(false);
      await line.release();
      await line.write(0);
      t.is(await level(), 0);
    }));
}

export function testInputLine(name: string, withBench: WithInput): void {
  test(`${name}: the level is that of the wire`, (t) =>
    withBench(async ({ clock, line, drive }) => {
      for (const level of [1, 0, 1] as const) {
        await drive(level);
        await clock.sleep('notice', NOTICED);
        t.is(await line.read(), level);
      }
    }));

  test(`${name}: edges are queued in order`, (t) =>
    withBench(async (bench) => {
      const { clock, line } = bench;
      const startUs = clock.now();
      await driveInTurn(bench, 3);
      await clock.sleep('notice', NOTICED);
      const edges: Edge[] = [];
      for (let index = 0; index < 3; index += 1) edges.push(await line.nextEdge(NOTICED));
      t.deepEqual(
        edges.map(({ level }) => level),
        [0, 1, 0],
      );
      let previous = startUs;
      for (const [index, { atUs, sequence }] of edges.entries()) {
        t.true(atUs >= previous && atUs <= clock.now());
        t.is(sequence, (edges[0]?.sequence ?? 0) + index);
        previous = atUs;
      }
      t.is(line.missedEdges, 0);
    }));

  test(`${name}: a pulse too short to see is two edges`, (t) =>
    withBench(async ({ clock, line, drive }) => {
      await drive(0);
      await drive(1);
      await clock.sleep('notice', NOTICED);
      const first = await line.nextEdge(NOTICED);
      const second = await line.nextEdge(NOTICED);
      t.deepEqual([first.level, second.level], [0, 1]);
      t.is(second.sequence, first.sequence + 1);
      t.true(isRigError(await t.throwsAsync(line.nextEdge(ms(5))), 'TIMEOUT'));
      t.is(line.missedEdges, 0);
    }));

  test(`${name}: a wait ends with the edge that it waits for`, (t) =>
    withBench(async ({ clock, line, drive }) => {
      const waiting = line.nextEdge(ms(1_000));
      await clock.sleep('nothing', ms(30));
      const beforeUs = clock.now();
      await drive(0);
      const edge = await waiting;
      t.is(edge.level, 0);
      t.true(edge.atUs >= beforeUs);
      t.true(clock.now() < later(beforeUs, ms(500)));
    }));

  test(`${name}: a wait without an edge ends with TIMEOUT, and a later edge is not lost`, (t) =>
    withBench(async ({ clock, line, drive }) => {
      const startUs = clock.now();
      const error = await t.throwsAsync(line.nextEdge(ms(10)));
      t.true(isRigError(error, 'TIMEOUT'));
      t.true(clock.now() >= later(startUs, ms(10)));
      await drive(0);
      t.is((await line.nextEdge(ms(1_000))).level, 0);
    }));

  test(`${name}: only one wait at a time; a second one is refused and the first goes on`, (t) =>
    withBench(async ({ line, drive }) => {
      const first = line.nextEdge(ms(1_000));
      const error = await t.throwsAsync(line.nextEdge(ms(10)));
      t.true(isRigError(error, 'BENCH'));
      await drive(0);
      t.is((await first).level, 0);
    }));

  test(`${name}: discarded edges do not come back, and the count goes on`, (t) =>
    withBench(async (bench) => {
      const { clock, line, drive } = bench;
      await drive(0);
      const first = await line.nextEdge(ms(1_000));
      await driveInTurn(bench, 2, 1);
      await clock.sleep('notice', NOTICED);
      line.discardEdges();
      t.true(isRigError(await t.throwsAsync(line.nextEdge(ms(10))), 'TIMEOUT'));
      await drive(1);
      const next = await line.nextEdge(ms(1_000));
      t.deepEqual([next.level, next.sequence], [1, first.sequence + 3]);
      t.is(line.missedEdges, 0);
    }));

  test(`${name}: an edge that happened just before is discarded as well`, (t) =>
    withBench(async ({ line, drive }) => {
      await drive(0);
      line.discardEdges();
      t.true(isRigError(await t.throwsAsync(line.nextEdge(NOTICED)), 'TIMEOUT'));
      await drive(1);
      t.is((await line.nextEdge(ms(1_000))).level, 1);
    }));

  // Which edges are lost, the oldest or the latest, is not said: kernels drop the oldest.
  test(`${name}: edges beyond the queue are counted, told once, and leave a gap`, (t) =>
    withBench(async (bench) => {
      const { line, drive } = bench;
      await drive(0);
      const before = await line.nextEdge(ms(1_000));
      const last = await overfill(bench, 1);
      const missed = line.missedEdges;
      if (bench.apart === undefined) t.is(missed, BEYOND);
      const error = await t.throwsAsync(line.nextEdge(NOTICED));
      t.true(isRigError(error, 'INVALID'));
      t.regex(error.message, new RegExp(`${missed} edges`));
      for (let index = 0; index < EDGE_QUEUE_LIMIT; index += 1) await line.nextEdge(NOTICED);
      await drive(opposite(last));
      const next = await line.nextEdge(ms(1_000));
      t.is(next.sequence, before.sequence + EDGE_QUEUE_LIMIT + missed + 1);
      t.is(line.missedEdges, missed);
    }));

  test(`${name}: to discard edges forgives missed ones, but keeps their number`, (t) =>
    withBench(async (bench) => {
      const { line, drive } = bench;
      const last = await overfill(bench, 0);
      const missed = line.missedEdges;
      t.true(missed > 0);
      line.discardEdges();
      await drive(opposite(last));
      t.is((await line.nextEdge(ms(1_000))).level, opposite(last));
      t.is(line.missedEdges, missed);
    }));

  test(`${name}: closing ends a wait with CLOSED, and so does any later use`, (t) =>
    withBench(async ({ clock, line, drive, close }) => {
      const waiting = line.nextEdge(ms(1_000));
      clock.at('close', later(clock.now(), ms(5)), () => void close());
      t.true(isRigError(await t.throwsAsync(waiting), 'CLOSED'));
      t.deepEqual(clock.pending(), []);
      await drive(0);
      t.true(isRigError(await t.throwsAsync(line.nextEdge(ms(1))), 'CLOSED'));
      t.true(isRigError(await t.throwsAsync(line.read()), 'CLOSED'));
    }));
}

/**
 * Drives more edges than the queue holds: `BEYOND` more where every one is told, some more where they may be told as one.
 * Returns the level after the last.
 */
async function overfill(bench: InputBench, first: Level): Promise<Level> {
  await driveInTurn(bench, EDGE_QUEUE_LIMIT + BEYOND, first);
  await bench.clock.sleep('notice', NOTICED);
  for (let round = 0; bench.line.missedEdges < BEYOND && round < EDGE_QUEUE_LIMIT; round += 1) {
    // Where every edge is told, the last may only be late, on a busy machine.
    if (bench.apart !== undefined) await driveInTurn(bench, 2, first);
    await bench.clock.sleep('notice', NOTICED);
  }
  return opposite(first);
}

/** Drives `count` edges, each to the other level, as fast as the line tells them apart. */
async function driveInTurn({ drive, apart }: InputBench, count: number, first: Level = 0): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await drive(index % 2 === 0 ? first : opposite(first));
    await apart?.();
  }
}

const opposite = (level: Level): Level => (level === 0 ? 1 : 0);
