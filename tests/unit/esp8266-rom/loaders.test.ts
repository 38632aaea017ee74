/** The loader in the chip's ROM, and the stand-in for the one that tools load: requests in, answers out. */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import {
  FLASH_BYTES,
  FLASH_ID,
  FlashMemory,
  SECTOR_BYTES,
} from '../../../drivers/virtual/esp8266/rom/flash-memory.js';
import type { Loader, LoaderMachine, Outcome } from '../../../drivers/virtual/esp8266/rom/loader.js';
import { failure, operation } from '../../../drivers/virtual/esp8266/rom/packets.js';
import { Registers } from '../../../drivers/virtual/esp8266/rom/registers.js';
import { RomLoader } from '../../../drivers/virtual/esp8266/rom/rom-loader.js';
import { StubLoader } from '../../../drivers/virtual/esp8266/rom/stub-loader.js';
import { blockRequest, type ParsedAnswer, parseAnswer, request, words } from './loader-client.js';

const OK = [0, 0];
const MAC = '5ccf7f0a0b0c';
const BLOCK = 0x400;

function machine() {
  let elapsedUs = 0;
  let stopAfterUs = Number.POSITIVE_INFINITY;
  const flash = new FlashMemory();
  const made: LoaderMachine = {
    flash,
    registers: new Registers({ mac: MAC, flashId: FLASH_ID, baud: () => 115_200 }),
    elapse: (durationUs) => {
      elapsedUs += durationUs;
      return elapsedUs < stopAfterUs;
    },
  };
  return {
    ...made,
    elapsedUs: () => elapsedUs,
    stopAfter: (us: number) => {
      stopAfterUs = elapsedUs + us;
    },
  };
}

const one = ({ packets }: Outcome): ParsedAnswer => {
  const [packet] = packets;
  if (packet === undefined) throw new Error('No answer.');
  return parseAnswer(packet);
};

const ask = (loader: Loader, operationCode: number, data?: Uint8Array): ParsedAnswer =>
  one(loader.take(request(operationCode, data)));

test('the ROM answers a synchronisation eight times, with a value that is not 0', (t) => {
  const { packets } = new RomLoader(machine()).take(request(operation.sync));
  t.is(packets.length, 8);
  for (const packet of packets)
    t.like(parseAnswer(packet), { operation: operation.sync, value: 0x2012_0707, status: OK });
});

test('registers: chip, MAC address, divider of the UART, identity of the flash', (t) => {
  for (const loader of [new RomLoader(machine()), new StubLoader(machine())]) {
    const read = (address: number) => ask(loader, operation.readRegister, words(address)).value;
    const write = (address: number, value: number, mask = 0xffff_ffff) =>
      t.deepEqual(ask(loader, operation.writeRegister, words(address, value, mask, 0)).status, OK);
    t.is(read(0x4000_1000), 0xfff0_c101);
    t.deepEqual(
      [0, 1, 2, 3].map((index) => read(0x3ff0_0050 + 4 * index)),
      [0x0c00_0000, 0x0200_0a0b, 0, 0x005c_cf7f],
    );
    t.is(Math.round((115_200 * read(0x6000_0014)) / 2 / 1e6), 26);
    write(0x6000_0220, 23 << 8);
    write(0x6000_0224, 0x7000_009f);
    write(0x6000_0200, 1 << 18);
    t.is(read(0x6000_0200), 0);
    t.is(read(0x6000_0240), FLASH_ID);
    write(0x6000_0100, 0xabcd);
    write(0x6000_0100, 0x1200, 0xff00);
    t.is(read(0x6000_0100), 0x12cd);
  }
});

test('a command that the ROM does not know is answered eight times with its error, one that the other does not once', (t) => {
  const { packets } = new RomLoader(machine()).take(request(0x14));
  t.is(packets.length, 8);
  for (const packet of packets) t.deepEqual(parseAnswer(packet).status, [1, failure.invalidMessage]);
  t.deepEqual(ask(new StubLoader(machine()), 0x14).status, [1, failure.unknownCommand]);
});

/** Writes `image` with either loader, plain. */
function writePlain(loader: Loader, image: Uint8Array, offset: number): void {
  const blocks = Math.ceil(image.length / BLOCK);
  ask(loader, operation.flashBegin, words(image.length, blocks, BLOCK, offset));
  for (let block = 0; block < blocks; block += 1) {
    const bytes = new Uint8Array(BLOCK).fill(0xff);
    bytes.set(image.subarray(block * BLOCK, (block + 1) * BLOCK));
    const answer = one(loader.take(blockRequest(operation.flashData, bytes, block)));
    if (answer.status[0] !== 0) throw new Error(`Block ${block}: ${answer.status}`);
  }
}

/** Writes `image` compressed. */
function writeDeflated(loader: Loader, image: Uint8Array, offset: number): void {
  const deflated = deflateSync(image);
  const blocks = Math.ceil(deflated.length / BLOCK);
  ask(loader, operation.deflateBegin, words(image.length, blocks, BLOCK, offset));
  for (let block = 0; block < blocks; block += 1) {
    const bytes = deflated.subarray(block * BLOCK, (block + 1) * BLOCK);
    const answer = one(loader.take(blockRequest(operation.deflateData, bytes, block)));
    if (answer.status[0] !== 0) throw new Error(`Block ${block}: ${answer.status}`);
  }
  const end = ask(loader, operation.deflateEnd, words(1));
  if (end.status[0] !== 0) throw new Error(`End: ${end.status}`);
}

const images = fc.tuple(
  fc.uint8Array({ minLength: 1, maxLength: 5_000 }),
  fc.integer({ min: 0, max: 60 }).map((sector) => sector * SECTOR_BYTES),
);

test('what is written is in the flash, and what is around its sectors is not touched', (t) => {
  for (const [make, write] of [
    [(m: LoaderMachine) => new RomLoader(m), writePlain],
    [(m: LoaderMachine) => new StubLoader(m), writePlain],
    [(m: LoaderMachine) => new StubLoader(m), writeDeflated],
  ] as const) {
    fc.assert(
      fc.property(images, ([image, offset]) => {
        const chip = machine();
        chip.flash.bytes.fill(0x11);
        write(make(chip), image, offset);
        t.deepEqual(chip.flash.bytes.slice(offset, offset + image.length), image);
        const end = Math.ceil((offset + image.length) / SECTOR_BYTES) * SECTOR_BYTES;
        t.is(chip.flash.bytes[end], 0x11);
        if (offset > 0) t.is(chip.flash.bytes[offset - 1], 0x11);
        const digest = ask(new StubLoader(chip), operation.flashMd5, words(offset, image.length, 0, 0)).data;
        t.deepEqual(Buffer.from(digest), createHash('md5').update(image).digest());
      }),
      { numRuns: 20 },
    );
  }
});

test('programming makes zeros only: without erasing, old and new are mixed', (t) => {
  const { flash } = machine();
  flash.program(10, Uint8Array.of(0xf0), () => true);
  flash.program(10, Uint8Array.of(0x3c), () => true);
  t.is(flash.bytes[10], 0x30);
});

test('a block with a wrong checksum, a wrong number, or without a beginning is refused', (t) => {
  for (const loader of [new RomLoader(machine()), new StubLoader(machine())]) {
    const block = blockRequest(operation.flashData, Uint8Array.of(1, 2, 3, 4), 0);
    t.is(one(loader.take(block)).status[0], 1);
    ask(loader, operation.flashBegin, words(4, 1, 4, 0));
    const wrong = block.slice();
    wrong[wrong.length - 1] = 9;
    t.deepEqual(one(loader.take(wrong)).status, [1, failure.invalidChecksum]);
    t.is(one(loader.take(blockRequest(operation.flashData, Uint8Array.of(1), 1))).status[0], 1);
    t.deepEqual(one(loader.take(block)).status, OK);
  }
});

test('damaged or overlong compressed data is refused, and too little of it at the end', (t) => {
  const image = new Uint8Array(3_000).map((_, index) => (index * 7919) & 0xff);
  const deflated = deflateSync(image);
  const begin = (length: number) => {
    const loader = new StubLoader(machine());
    ask(loader, operation.deflateBegin, words(length, 1, BLOCK, 0));
    return loader;
  };
  const broken = deflated.slice();
  broken.set([0xff, 0xff, 0xff], 2);
  t.deepEqual(one(begin(3_000).take(blockRequest(operation.deflateData, broken, 0))).status, [
    1,
    failure.deflate,
  ]);
  t.deepEqual(one(begin(2_000).take(blockRequest(operation.deflateData, deflated, 0))).status, [
    1,
    failure.deflate,
  ]);
  const short = begin(3_000);
  one(short.take(blockRequest(operation.deflateData, deflated.subarray(0, 40), 0)));
  t.deepEqual(ask(short, operation.deflateEnd, words(1)).status, [1, failure.deflate]);
});

test('a range outside the flash is refused', (t) => {
  const stub = new StubLoader(machine());
  for (const [code, data] of [
    [operation.flashBegin, words(1, 1, BLOCK, FLASH_BYTES)],
    [operation.deflateBegin, words(2, 1, BLOCK, FLASH_BYTES - 1)],
    [operation.flashMd5, words(FLASH_BYTES, 1, 0, 0)],
    [operation.eraseRegion, words(FLASH_BYTES, SECTOR_BYTES)],
    [operation.eraseRegion, words(100, SECTOR_BYTES)],
    [operation.readFlash, words(0xffff_ffff, 0xffff_ffff, 64, 1)],
  ] as const) {
    t.is(ask(stub, code, data).status[0], 1, `command ${code}`);
  }
});

test('erasing takes its time, and is cut short where that ends', (t) => {
  const chip = machine();
  chip.flash.bytes.fill(0);
  ask(new StubLoader(chip), operation.eraseRegion, words(SECTOR_BYTES, 2 * SECTOR_BYTES));
  t.is(chip.elapsedUs(), 90_000);
  t.deepEqual(
    [chip.flash.bytes[SECTOR_BYTES - 1], chip.flash.bytes[SECTOR_BYTES], chip.flash.bytes[3 * SECTOR_BYTES]],
    [0, 0xff, 0],
  );
  chip.stopAfter(50_000);
  ask(new RomLoader(chip), operation.flashBegin, words(3 * SECTOR_BYTES, 1, BLOCK, 0x8000));
  t.deepEqual([chip.flash.bytes[0x8000], chip.flash.bytes[0x9000]], [0xff, 0]);
});

test('reading the flash keeps to the window, and ends with its hash', (t) => {
  const chip = machine();
  chip.flash.bytes.set(
    Uint8Array.from({ length: 300 }, (_, index) => index & 0xff),
    64,
  );
  const stub = new StubLoader(chip);
  const [answer, ...blocks] = stub.take(request(operation.readFlash, words(64, 300, 100, 2))).packets;
  t.deepEqual(parseAnswer(answer ?? new Uint8Array(10)).status, OK);
  t.deepEqual(
    blocks.map((block) => block.length),
    [100, 100],
  );
  t.deepEqual(
    stub.take(words(100)).packets.map((block) => block.length),
    [100],
  );
  t.deepEqual(stub.take(words(200)).packets, []);
  const [digest] = stub.take(words(300)).packets;
  t.deepEqual(
    Buffer.from(digest ?? []),
    createHash('md5').update(chip.flash.bytes.subarray(64, 364)).digest(),
  );
  t.deepEqual(ask(stub, operation.readRegister, words(0x4000_1000)).status, OK, 'And takes requests again.');
});

test('what the chip does afterwards: run a loaded program, reset, run the flash', (t) => {
  const rom = new RomLoader(machine());
  t.is(one(rom.take(request(operation.memEnd, words(0, 0x4010_0000)))).status[0], 1, 'Nothing was loaded.');
  ask(rom, operation.memBegin, words(4, 1, 4, 0x4010_0000));
  one(rom.take(blockRequest(operation.memData, Uint8Array.of(1, 2, 3, 4), 0)));
  t.is(rom.take(request(operation.memEnd, words(1, 0))).afterwards, undefined);
  t.is(rom.take(request(operation.memEnd, words(0, 0x4010_0000))).afterwards, 'loaded');
  t.is(rom.take(request(operation.flashEnd, words(0))).afterwards, 'reset');
  t.is(rom.take(request(operation.flashEnd, words(1))).afterwards, 'firmware');
  const stub = new StubLoader(machine());
  t.is(stub.take(request(operation.flashEnd, words(0))).afterwards, 'reset');
  t.is(stub.take(request(operation.flashEnd, words(1))).afterwards, undefined);
  t.is(stub.take(request(operation.runUserCode)).afterwards, 'firmware');
});

test('no bytes, whatever they are, break either loader', (t) => {
  const codes = fc.constantFrom(...Object.values(operation));
  const any = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.tuple(codes, fc.uint8Array({ maxLength: 60 })).map(([code, data]) => request(code, data)),
    ),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(any, (packets) => {
      for (const loader of [new RomLoader(machine()), new StubLoader(machine())]) {
        for (const packet of packets) loader.take(packet);
      }
      t.pass();
    }),
    { numRuns: 60 },
  );
});
