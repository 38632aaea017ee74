/** syn joined to ack by a wire: both lines are proved by each other, and what is wrong is told. */
import test from 'ava';
import { VirtualInputLine, VirtualOutputLine } from '../../../drivers/virtual/lines.js';
import { Wire } from '../../../drivers/virtual/wire.js';
import { checkLoop } from '../../../rig/doctor/check-loop.js';
import type { Finding } from '../../../rig/doctor/finding.js';
import type { Level, OutputLine } from '../../../rig/ports.js';
import { ms, us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';

async function looped(
  change: (syn: OutputLine, wire: Wire) => OutputLine = (syn) => syn,
): Promise<{ findings: Finding[]; wire: Wire }> {
  const clock = new VirtualClock();
  const wire = new Wire();
  const ack = new VirtualInputLine('ack', wire, clock, us(400));
  const syn = change(new VirtualOutputLine(wire), wire);
  const findings = await clock.run(async () => {
    const all: Finding[] = [];
    const patient = {
      clock,
      board: 'esp8266',
      ports: { syn, ack },
      isBroken: () => false,
      server: { port: 1, timeoutUs: ms(1_500) },
      signal: new AbortController().signal,
    } as const;
    for await (const finding of checkLoop(patient)) all.push(finding);
    return all;
  });
  return { findings, wire };
}

test('every edge comes back, and how long it took is told', async (t) => {
  const { findings, wire } = await looped();
  t.deepEqual(findings, [
    {
      device: 'syn, ack',
      status: 'ok',
      text: '200 of 200 edges came back, 0.40 ms after writing in the median, 0.40 ms at most',
    },
  ]);
  wire.drive('somebody', 0);
  t.is(wire.level, 0, 'syn has been let go of');
});

test('a wire that is not there', async (t) => {
  const { findings } = await looped(() => ({ write: async () => undefined, release: async () => undefined }));
  t.is(findings[0]?.status, 'failed');
  t.regex(findings[0]?.text ?? '', /no edge within 500 ms/);
  t.truthy(findings[0]?.next);
});

test('one line that is inverted', async (t) => {
  const { findings } = await looped((syn) => ({
    write: (level: Level) => syn.write(level === 1 ? 0 : 1),
    release: () => syn.release(),
  }));
  t.is(findings[0]?.status, 'failed');
  t.regex(findings[0]?.text ?? '', /syn was driven high, ack showed low/);
  t.regex(findings[0]?.next ?? '', /activeLow/);
});
