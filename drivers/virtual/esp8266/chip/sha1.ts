/** SHA-1 for the port's `hashlib`, as FIPS 180-4 has it: whole blocks. WebSockets and older web services ask for it. */

const BLOCK_BYTES = 64;
const STATE_BYTES = 20;
const ROUNDS = 80;
/** An assumption: some two thousand instructions a block. */
const BLOCK_US = 25;

export interface Sha1Surroundings {
  readonly cpu: { spend(us: number): void };
  memory(address: number, length: number): Uint8Array;
}

/** Functions of the `_board` module. Addresses are of buffers in the interpreter's memory. */
export function sha1Functions({ cpu, memory }: Sha1Surroundings): object {
  return {
    /** Takes the whole blocks of `length` bytes at `data` into the state of five words, most significant byte first. */
    sha1: (state: number, data: number, length: number) => {
      const bytes = memory(data, length);
      const view = new DataView(bytes.buffer, bytes.byteOffset, length);
      const words = memory(state, STATE_BYTES);
      const digest = new DataView(words.buffer, words.byteOffset, STATE_BYTES);
      const blocks = Math.floor(length / BLOCK_BYTES);
      for (let block = 0; block < blocks; block += 1) takeBlock(digest, view, block * BLOCK_BYTES);
      cpu.spend(blocks * BLOCK_US);
      return 0;
    },
  };
}

const rotated = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

function takeBlock(digest: DataView, data: DataView, at: number): void {
  const schedule = new DataView(new ArrayBuffer(ROUNDS * 4));
  const word = (index: number) => schedule.getInt32(index * 4);
  for (let t = 0; t < ROUNDS; t += 1) {
    const mixed = t < 16 ? 0 : word(t - 3) ^ word(t - 8) ^ word(t - 14) ^ word(t - 16);
    schedule.setInt32(t * 4, t < 16 ? data.getInt32(at + t * 4) : rotated(mixed, 1));
  }
  const start = [0, 4, 8, 12, 16].map((offset) => digest.getInt32(offset));
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = start;
  for (let t = 0; t < ROUNDS; t += 1) {
    const next = (rotated(a, 5) + mix(t, b, c, d) + e + word(t)) | 0;
    [a, b, c, d, e] = [next, a, rotated(b, 30), c, d];
  }
  for (const [index, value] of [a, b, c, d, e].entries()) {
    digest.setInt32(index * 4, (start[index] ?? 0) + value);
  }
}

/** The function of a round, with its constant. */
function mix(round: number, b: number, c: number, d: number): number {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}
