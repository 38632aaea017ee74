/** An I2C bus of pulled-up wires on which a device holds SDA low until it has seen enough clocks. */
import type { FakeWire } from './fake-wire.js';

export interface FakeBus {
  readonly scl: FakeWire;
  readonly sda: FakeWire;
}

/** SDA is held low until SCL has fallen `clocks` times: devices change SDA while SCL is low. Returns how often it has. */
export function holdSda({ scl, sda }: FakeBus, clocks: number): () => number {
  let seen = 0;
  sda.driveFromFar(0);
  scl.onChange((level) => {
    if (level === 1) return;
    seen += 1;
    if (seen === clocks) sda.driveFromFar(undefined);
  });
  return () => seen;
}

/** Counts the stop conditions on the bus: SDA rises while SCL is high (UM10204 §3.1.4). */
export function countStops({ scl, sda }: FakeBus): () => number {
  let stops = 0;
  sda.onChange((level) => {
    if (level === 1 && scl.level === 1) stops += 1;
  });
  return () => stops;
}
