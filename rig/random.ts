/** Seeded random numbers: one seed a run, split into named streams so that one consumer never shifts another. */

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [low, high]. */
  integer(low: number, high: number): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** An independent stream; the same name of the same parent always gives the same stream. */
  fork(name: string): Random;
  /** The 32-bit seed of this stream. */
  readonly seed: number;
}

/** FNV-1a, 32 bits, of the seed's four bytes and then the name's. */
function mixName(seed: number, name: string): number {
  const seedBytes = [seed >>> 24, (seed >>> 16) & 0xff, (seed >>> 8) & 0xff, seed & 0xff];
  let hash = 0x811c9dc5;
  for (const byte of [...seedBytes, ...new TextEncoder().encode(name)]) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

/** Mulberry32 (public domain, T. Ettinger): 32 bits of state, passes gjrand; ample for placing faults. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return {
    seed: seed >>> 0,
    next,
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    between: (low, high) => low + next() * (high - low),
    fork: (name) => createRandom(mixName(seed >>> 0, name)),
  };
}
