/** AES for the port's `cryptolib`: whole blocks, in the modes that the port has, by the computer's own implementation. */
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Numbers of the modes, as `cryptolib.aes` takes them (PEP 272). The port is built without counter mode. */
const CBC = 2;
const BLOCK_BYTES = 16;
/** An assumption: a table-driven AES takes a 32-bit processor a few thousand instructions a block. */
const BLOCK_US = 40;

export interface AesSurroundings {
  readonly cpu: { spend(us: number): void };
  memory(address: number, length: number): Uint8Array;
}

/** Functions of the `_board` module. Addresses are of buffers in the interpreter's memory. */
export function aesFunctions({ cpu, memory }: AesSurroundings): object {
  return {
    /** Turns `length` bytes of `from` into as many in `to`; `iv` becomes what the next blocks are chained to. */
    aes: (
      key: number,
      keyBytes: number,
      mode: number,
      iv: number,
      decrypts: number,
      from: number,
      to: number,
      length: number,
    ) => {
      const input = memory(from, length).slice();
      const chain = memory(iv, BLOCK_BYTES);
      const name = `aes-${keyBytes * 8}-${mode === CBC ? 'cbc' : 'ecb'}`;
      const make = decrypts === 1 ? createDecipheriv : createCipheriv;
      const cipher = make(name, memory(key, keyBytes), mode === CBC ? chain.slice() : null);
      cipher.setAutoPadding(false);
      const output = cipher.update(input);
      memory(to, length).set(output);
      if (mode === CBC && length > 0) chain.set((decrypts === 1 ? input : output).subarray(-BLOCK_BYTES));
      cpu.spend((length / BLOCK_BYTES) * BLOCK_US);
      return 0;
    },
  };
}
