/** The part of the WebAssembly API that the board uses; TypeScript has it only together with the whole DOM. */
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>;

  class Module {
    constructor(bytes: Uint8Array);
  }

  class Instance {
    constructor(module: Module, imports: Imports);
    readonly exports: Record<string, unknown>;
  }

  class Memory {
    private constructor();
    readonly buffer: ArrayBuffer;
  }

  class Table {
    private constructor();
    get(index: number): unknown;
  }

  class Global {
    private constructor();
    value: number;
  }

  let instantiate: (
    bytes: unknown,
    imports?: Imports,
  ) => Promise<{ readonly instance: Instance; readonly module: Module }>;
}
