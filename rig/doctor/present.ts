/** Ports that are there. */
import type { BenchPorts } from '../ports.js';

/** The same ports without those that are undefined. */
export function present(
  ports: {
    readonly [Name in keyof BenchPorts]?: BenchPorts[Name] | undefined;
  },
): Partial<BenchPorts> {
  const { syn, ack, i2c, network, reset, power, accessPoint, console } = ports;
  return {
    ...(syn !== undefined && { syn }),
    ...(ack !== undefined && { ack }),
    ...(i2c !== undefined && { i2c }),
    ...(network !== undefined && { network }),
    ...(reset !== undefined && { reset }),
    ...(power !== undefined && { power }),
    ...(accessPoint !== undefined && { accessPoint }),
    ...(console !== undefined && { console }),
  };
}
