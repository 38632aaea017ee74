/**
 * The loader in the chip's ROM: registers, RAM and flash by blocks. It knows neither compression, nor hashes, nor how
 * to read the flash; tools load a program of their own for that.
 */
import { type Loader, type LoaderMachine, NOTHING, type Outcome } from './loader.js';
import { answerPacket, failure, operation, parseBlock, parseRequest, type Request, word } from './packets.js';

/** What the ROM answers a synchronisation with: the request's own first word, seen on every chip. */
const SYNC_VALUE = 0x2012_0707;
const SYNC_ANSWERS = 8;
/** A command that it does not know is answered as often, and with no command's number (esptool-js 0.7, `readPacket`). */
const UNKNOWN_ANSWERS = 8;
const NO_OPERATION = 0;

export class RomLoader implements Loader {
  private readonly machine: LoaderMachine;
  /** Where the next block of a flash transfer goes. */
  private writeAt: number | undefined;
  private nextBlock = 0;
  private loadedBytes = 0;
  private loading = false;

  constructor(machine: LoaderMachine) {
    this.machine = machine;
  }

  take(packet: Uint8Array): Outcome {
    const request = parseRequest(packet);
    return request === undefined ? NOTHING : this.obey(request);
  }

  private obey(request: Request): Outcome {
    const { data } = request;
    switch (request.operation) {
      case operation.sync:
        return repeated(SYNC_ANSWERS, answerPacket(request.operation, { value: SYNC_VALUE }));
      case operation.readRegister:
        return done(request, { value: this.machine.registers.read(word(data, 0)) });
      case operation.writeRegister:
        this.machine.registers.write(word(data, 0), word(data, 1), word(data, 2));
        return done(request);
      case operation.flashBegin:
        return this.beginFlash(request);
      case operation.flashData:
        return this.writeFlash(request);
      case operation.flashEnd:
        this.writeAt = undefined;
        return { ...done(request), afterwards: word(data, 0) === 0 ? 'reset' : 'firmware' };
      case operation.memBegin:
        this.loading = true;
        this.nextBlock = 0;
        return done(request);
      case operation.memData:
        return this.load(request);
      case operation.memEnd:
        return this.endLoading(request);
      default:
        return repeated(UNKNOWN_ANSWERS, answerPacket(NO_OPERATION, { failure: failure.invalidMessage }));
    }
  }

  /** Erases as much as the host says, before it answers. */
  private beginFlash(request: Request): Outcome {
    const { flash, elapse } = this.machine;
    const length = word(request.data, 0);
    const offset = word(request.data, 3);
    if (!flash.has(offset, length)) return failed(request, failure.failedToAct);
    flash.erase(offset, length, elapse);
    this.writeAt = offset;
    this.nextBlock = 0;
    return done(request);
  }

  private writeFlash(request: Request): Outcome {
    const { flash, elapse } = this.machine;
    const block = parseBlock(request);
    if ('failure' in block) return failed(request, block.failure);
    if (this.writeAt === undefined || block.sequence !== this.nextBlock) {
      return failed(request, failure.failedToAct);
    }
    // The last block is filled up, beyond the end of the flash at worst.
    flash.program(this.writeAt, block.bytes.subarray(0, flash.bytes.length - this.writeAt), elapse);
    this.writeAt += block.bytes.length;
    this.nextBlock += 1;
    return done(request);
  }

  private load(request: Request): Outcome {
    const block = parseBlock(request);
    if ('failure' in block) return failed(request, block.failure);
    if (!this.loading || block.sequence !== this.nextBlock) return failed(request, failure.failedToAct);
    this.loadedBytes += block.bytes.length;
    this.nextBlock += 1;
    return done(request);
  }

  /** With a place to go to, the program runs that was loaded. */
  private endLoading(request: Request): Outcome {
    this.loading = false;
    const stays = word(request.data, 0) !== 0;
    if (stays) return done(request);
    if (this.loadedBytes === 0) return failed(request, failure.failedToAct);
    return { ...done(request), afterwards: 'loaded' };
  }
}

const done = (request: Request, answer: { readonly value?: number } = {}): Outcome => ({
  packets: [answerPacket(request.operation, answer)],
});

const failed = (request: Request, reason: number): Outcome => ({
  packets: [answerPacket(request.operation, { failure: reason })],
});

const repeated = (count: number, packet: Uint8Array): Outcome => ({
  packets: Array.from({ length: count }, () => packet),
});
