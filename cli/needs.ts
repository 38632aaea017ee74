/** How the ports that a scenario needs are called in print. */
import type { Scenario } from '../rig/run/scenario.js';

const names: Readonly<Record<Scenario['needs'][number], string>> = {
  syn: 'syn line',
  ack: 'ack line',
  i2c: 'I2C',
  'i2c.target': 'link role "target"',
  network: 'network',
  reset: 'reset pin',
  power: 'power switch',
  'power.sag': 'supply that can sag',
  bus: 'hold on the bus',
  accessPoint: 'access point',
  'accessPoint.kick': 'access point that can kick',
  'accessPoint.silence': 'access point that can lose packets',
  'accessPoint.degrade': 'access point that can degrade',
  console: 'console',
  wires: 'faults on its wires',
  memory: 'hold on memory',
};

/** Everything that a scenario can need. */
export const allNeeds: readonly string[] = Object.keys(names);

/** `access point, power switch`; every bench has the link itself. */
export const needsText = (needs: Scenario['needs']): string =>
  needs.length === 0 ? 'the link' : needs.map((port) => names[port]).join(', ');
