/** Whether a bench, by its ports, has what a scenario needs. */
import type { BenchPorts } from '../ports.js';
import type { Need } from './scenario.js';

export function hasNeed(ports: BenchPorts, need: Need): boolean {
  switch (need) {
    case 'accessPoint.kick':
      return ports.accessPoint?.kick !== undefined;
    case 'accessPoint.silence':
      return ports.accessPoint?.silence !== undefined;
    case 'accessPoint.degrade':
      return ports.accessPoint?.degrade !== undefined;
    case 'power.sag':
      return ports.power?.sag !== undefined;
    case 'i2c.target':
      return ports.i2c.role === 'target';
    default:
      return ports[need] !== undefined;
  }
}
