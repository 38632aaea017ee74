/** One contract for the lines of every bench; of those, the virtual one needs no hardware. */
import { VirtualInputLine, VirtualOutputLine } from '../../drivers/virtual/lines.js';
import { Wire } from '../../drivers/virtual/wire.js';
import { us } from '../../rig/time/units.js';
import { VirtualClock } from '../../rig/time/virtual-clock.js';
import { testInputLine, testOutputLine } from './line-suite.js';

testOutputLine('VirtualOutputLine', async (body) => {
  const wire = new Wire();
  await body({
    line: new VirtualOutputLine(wire),
    level: async () => wire.level,
    pullDown: async (on) => wire.drive('resistor', on ? 0 : undefined),
  });
});

testInputLine('VirtualInputLine', async (body) => {
  const clock = new VirtualClock();
  const wire = new Wire();
  const line = new VirtualInputLine('test', wire, clock, us(80));
  await clock.run(() =>
    body({ clock, line, drive: async (level) => wire.drive('device', level), close: () => line.close() }),
  );
});
