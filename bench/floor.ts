/** What one exchange with an ideal peer costs the rig: on the bench's clock, and in wall time. */
import { performance } from 'node:perf_hooks';
import { measureVirtualFloor } from '../drivers/virtual/floor.js';
import type { BusRole } from '../rig/ports.js';
import { toMs, us } from '../rig/time/units.js';

const ROUNDS = 2_000;
/** Rounds that are not counted, until the compiler has done its work. */
const WARM_UP = 200;
/** No latency of the wires: what remains is the rig's own code. */
const IDEAL = us(1);

export interface FloorFigures {
  /** On the virtual bench, its host's edge latency included, by what the host is on the bus. */
  readonly virtualMs: Readonly<Record<BusRole, number>>;
  readonly wallP50Us: number;
  readonly wallP99Us: number;
}

/** `edgeLatencyUs`: the virtual host's, from an edge to the program that waits for it. */
export async function benchFloor(edgeLatencyUs: number): Promise<FloorFigures> {
  const virtualMs = {
    target: toMs(await measureVirtualFloor(us(edgeLatencyUs), 'target')),
    controller: toMs(await measureVirtualFloor(us(edgeLatencyUs), 'controller')),
  };
  const walls: number[] = [];
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    const began = performance.now();
    await measureVirtualFloor(IDEAL);
    if (round >= WARM_UP) walls.push((performance.now() - began) * 1_000);
  }
  walls.sort((a, b) => a - b);
  const at = (share: number) => walls[Math.floor(share * (walls.length - 1))] ?? Number.NaN;
  return { virtualMs, wallP50Us: at(0.5), wallP99Us: at(0.99) };
}
