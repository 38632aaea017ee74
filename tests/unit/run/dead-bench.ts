/** A bench whose device is dead: nobody answers on any wire. For tests of what a run does around its scenario. */
import { VirtualI2cTarget } from '../../../drivers/virtual/i2c-target.js';
import { VirtualInputLine, VirtualOutputLine } from '../../../drivers/virtual/lines.js';
import { VirtualNetwork } from '../../../drivers/virtual/network/virtual-network.js';
import { Wire } from '../../../drivers/virtual/wire.js';
import { RigError } from '../../../rig/errors.js';
import type { BenchPorts } from '../../../rig/ports.js';
import { type Bench, DEFAULT_SERVER } from '../../../rig/run/bench.js';
import type { Clock } from '../../../rig/time/clock.js';
import { us } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';

/** A clock that runs a program, and rejects when a timer throws. */
type BenchClock = Clock & Pick<Bench, 'run'>;

export function deadBench<C extends BenchClock>(clock: C) {
  const done: string[] = [];
  let broken: (error: RigError) => void = () => undefined;
  const syn = new Wire();
  const ports: BenchPorts = {
    syn: new VirtualOutputLine(syn),
    ack: new VirtualInputLine('ack', new Wire(), clock, us(80)),
    i2c: new VirtualI2cTarget({
      answerAt: () => undefined,
      armTransmit: () => undefined,
      armReceive: () => undefined,
    }),
    network: new VirtualNetwork({ clock }),
    power: {
      on: async () => void done.push('power on'),
      off: async () => void done.push('power off'),
      rail: async () => ({ kind: 'voltmeter', volts: 0 }),
    },
    reset: {
      press: async () => void done.push('press'),
      release: async () => void done.push('reset released'),
    },
  };
  const bench: Bench = {
    name: 'dead',
    kind: 'virtual',
    clock,
    ports,
    server: DEFAULT_SERVER,
    firmware: { name: 'none', sha256: '00' },
    run: (main) => clock.run(main),
    measureFloor: async () => us(0),
    onBroken: (listener) => {
      broken = listener;
    },
    close: async () => undefined,
  };
  return { bench, clock, done, syn, breakDown: (reason: string) => broken(new RigError('BENCH', reason)) };
}

export const deadVirtualBench = () => deadBench(new VirtualClock());
