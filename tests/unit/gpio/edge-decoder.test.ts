/** Edges out of the kernel's events, late levels and dropped events among them. */
import test from 'ava';
import { type DecodedEdge, EdgeDecoder } from '../../../drivers/pi/gpio/edge-decoder.js';
import type { LineEvent } from '../../../drivers/pi/gpio/uapi.js';
import type { Level } from '../../../rig/ports.js';

const US = 1_000n;
/** Long after everything that these tests settle. */
const START_NS = 1_000_000_000n;

const event = (seqno: number, level: Level, atUs: number): LineEvent => ({
  seqno,
  level,
  atNs: START_NS + BigInt(atUs) * US,
});

const at = (us: number): bigint => START_NS + BigInt(us) * US;

/** level@µs#sequence, with +n for n events missed before. */
const shown = (edges: readonly DecodedEdge[]): string[] =>
  edges.map(({ level, atNs, sequence, missedBefore }) => {
    const missed = missedBefore === 0 ? '' : `+${missedBefore}`;
    return `${level}@${(atNs - START_NS) / US}#${sequence}${missed}`;
  });

const decoder = (level: Level): EdgeDecoder => {
  const made = new EdgeDecoder(level);
  made.settle(level, 0n, 0n);
  return made;
};

test('an event with another level is an edge', (t) => {
  const edges = decoder(1).decode([event(1, 0, 10), event(2, 1, 20)], at(30));
  t.deepEqual(shown(edges), ['0@10#1', '1@20#2']);
});

test('an event with the level that the line already had is a pulse: two edges', (t) => {
  t.deepEqual(shown(decoder(1).decode([event(1, 1, 10)], at(30))), ['0@10#1', '1@10#2']);
  t.deepEqual(shown(decoder(0).decode([event(1, 0, 10)], at(30))), ['1@10#1', '0@10#2']);
});

test('two events whose levels were both read after the pulse are one pulse, with both its times', (t) => {
  const edges = decoder(1).decode([event(1, 1, 10), event(2, 1, 35), event(3, 0, 60)], at(100));
  t.deepEqual(shown(edges), ['0@10#1', '1@35#2', '0@60#3']);
});

test('the second half of a pulse that has been told already adds nothing', (t) => {
  const made = decoder(1);
  t.deepEqual(shown(made.decode([event(1, 1, 10)], at(30))), ['0@10#1', '1@10#2']);
  t.deepEqual(shown(made.decode([event(2, 1, 25), event(3, 0, 60)], at(80))), ['0@60#3']);
});

test('an event stamped after the pulse had been read is a pulse of its own', (t) => {
  const made = decoder(1);
  made.decode([event(1, 1, 10)], at(30));
  t.deepEqual(shown(made.decode([event(2, 1, 31)], at(80))), ['0@31#3', '1@31#4']);
});

test('pulses further apart than the level is read late are pulses of their own', (t) => {
  const edges = decoder(1).decode([event(1, 1, 10), event(2, 1, 2_000)], at(3_000));
  t.deepEqual(shown(edges), ['0@10#1', '1@10#2', '0@2000#3', '1@2000#4']);
});

test('three events with the same level are a pulse, its second half, and another pulse', (t) => {
  const edges = decoder(1).decode([event(1, 1, 10), event(2, 1, 20), event(3, 1, 30)], at(100));
  t.deepEqual(shown(edges), ['0@10#1', '1@20#2', '0@30#3', '1@30#4']);
});

test('events that the kernel dropped leave a gap, and say nothing about the level', (t) => {
  const made = decoder(1);
  t.deepEqual(shown(made.decode([event(1, 0, 10), event(5, 0, 50)], at(60))), ['0@10#1', '0@50#5+3']);
  t.deepEqual(shown(made.decode([event(6, 1, 70)], at(80))), ['1@70#6']);
});

test('events dropped before the first one are missed as well', (t) => {
  t.deepEqual(shown(decoder(1).decode([event(7, 0, 10)], at(20))), ['0@10#7+6']);
});

test("the kernel's count wraps at 32 bits, that of edges does not", (t) => {
  const made = decoder(1);
  made.decode([event(0xffff_ffff, 0, 10)], at(20));
  const edges = made.decode([event(0, 1, 30)], at(40));
  t.deepEqual(shown(edges), [`1@30#${2 ** 32}`]);
});

test('what happened before the settling is counted, not told', (t) => {
  const made = decoder(1);
  made.settle(0, at(100), at(101));
  const edges = made.decode([event(1, 0, 50), event(2, 1, 60), event(3, 0, 70), event(4, 1, 900)], at(1_000));
  t.deepEqual(shown(edges), ['1@900#4']);
});

test('an edge stamped while the level was read decides the level', (t) => {
  const made = decoder(1);
  // The line fell after it had been read as high.
  made.settle(1, at(100), at(102));
  t.deepEqual(shown(made.decode([event(1, 0, 101), event(2, 1, 900)], at(1_000))), ['1@900#2']);
});

test('an interrupt that comes late tells of an edge that was seen when the level was read', (t) => {
  const made = decoder(1);
  made.settle(0, at(100), at(101));
  t.deepEqual(shown(made.decode([event(1, 0, 130), event(2, 1, 140)], at(200))), ['1@140#2']);
  made.settle(0, at(300), at(301));
  t.deepEqual(shown(made.decode([event(3, 0, 500)], at(600))), ['1@500#3', '0@500#4']);
});
