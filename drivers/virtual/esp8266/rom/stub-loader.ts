/**
 * A stand-in for the program that flashing tools load into the chip's RAM ("flasher stub" of esptool): the real one is
 * machine code, and this board has no processor for it. Whatever is loaded and started, this is what runs.
 */
import { createHash } from 'node:crypto';
import { DeflatedTransfer } from './deflated-transfer.js';
import { SECTOR_BYTES } from './flash-memory.js';
import { FlashReading } from './flash-reading.js';
import { FlashWriting } from './flash-writing.js';
import { type Loader, type LoaderMachine, NOTHING, type Outcome } from './loader.js';
import {
  type Answer,
  answerPacket,
  failure,
  operation,
  parseBlock,
  parseRequest,
  type Request,
  word,
} from './packets.js';

/** What it says when it has started. */
export const GREETING = new TextEncoder().encode('OHAI');
const SYNC_ANSWERS = 8;

export class StubLoader implements Loader {
  private readonly machine: LoaderMachine;
  private writing: FlashWriting | undefined;
  private deflated: DeflatedTransfer | undefined;
  /** While the flash is read, the host sends nothing but how much has arrived. */
  private reading: FlashReading | undefined;

  constructor(machine: LoaderMachine) {
    this.machine = machine;
  }

  take(packet: Uint8Array): Outcome {
    if (this.reading !== undefined) {
      const { reading } = this;
      const packets = reading.acknowledged(word(packet, 0));
      if (reading.isOver) this.reading = undefined;
      return { packets };
    }
    const request = parseRequest(packet);
    return request === undefined ? NOTHING : this.obey(request);
  }

  private obey(request: Request): Outcome {
    const { data } = request;
    switch (request.operation) {
      case operation.sync:
        return { packets: Array.from({ length: SYNC_ANSWERS }, () => answerPacket(request.operation)) };
      case operation.readRegister:
        return answered(request, { value: this.machine.registers.read(word(data, 0)) });
      case operation.writeRegister:
        this.machine.registers.write(word(data, 0), word(data, 1), word(data, 2));
        return answered(request);
      case operation.runUserCode:
        return { packets: [], afterwards: 'firmware' };
      case operation.memBegin:
      case operation.memData:
      case operation.memEnd:
      case operation.spiSetParameters:
      case operation.spiAttach:
      // The UART follows the host's rate by itself.
      case operation.changeBaud:
        return answered(request);
      default:
        return this.obeyOnFlash(request);
    }
  }

  private obeyOnFlash(request: Request): Outcome {
    const { flash, elapse } = this.machine;
    const { data } = request;
    switch (request.operation) {
      case operation.flashBegin:
      case operation.deflateBegin:
        return this.begin(request);
      case operation.flashData:
        return this.write(request);
      case operation.deflateData:
        return this.inflate(request);
      case operation.flashEnd:
      case operation.deflateEnd:
        return this.end(request);
      case operation.flashMd5:
        return this.digest(request);
      case operation.eraseFlash:
        flash.eraseAll(elapse);
        return answered(request);
      case operation.eraseRegion:
        if (
          word(data, 0) % SECTOR_BYTES !== 0 ||
          word(data, 1) % SECTOR_BYTES !== 0 ||
          !this.isInFlash(data)
        ) {
          return answered(request, { failure: failure.failedToAct });
        }
        flash.erase(word(data, 0), word(data, 1), elapse);
        return answered(request);
      case operation.readFlash:
        return this.read(request);
      default:
        return answered(request, { failure: failure.unknownCommand });
    }
  }

  private begin(request: Request): Outcome {
    const { flash, elapse } = this.machine;
    const length = word(request.data, 0);
    const offset = word(request.data, 3);
    if (!flash.has(offset, length)) return answered(request, { failure: failure.failedToAct });
    this.writing = new FlashWriting({ flash, offset, length, elapse });
    this.deflated = request.operation === operation.deflateBegin ? new DeflatedTransfer(length) : undefined;
    return answered(request);
  }

  private write(request: Request): Outcome {
    const block = parseBlock(request);
    if ('failure' in block) return answered(request, block);
    if (this.writing?.write(block.bytes, block.sequence) !== true) {
      return answered(request, { failure: failure.failedToAct });
    }
    return answered(request);
  }

  private inflate(request: Request): Outcome {
    const block = parseBlock(request);
    if ('failure' in block) return answered(request, block);
    const bytes = this.deflated?.take(block.bytes);
    if (bytes === undefined) return answered(request, { failure: failure.deflate });
    if (this.writing?.write(bytes, block.sequence) !== true) {
      return answered(request, { failure: failure.failedToAct });
    }
    return answered(request);
  }

  /** A first word of 0 asks for a reset; otherwise it stays. */
  private end(request: Request): Outcome {
    const isShort = this.deflated?.isWhole === false;
    this.writing = undefined;
    this.deflated = undefined;
    if (isShort) return answered(request, { failure: failure.deflate });
    return word(request.data, 0) === 0 ? { ...answered(request), afterwards: 'reset' } : answered(request);
  }

  private digest(request: Request): Outcome {
    if (!this.isInFlash(request.data)) return answered(request, { failure: failure.failedToAct });
    const offset = word(request.data, 0);
    const range = this.machine.flash.bytes.subarray(offset, offset + word(request.data, 1));
    return answered(request, { data: createHash('md5').update(range).digest() });
  }

  private read(request: Request): Outcome {
    const { data } = request;
    if (!this.isInFlash(data)) return answered(request, { failure: failure.failedToAct });
    const bytes = this.machine.flash.bytes.slice(word(data, 0), word(data, 0) + word(data, 1));
    const reading = new FlashReading(bytes, { blockBytes: word(data, 2), blocksInFlight: word(data, 3) });
    const first = reading.acknowledged(0);
    if (!reading.isOver) this.reading = reading;
    return { packets: [...answered(request).packets, ...first] };
  }

  /** Whether a request's first two words, offset and length, are a range of the flash. */
  private isInFlash(data: Uint8Array): boolean {
    return this.machine.flash.has(word(data, 0), word(data, 1));
  }
}

const answered = (request: Request, answer: Answer = {}): Outcome => ({
  packets: [answerPacket(request.operation, answer)],
});
