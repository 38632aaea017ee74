/**
 * Espressif's flasher, the package `esptool-js`; nothing else here imports it. It is made for browsers; this is what it
 * needs to run on a pipe of bytes. Over the chip's ROM loader it starts Espressif's own small program in the chip's
 * memory ("stub"), which takes compressed data and tells the hash of what it wrote; the ROM of an ESP8266 can neither.
 *
 * It sleeps and measures time by itself, so it works in real time only.
 */
import { createHash } from 'node:crypto';
import type { ESPLoader } from 'esptool-js';
import { isRigError, messageOf, RigError } from '../../../rig/errors.js';
import { loadPackage } from '../device.js';
import type { BytePipe } from '../serial/pipe.js';

/** The rate at which the ROM's loader is talked to; it measures the rate of the first bytes that it gets. */
export const LOADER_BAUD = 115_200;
/** Each waits for half a second. */
const SYNC_ATTEMPTS = 2;
/** Questions at a new rate, and how long each answer is waited for. */
const RATE_ATTEMPTS = 3;
const ANSWER_LIMIT_MS = 500;
/** `0xc0` begins and ends a packet: with three of them, whatever is awaited comes to an end. */
const END_OF_PACKETS = Uint8Array.of(0xc0, 0xc0, 0xc0);

export const flashModes = ['keep', 'dio', 'qio', 'dout', 'qout'] as const;
/** How the chip is to read its flash: as the image says, or otherwise. */
export type FlashMode = (typeof flashModes)[number];

export interface Chip {
  /** `ESP8266EX` or `ESP8285`. */
  readonly name: string;
  readonly mac: string;
  readonly flashBytes: number;
}

export interface Writing {
  readonly image: Uint8Array;
  /** Erases all of the flash first, and with it the board's files. */
  readonly eraseAll: boolean;
  readonly flashMode: FlashMode;
  /** Of the data as it is sent, compressed. */
  readonly onProgress: (sentBytes: number, totalBytes: number) => void;
}

/** A chip's loader. Rejections are `BENCH` when the pipe is lost, `CANCELLED` when the signal aborts, `PROTOCOL` mostly. */
export interface Loader {
  /** True as soon as the loader answers; false after about a second. Rejects when the chip is no ESP8266. */
  answers(): Promise<boolean>;
  /**
   * Starts Espressif's program on the chip, at the rate for writing, and tells what chip it is. Undefined when the chip
   * does not answer at that rate; it then has to be started anew.
   */
  prepare(): Promise<Chip | undefined>;
  /** Writes the image to the begin of the flash, and proves it by the hash that the chip computes of its flash. */
  write(writing: Writing): Promise<void>;
  /** Lets go of the pipe. */
  close(): void;
}

/** A loader over `pipe`, which writes at `baud`. Aborting `signal` ends whatever is under way. */
export async function openLoader(pipe: BytePipe, baud: number, signal: AbortSignal): Promise<Loader> {
  const esptool = await loadPackage('esptool-js', () => import('esptool-js'));
  const transport = createTransport(esptool, pipe);
  const abort = () => transport.fail(new RigError('CANCELLED', 'Flashing was cancelled.'));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const terminal = { clean: () => undefined, write: () => undefined, writeLine: () => undefined };
  const loader = new esptool.ESPLoader({ transport, baudrate: baud, romBaudrate: LOADER_BAUD, terminal });
  const close = () => {
    signal.removeEventListener('abort', abort);
    transport.release();
  };
  return new EsptoolLoader(loader, () => transport.failure, { baud, close });
}

class EsptoolLoader implements Loader {
  readonly close: () => void;
  private readonly loader: ESPLoader;
  private readonly failure: () => RigError | undefined;
  private readonly baud: number;

  constructor(
    loader: ESPLoader,
    failure: () => RigError | undefined,
    { baud, close }: { readonly baud: number; readonly close: () => void },
  ) {
    this.loader = loader;
    this.failure = failure;
    this.baud = baud;
    this.close = close;
  }

  async answers(): Promise<boolean> {
    try {
      await this.loader.connect('no_reset', SYNC_ATTEMPTS, false);
    } catch {
      const failure = this.failure();
      if (failure !== undefined) throw failure;
      return false;
    }
    await this.told('The chip cannot be identified', () => this.loader.connect('no_reset', SYNC_ATTEMPTS));
    const kind = this.loader.chip.CHIP_NAME;
    if (kind !== 'ESP8266') throw new RigError('PROTOCOL', `The chip is an ${kind}, not an ESP8266.`);
    return true;
  }

  async prepare(): Promise<Chip | undefined> {
    const { loader } = this;
    // The ESP8266 has no such registers. The package (0.7.0) has 0 for their offsets, where it means "none", and so
    // writes the lengths to the command register; then the flash's identity is read with a length left from before.
    Object.assign(loader.chip, { SPI_MOSI_DLEN_OFFS: null, SPI_MISO_DLEN_OFFS: null });
    return await this.told('The loader failed', async () => {
      const name = await loader.chip.getChipDescription(loader);
      const mac = await loader.chip.readMac(loader);
      await loader.runStub();
      if (this.baud !== LOADER_BAUD && !(await this.changesBaud())) return undefined;
      const size = await loader.detectFlashSize();
      if (size === undefined)
        throw new Error('the flash chip does not tell its size; is it broken, or not powered?');
      return { name, mac, flashBytes: bytesOf(size) };
    });
  }

  async write({ image, eraseAll, flashMode, onProgress }: Writing): Promise<void> {
    await this.told('The flash was not written', () =>
      this.loader.writeFlash({
        fileArray: [{ data: image, address: 0 }],
        flashMode,
        flashFreq: 'keep',
        // Into the image's header, where MicroPython looks for it.
        flashSize: 'detect',
        eraseAll,
        compress: true,
        reportProgress: (_file, sent, total) => onProgress(sent, total),
        calculateMD5Hash: (bytes) => createHash('md5').update(bytes).digest('hex'),
      }),
    );
  }

  /**
   * False when the chip does not answer at the new rate. The package's own way starts the chip anew then, which it cannot
   * do here, and takes long to see that.
   */
  private async changesBaud(): Promise<boolean> {
    const { loader, baud } = this;
    const rates = new DataView(new ArrayBuffer(8));
    rates.setUint32(0, baud, true);
    rates.setUint32(4, LOADER_BAUD, true);
    await loader.command(loader.ESP_CHANGE_BAUDRATE, new Uint8Array(rates.buffer));
    await loader.transport.changeBaudrate(baud);
    await loader.transport.drainInput();
    for (let attempt = 0; attempt < RATE_ATTEMPTS; attempt += 1) {
      if (await this.isResponsive()) return true;
    }
    return false;
  }

  private async isResponsive(): Promise<boolean> {
    try {
      await this.loader.readReg(this.loader.CHIP_DETECT_MAGIC_REG_ADDR, ANSWER_LIMIT_MS);
      return true;
    } catch (error) {
      if (this.failure() !== undefined) throw error;
      return false;
    }
  }

  /** What the package throws as what it means: `what`, unless the pipe was lost or everything was cancelled. */
  private async told<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const failure = this.failure();
      if (failure !== undefined) throw failure;
      if (isRigError(error)) throw error;
      throw new RigError('PROTOCOL', `${what}: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** `512KB` or `4MB` in bytes. */
const bytesOf = (size: string): number =>
  Number.parseInt(size, 10) * (size.includes('M') ? 1024 * 1024 : 1024);

/** The package's transport, which it has for the serial ports of browsers, over `pipe`. */
function createTransport({ Transport }: Pick<typeof import('esptool-js'), 'Transport'>, pipe: BytePipe) {
  let arrived: ReadableStreamDefaultController<Uint8Array> | undefined;
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => {
      arrived = controller;
    },
  });

  class PipeTransport extends Transport {
    /** Why nothing goes on. */
    failure: RigError | undefined;
    private isReading = false;
    private readonly stops = [
      pipe.onBytes((bytes) => arrived?.enqueue(Uint8Array.from(bytes))),
      pipe.onLost((error) => this.fail(error)),
    ];

    fail(error: RigError): void {
      if (this.failure !== undefined) return;
      this.failure = error;
      // Ends a read, which would wait for up to two minutes otherwise.
      arrived?.enqueue(END_OF_PACKETS);
    }

    release(): void {
      for (const stop of this.stops) stop();
      arrived?.close();
      arrived = undefined;
    }

    override async write(data: Uint8Array): Promise<void> {
      if (this.failure !== undefined) throw this.failure;
      await pipe.write(this.slipWriter(data));
    }

    override async read(timeoutMs: number): Promise<Uint8Array> {
      if (this.failure !== undefined) throw this.failure;
      const packet = await super.read(timeoutMs);
      if (this.failure !== undefined) throw this.failure;
      return packet;
    }

    override async connect(baud = LOADER_BAUD): Promise<void> {
      await pipe.setBaud(baud);
      this.baudrate = baud;
    }

    override async changeBaudrate(baud: number): Promise<boolean> {
      await this.connect(baud);
      return false;
    }

    /** The pipe stays open, and is read for as long as it is. */
    override async readLoop(): Promise<void> {
      if (this.isReading) return;
      this.isReading = true;
      await super.readLoop();
    }

    override async disconnect(): Promise<void> {}
    /** To start the chip is not the package's business here. */
    override async setRTS(): Promise<void> {}
    override async setDTR(): Promise<void> {}
    override async setSignals(): Promise<void> {}
    /** It would print. */
    override trace(): void {}
    override getInfo(): string {
      return pipe.name;
    }
    /** No USB numbers: what has some is taken for one of Espressif's own adapters or not by them. */
    override getVid(): undefined {}
    override getPid(): undefined {}
  }

  return new PipeTransport({ readable });
}
