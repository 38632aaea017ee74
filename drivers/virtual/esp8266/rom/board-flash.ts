/**
 * What is in the board's flash, through all its lives: the interpreter's image in the first megabyte, then the file
 * system, then five sectors of the vendor's. The interpreter is not really there, nor is the file system as bytes: the
 * files are kept as files. So any image counts as MicroPython's that begins as one for the chip must, and whatever a
 * loader does to the region of the file system destroys the file system; the next boot makes a new one.
 */
import type { Files } from '../flash.js';
import { FLASH_BYTES, FlashMemory, SECTOR_BYTES } from './flash-memory.js';

/** First byte of an image ("Firmware Image Format" of esptool's documentation). */
const IMAGE_MAGIC = 0xe9;
/** Where the ESP8266 port has its file system in a flash of 4 MB (ports/esp8266, `flashbdev`). */
const FILE_SYSTEM = { begin: 0x10_0000, end: FLASH_BYTES - 5 * SECTOR_BYTES } as const;

/** What the port writes when it makes a file system: no program, and nothing that would take memory. */
export const PORT_FACTORY_FILES: Files = new Map([
  [
    'boot.py',
    new TextEncoder().encode(
      '# This file is executed on every boot (including wake-boot from deepsleep)\nimport gc\ngc.collect()\n',
    ),
  ],
]);

export class BoardFlash {
  /** The file system's contents; undefined when it has been destroyed. */
  private kept: Files | undefined;
  private readonly factory: Files;
  private bytes: FlashMemory | undefined;

  /** `files`: undefined for a chip that was erased and has just been given its image. `factory`: what that image writes then. */
  constructor(files: Files | undefined, factory: Files = PORT_FACTORY_FILES) {
    this.kept = files;
    this.factory = factory;
  }

  /** The files as the interpreter finds them: those of a new file system where there is none. */
  get files(): Files {
    return this.kept ?? this.factory;
  }
  set files(files: Files) {
    this.kept = files;
  }

  /** Whether the ROM finds an image to boot. */
  get isBootable(): boolean {
    return this.bytes === undefined || this.bytes.bytes[0] === IMAGE_MAGIC;
  }

  /** As bytes, for a loader. Made when first asked for: few boards are ever flashed. */
  get memory(): FlashMemory {
    if (this.bytes === undefined) {
      this.bytes = new FlashMemory((offset, end) => this.changed(offset, end));
      // Something stands for the interpreter's image, and for the files as sectors that are not empty.
      this.bytes.bytes[0] = IMAGE_MAGIC;
      this.bytes.bytes.fill(0, FILE_SYSTEM.begin, FILE_SYSTEM.begin + SECTOR_BYTES);
    }
    return this.bytes;
  }

  private changed(offset: number, end: number): void {
    if (offset < FILE_SYSTEM.end && end > FILE_SYSTEM.begin) this.kept = undefined;
  }
}
